/**
 * Windows of a few points, all known when the kernel is made (a variant's 3 × 3, a pooling of 2 × 2): every point is a
 * term of its own where the whole window lies in bounds, and only the results at the edges loop over theirs.
 */
import { simplifyCondition } from "../../algebra/integers.js";
import { substitute, substituteCondition } from "../../notation/binders.js";
import * as build from "../../notation/construct.js";
import type { Condition, Expression, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { walk } from "../../notation/traverse.js";
import { factsInside } from "../../ranges/facts.js";
import type { Facts } from "../../ranges/prove.js";
import { emitAccumulation, takesPosition, type Emitter } from "../reduce.js";
import type { Shapes } from "../offsets.js";
import { emitStore } from "../offsets.js";
import { boxExtents, flatPosition } from "../../calculus/positions.js";
import { emitFinished, holdReads } from "./finish.js";
import { slides, type Sweep } from "./sweep.js";

/** More terms than this are loops again: their reads would not stay in registers. */
const mostPoints = 16;

export interface Unrolled {
  /** One term for each point of the window, in the order of its binders. */
  readonly terms: readonly Expression[];
  /** Their positions in the window, for an argmax. */
  readonly positions: readonly Int[];
  /** Where the whole window is in bounds, in terms of the statement's indices. */
  readonly inside: Condition;
}

/** The sweep's window written out; undefined where its size is not known, or its points differ from result to result. */
export function unroll(statement: Statement, { reduction }: Sweep, facts: Facts): Unrolled | undefined {
  const points = pointsOf(reduction);
  if (!points || dividesAnywhere(reduction)) return undefined;
  const within = factsInside(facts, statement.indices);
  const conditions = points.map((point) => substituteCondition(reduction.guard, point));
  const flat = flatPosition(reduction.binders, boxExtents(reduction.binders, facts));
  return {
    positions: points.map((point) => integer.substituteInt(flat, point)),
    terms: points.map((point) => substitute(reduction.body, point)),
    inside: simplifyCondition(build.and(...conditions), within),
  };
}

function pointsOf({ binders }: Reduction): readonly ReadonlyMap<string, Int>[] | undefined {
  let points: ReadonlyMap<string, Int>[] = [new Map()];
  for (const { name, lower, upper } of binders) {
    const [from, to] = [integer.literal(lower), integer.literal(upper)];
    if (from === undefined || to === undefined || points.length * (to - from) > mostPoints) return undefined;
    const values = Array.from({ length: Math.max(0, to - from) }, (_, i) => integer.constant(from + i));
    points = points.flatMap((point) => values.map((value) => new Map([...point, [name, value]])));
  }
  return points;
}

/** A stride's gradient meets other taps in each phase. */
function dividesAnywhere({ guard, body }: Reduction): boolean {
  let found = false;
  const int = (value: Int): void => {
    found ||= integer.someAtom(value, ({ kind }) => kind === "exact" || kind === "modulo");
  };
  walk(build.select(guard, body, build.zero), { int });
  return found;
}

/** Computes the statement; for an argmax also `best`, the statement of its maximum. */
export function emitUnrolled(
  statement: Statement,
  sweep: Sweep,
  { terms, positions, inside }: Unrolled,
  emitter: Emitter,
  shapes: Shapes,
  best?: Statement,
): void {
  const { builder } = emitter;
  const { reduction, epilogue } = sweep;
  const { indices } = statement;
  const first = indices.findIndex((i) => slides(reduction, i.name));
  const moving = new Set(indices.slice(first).map((i) => i.name));
  const finish = (value: Expression, extreme: Expression): void => {
    if (best) emitStore(builder, shapes, best, () => extreme);
    emitFinished(statement, epilogue, value, emitter, shapes);
  };
  builder.results(indices.slice(0, first), () => {
    const held = terms.map((term) => holdReads(term, moving, emitter));
    builder.results(indices.slice(first), () => {
      const whole = (): void => {
        if (reduction.name === "sum") return finish(build.add(...held.map(emitter.value)), build.zero);
        const found = emitFirst(reduction.name, held, positions, emitter);
        finish(found.position ?? found.total, found.total);
      };
      const atEdge = (): void => {
        const found = emitAccumulation(reduction, emitter);
        finish(found.position ?? found.total, found.total);
      };
      if (inside.kind === "truth" && inside.value) return whole();
      const [then, otherwise] = [builder.block(whole), builder.block(atEdge)];
      builder.emit({ kind: "if", condition: emitter.condition(inside), then, otherwise });
    });
  });
}

/** The greatest (least) term and the position of the first that equals it. */
function emitFirst(
  name: Reduction["name"],
  terms: readonly Expression[],
  positions: readonly Int[],
  { builder, value }: Emitter,
): { readonly total: Expression; readonly position?: Expression } {
  const [start = build.zero, ...others] = terms;
  const best = builder.name("best");
  const total: Expression = { kind: "parameter", name: best };
  builder.emit({ kind: "accumulator", name: best, value: value(start) });
  const position = name.startsWith("arg")
    ? builder.counter("position", positions[0] ?? integer.zero)
    : undefined;
  others.forEach((term, i) => {
    const named = builder.name("value");
    builder.emit({ kind: "real", name: named, value: value(term) });
    const found: Expression = { kind: "parameter", name: named };
    const of = name.endsWith("max") ? "max" : "min";
    if (position === undefined) {
      builder.emit({ kind: "assign", name: best, value: build.call(of, [total, found]) });
      return;
    }
    builder.emit({
      kind: "if",
      condition: takesPosition(of, found, total),
      then: [
        { kind: "assign", name: best, value: found },
        { kind: "assign", name: position, value: positions[i + 1] ?? integer.zero },
      ],
      otherwise: [],
    });
  });
  return position === undefined
    ? { total }
    : { total, position: { kind: "integer", value: integer.variable(position) } };
}
