/**
 * Long rows: the threads of a workgroup share one point of the box. The points of each loop go round the threads,
 * each thread accumulates its own, and the threads' accumulators are combined in one fixed order. Rounding then grows
 * with a thread's share and the depth of the tree, not with the length of the row.
 */
import * as build from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { keyOfExpression } from "../../notation/key.js";
import type { Code } from "../program.js";
import { storedIn, tensorsOf } from "./code-facts.js";
import { routines, type GpuKernel } from "./program.js";

/** Threads that share a row. */
export const threadsOfRow = 128;
export const rowLane = "lane";

export interface Cooperative {
  readonly kernel: GpuKernel;
  /** How many points the longest loop has whose length sizes alone decide. */
  readonly length: Int;
}

type Loop = Extract<Code, { kind: "loop" }>;
type Combination = "sum" | "product" | "max" | "min";
const neutral: Readonly<Record<Combination, number>> = { sum: 0, product: 1, max: -Infinity, min: Infinity };

/** The kernel with its rows shared, the threads' accumulators in `shared`; undefined where its loops do more than accumulate and store. */
export function cooperative(
  kernel: GpuKernel,
  isSize: (name: string) => boolean,
  shared: string,
): Cooperative | undefined {
  const lengths: Int[] = [];
  const initial = new Map<string, Expression>();
  const combined = new Set<string>();
  const written = new Set<string>();
  const body: Code[] = [];
  for (const [at, code] of kernel.body.entries()) {
    const before = [...written].some((name) => tensorsOf([code]).has(name));
    if (before) {
      body.push(call(routines.storageBarrier));
      written.clear();
    }
    if (code.kind === "accumulator") initial.set(code.name, code.value);
    if (code.kind === "loop" || code.kind === "if") {
      const found = new Map<string, Combination>();
      if (!accumulates([code], code.kind === "loop", new Set(), found)) return undefined;
      body.push(...distributed([code], isSize, lengths));
      for (const [name, combination] of found) {
        const start = initial.get(name);
        const fits = start?.kind === "constant" && build.valueOf(start) === neutral[combination];
        if (!fits || combined.has(name)) return undefined;
        combined.add(name);
        const value: Expression = { kind: "parameter", name };
        body.push(call(routines[combination], [shared], [integer.variable(rowLane)], [value]));
      }
      storedIn([code]).forEach((name) => written.add(name));
    } else if (code.kind === "store") {
      body.push({
        kind: "if",
        condition: build.isZero(integer.variable(rowLane)),
        then: [code],
        otherwise: [],
      });
      written.add(code.buffer);
    } else if (code.kind === "assign" && at > 0 && combined.has(code.name)) return undefined;
    else body.push(code);
  }
  const [first, ...others] = lengths;
  if (!first) return undefined;
  return {
    length: others.reduce((a, b) => integer.extremum("max", a, b), first),
    kernel: {
      ...kernel,
      name: `${kernel.name}Rows`,
      threads: {
        kind: "groups",
        box: kernel.threads.box,
        size: threadsOfRow,
        lane: rowLane,
        shared: combined.size > 0 ? [{ name: shared, type: "real", length: threadsOfRow }] : [],
      },
      body,
    },
  };
}

const call = (
  routine: string,
  buffers: readonly string[] = [],
  integers: readonly Int[] = [],
  reals: readonly Expression[] = [],
): Code => ({ kind: "call", routine, buffers, integers, reals });

/** Whether the code changes nothing of outside but buffers and accumulators, inside loops; collects how these are combined. */
function accumulates(
  block: readonly Code[],
  looped: boolean,
  own: ReadonlySet<string>,
  found: Map<string, Combination>,
): boolean {
  const known = new Set(own);
  const accumulation = (name: string, combination: Combination | undefined): boolean => {
    if (known.has(name)) return true;
    if (!looped || combination === undefined || (found.get(name) ?? combination) !== combination)
      return false;
    found.set(name, combination);
    return true;
  };
  return block.every((code): boolean => {
    switch (code.kind) {
      case "integer":
      case "real":
      case "counter":
      case "accumulator":
        known.add(code.name);
        return true;
      case "assign":
        return accumulation(code.name, combinationOf(code.name, code.value));
      case "store":
        return looped;
      case "loop":
        return accumulates(code.body, true, known, found);
      case "if": {
        const extreme = extremeOf(code);
        if (extreme) return accumulation(extreme.name, extreme.combination);
        return [code.then, code.otherwise].every((part) => accumulates(part, looped, known, found));
      }
      default:
        return false;
    }
  });
}

