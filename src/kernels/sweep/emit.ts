/** Sweeps as loops: a row of accumulators, the window around it, the row stored. */
import { simplifyInt } from "../../algebra/integers.js";
import { substitute } from "../../notation/binders.js";
import * as build from "../../notation/construct.js";
import type { Binder, Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { namesInCondition, readsIn } from "../../notation/traverse.js";
import { limitsOf } from "../limits.js";
import { axisName, emitStore, type Shapes } from "../offsets.js";
import { emitIf, emitLoops, namedLimits, renameForKernel, type Emitter } from "../reduce.js";
import { courseOf, orderOf, type Course } from "./course.js";
import { emitFinished, holdReads } from "./finish.js";
import { rowFor } from "./row.js";
import { emitUnrolled, unroll } from "./unrolled.js";
import type { Sweep } from "./sweep.js";

/** How many terms one walk along the row adds, so that the row's sums are loaded and stored once for all of them. */
const joinedSteps = 3;

/** Computes the statement; for an argmax also `best`, the statement of its maximum. */
export function emitWindows(
  statement: Statement,
  sweep: Sweep,
  emitter: Emitter,
  shapes: Shapes,
  best?: Statement,
): void {
  const unrolled = unroll(statement, sweep, emitter.builder.facts);
  if (unrolled) emitUnrolled(statement, sweep, unrolled, emitter, shapes, best);
  else emitSweep(statement, sweep, emitter, shapes, best);
}

function emitSweep(
  statement: Statement,
  sweep: Sweep,
  emitter: Emitter,
  shapes: Shapes,
  best?: Statement,
): void {
  const { along } = sweep;
  const outer = statement.indices.filter((i) => i.name !== along.name);
  const { builder } = emitter;
  const row = rowFor(sweep, emitter, shapes);
  builder.results(outer, () => {
    row.clear();
    const reduction = renameForKernel(sweep.reduction, builder);
    const renamed = { ...sweep, reduction };
    const course = courseOf(renamed, builder.facts, () => builder.name(quotientName(renamed, shapes)));
    walkWindow(renamed, course, emitter, (terms) => row.add(terms, course, reduction));
    const epilogue = holdReads(sweep.epilogue, new Set([along.name]), emitter);
    builder.loops([along], () => {
      const at = integer.variable(along.name);
      if (best) emitStore(builder, shapes, best, () => row.best(at));
      emitFinished(statement, epilogue, row.result(at), emitter, shapes);
    });
  });
}

/** The axis at which a quotient along the row is read: `q` for an axis of extent Q. */
function quotientName({ along, reduction }: Sweep, shapes: Shapes): string {
  const names = readsIn(reduction.body).flatMap((read) => {
    const axis = read.subscripts.findIndex((s) =>
      integer.someAtom(s, (atom) => atom.kind === "exact" && integer.mentions(atom.numerator, along.name)),
    );
    const tensor = shapes.get(read.tensor);
    return axis >= 0 && tensor ? [axisName(tensor, axis)] : [];
  });
  return names[0] ?? "at";
}

/** The loops over the window; `add` emits the innermost one for a term, or several at once. */
function walkWindow(
  sweep: Sweep,
  course: Course,
  emitter: Emitter,
  add: (terms: readonly Expression[]) => void,
): void {
  const { outer, joined } = orderOf(sweep, course);
  const own = course.conditions.filter((c) => mentions(c, course.binder));
  const others = course.conditions.filter((c) => !own.includes(c));
  const along = (terms: readonly Expression[]): void => emitAlong(terms, own, course, emitter, add);
  if (!joined) return emitLoops(outer, others, emitter, () => along([course.body]));
  const waiting = others.filter((c) => mentions(c, joined));
  const ready = others.filter((c) => !waiting.includes(c));
  const term = (at: Int): Expression => substitute(course.body, new Map([[joined.name, at]]));
  emitLoops(outer, ready, emitter, () =>
    emitJoined(joined, waiting, emitter, (places) => along(places.map(term))),
  );
}

/** A loop that takes three steps at a time, and one for the steps that are left: of n, the last n mod 3. */
function emitJoined(
  binder: Binder,
  conditions: readonly Condition[],
  emitter: Emitter,
  fill: (places: readonly Int[]) => void,
): void {
  const { builder, constants } = emitter;
  const named = (value: Int, end: string): Int => builder.define(value, `${binder.name}${end}`);
  const limits = limitsOf(binder, conditions, builder.facts, constants, named);
  emitIf(limits.precondition, emitter, () => {
    const { index, from, to, step } = namedLimits(binder.name, limits, builder);
    const group = integer.scale(step, joinedSteps);
    const length = integer.extremum("max", integer.zero, integer.minus(to, from));
    builder.states(binder.upper, joinedSteps);
    const count = integer.floorDivide(integer.plus(length, step, integer.constant(-1)), group);
    const groups = simplifyInt(count, builder.facts);
    const rest = builder.named(integer.plus(from, integer.times(group, groups)), `${binder.name}Rest`);
    const loop = (name: string, start: Int, end: Int, by: number): void => {
      if (integer.equal(start, end)) return;
      const within = { ...binder, name };
      builder.loop({ index: name, from: start, to: end, step: integer.scale(step, by), within }, () => {
        const places = Array.from({ length: by }, (_, i) =>
          integer.plus(integer.variable(name), integer.scale(step, i)),
        );
        emitIf(build.and(...limits.rest), emitter, () => fill(places));
      });
    };
    if (limits.rest.length === 0) {
      loop(index, from, rest, joinedSteps);
      loop(builder.name(index), rest, to, 1);
    } else loop(index, from, to, 1);
  });
}

const mentions = (c: Condition, binder: Binder): boolean => namesInCondition(c).has(binder.name);

/** The loop along the row. What does not change along it is read before. */
function emitAlong(
  terms: readonly Expression[],
  conditions: readonly Condition[],
  { binder }: Course,
  emitter: Emitter,
  add: (terms: readonly Expression[]) => void,
): void {
  const held = terms.map((term) => holdReads(term, new Set([binder.name]), emitter));
  emitLoops([binder], conditions, emitter, () => add(held));
}
