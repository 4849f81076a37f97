/**
 * Long sums, four terms a turn: s += x₀ + x₁ + x₂ + x₃. What a turn costs beside its reads is shared by four, a
 * quarter of the additions waits for the one before, and rounding grows with a quarter of the length.
 */
import { substitute } from "../../../notation/binders.js";
import * as build from "../../../notation/construct.js";
import type { Expression } from "../../../notation/expression.js";
import { freshNames } from "../../../notation/fresh.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Layer } from "../../../notation/layer.js";
import { countNodes, readsIn } from "../../../notation/traverse.js";
import { inTurns, pointsInTurn, turnsOf, type Loop } from "../../copies.js";
import { hoistInvariants } from "../../invariants.js";
import type { Code, Edge } from "../../program.js";
import { longSizes } from "../../unroll.js";
import { namesMade, namesUsed } from "../../walk-code.js";
import type { GpuKernel } from "../program.js";

/** Four copies of larger terms save little, and are hard to read. */
const mostNodes = 24;

export interface InFours {
  readonly kernel: GpuKernel;
  /** Whether there are such sums, and no others. */
  readonly complete: boolean;
}

/** The kernel with such sums, and what does not change in them before them; itself where it has none. */
export function inFours(kernel: GpuKernel, layer: Layer): InFours {
  const long = longSizes(layer);
  const locals = new Set([...namesMade(kernel.body), ...kernel.threads.box.map((i) => i.name)]);
  const { local: fresh } = freshNames([...locals, ...kernel.integers, ...kernel.reals]);
  const ends = new Map<string, Extract<Code, { kind: "integer" }>>();
  const edges = new Map<string, Edge>();
  const endOf = (loop: Loop): Int => {
    const value = turnsOf(loop);
    const key = integer.keyOf(value);
    const end = ends.get(key) ?? { kind: "integer", name: fresh(`${bare(loop.index)}Whole`), value };
    ends.set(key, end);
    edges.set(key, { extent: loop.to, at: pointsInTurn });
    return integer.variable(end.name);
  };
  /** An axis of the data, not of a window, and as long in all threads. */
  const isLong = ({ to }: Loop): boolean => {
    const names = [...integer.variablesOf(to)];
    return names.some((n) => long.has(n)) && !names.some((n) => locals.has(n));
  };
  let others = false;
  const inLoop = (loop: Loop): readonly Code[] => {
    const sums = isLong(loop) ? sumsOf(loop) : undefined;
    others ||= !sums && loop.body.some((c) => c.kind === "assign" && c.value.kind !== "int");
    if (!sums) return [{ ...loop, body: inBlock(loop.body) }];
    const whole = endOf(loop);
    const at = (e: Expression, i: number): Expression =>
      substitute(e, new Map([[loop.index, integer.plus(integer.variable(loop.index), integer.constant(i))]]));
    const body = sums.map(({ name, term }): Code => {
      const terms = Array.from({ length: pointsInTurn }, (_, i) => at(term, i));
      return { kind: "assign", name, value: build.add({ kind: "parameter", name }, ...terms) };
    });
    return inTurns(loop, { whole, rest: whole }, body);
  };
  const inBlock = (block: readonly Code[]): readonly Code[] =>
    block.flatMap((c): readonly Code[] => {
      if (c.kind === "if") return [{ ...c, then: inBlock(c.then), otherwise: inBlock(c.otherwise) }];
      return c.kind === "loop" ? inLoop(c) : [c];
    });
  inBlock(kernel.body);
  if (ends.size === 0) return { kernel, complete: false };
  const body = inBlock(hoistInvariants(kernel.body, fresh));
  const stated = [...(kernel.edges ?? []), ...edges.values()];
  return { kernel: { ...kernel, body: [...ends.values(), ...body], edges: stated }, complete: !others };
}
const bare = (index: string): string => index.replace(/(_\d+|')+$/, "");

/** What the loop, over a whole axis, adds to which totals, where it does nothing else and reads in even steps. */
function sumsOf({ index, from, step, body }: Loop) {
  if (integer.literal(from) !== 0 || integer.literal(step) !== 1) return undefined;
  const sums = body.flatMap((c) => {
    if (c.kind !== "assign" || c.value.kind !== "add") return [];
    const terms = c.value.terms.filter((t) => !(t.kind === "parameter" && t.name === c.name));
    return terms.length === c.value.terms.length - 1 ? [{ name: c.name, term: build.add(...terms) }] : [];
  });
  const totals = new Set(sums.map((s) => s.name));
  const nodes = sums.reduce((count, { term }) => count + countNodes(term), 0);
  if (totals.size < body.length || nodes > mostNodes) return undefined;
  const reads = sums.flatMap(({ term }) => readsIn(term)).map((r) => r.subscripts[0] ?? integer.zero);
  const moving = reads.filter((offset) => integer.mentions(offset, index));
  const crosses = sums.some(({ term }) => [...namesUsed(term)].some((name) => totals.has(name)));
  return moving.length > 0 && moving.every((o) => integer.affineIn(o, index)) && !crosses ? sums : undefined;
}