/** s = s + v, p = p · v. */
function combinationOf(name: string, value: Expression | Int): Combination | undefined {
  if (value.kind !== "add" && value.kind !== "multiply") return undefined;
  const parts = value.kind === "add" ? value.terms : value.factors;
  const itself = parts.filter((p) => p.kind === "parameter" && p.name === name);
  return itself.length === 1 ? (value.kind === "add" ? "sum" : "product") : undefined;
}

/** if (best < v) best = v, and the other way round. */
function extremeOf({
  condition,
  then,
  otherwise,
}: {
  readonly condition: Condition;
  readonly then: readonly Code[];
  readonly otherwise: readonly Code[];
}): { name: string; combination: Combination } | undefined {
  const [only, more] = then;
  if (only?.kind !== "assign" || more || otherwise.length > 0) return undefined;
  const { name, value } = only;
  if (condition.kind !== "compare" || condition.operator !== "<" || value.kind === "int") return undefined;
  const same = (a: Expression, b: Expression): boolean => keyOfExpression(a) === keyOfExpression(b);
  const best: Expression = { kind: "parameter", name };
  if (same(condition.left, best) && same(condition.right, value)) return { name, combination: "max" };
  if (same(condition.left, value) && same(condition.right, best)) return { name, combination: "min" };
  return undefined;
}

/** The outermost loops, each with its points dealt out to the threads in turn. */
function distributed(
  block: readonly Code[],
  isSize: (name: string) => boolean,
  lengths: Int[],
): readonly Code[] {
  return block.map((code): Code => {
    if (code.kind === "if")
      return {
        ...code,
        then: distributed(code.then, isSize, lengths),
        otherwise: distributed(code.otherwise, isSize, lengths),
      };
    return code.kind === "loop" ? dealt(code, isSize, lengths) : code;
  });
}

function dealt(loop: Loop, isSize: (name: string) => boolean, lengths: Int[]): Code {
  const { nest, definitions, body } = perfectNest(loop);
  const lane = integer.variable(rowLane);
  const size = integer.constant(threadsOfRow);
  const total = integer.times(integer.one, ...nest.map((l) => l.to));
  if ([...integer.variablesOf(total)].every(isSize) && integer.literal(loop.from) === 0) lengths.push(total);
  if (nest.length === 1)
    return {
      ...loop,
      from: integer.plus(loop.from, integer.times(lane, loop.step)),
      step: integer.times(loop.step, size),
    };
  const index = `${nest.map((l) => l.index).join("")}'`;
  const indices = nest.map((l, at): Code => {
    const inner = integer.times(integer.one, ...nest.slice(at + 1).map((o) => o.to));
    const outer = integer.floorDivide(integer.variable(index), inner);
    return { kind: "integer", name: l.index, value: at === 0 ? outer : integer.modulo(outer, l.to) };
  });
  return {
    kind: "loop",
    index,
    from: lane,
    to: total,
    step: size,
    body: [...indices, ...definitions, ...body],
  };
}

/** Loops over whole ranges one directly inside the other, none of whose ends depends on another. */
function perfectNest(loop: Loop): {
  nest: readonly Loop[];
  definitions: readonly Code[];
  body: readonly Code[];
} {
  const nest = [loop];
  const definitions: Code[] = [];
  const own = new Set<string>();
  let body = loop.body;
  const whole = (l: Loop): boolean => integer.literal(l.from) === 0 && integer.literal(l.step) === 1;
  for (;;) {
    const inner = body.at(-1);
    const before = body.slice(0, -1);
    own.add(nest.at(-1)?.index ?? "");
    for (const code of before) if (code.kind === "integer") own.add(code.name);
    const pure = before.every((code) => code.kind === "integer");
    if (!pure || inner?.kind !== "loop" || !nest.every(whole) || !whole(inner)) break;
    if ([...integer.variablesOf(inner.to)].some((name) => own.has(name))) break;
    definitions.push(...before);
    nest.push(inner);
    body = inner.body;
  }
  return { nest, definitions, body };
}
