/** A reduction as loops around an accumulator. */
import { rebind, rebindCondition, renameBinders, type Rebinding } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import { conjuncts } from "../notation/construct.js";
import type { Binder, Condition, Expression, Quantified, Reduction } from "../notation/expression.js";
import { bare } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { namesInCondition } from "../notation/traverse.js";
import { boxExtents, flatPosition } from "../calculus/positions.js";
import { keyOfCondition } from "../notation/key.js";
import type { Builder } from "./block.js";
import type { PlanConstants } from "./constants.js";
import { limitsOf, type Limits } from "./limits.js";
import type { Code } from "./program.js";

/** What the reduction needs of the expression compiler. */
export interface Emitter {
  readonly builder: Builder;
  readonly constants: PlanConstants;
  readonly value: (e: Expression) => Expression;
  readonly condition: (c: Condition) => Condition;
}

const parameter = (name: string): Expression => ({ kind: "parameter", name });

/** Emits the loops and gives the accumulator; for an argmax its position. */
export const emitReduction = (e: Reduction, emitter: Emitter): Expression => {
  const { total, position } = emitAccumulation(e, emitter);
  return position ?? total;
};

/** The best value of an argmax (argmin) together with its position. */
export function emitExtreme(e: Reduction, emitter: Emitter): { best: Expression; position: Expression } {
  const { total, position } = emitAccumulation(e, emitter);
  if (!position) throw new Error(`a ${e.name} has no position`);
  return { best: total, position };
}

/** The accumulator; for an argmax also its position. */
export function emitAccumulation(
  original: Reduction,
  emitter: Emitter,
): { readonly total: Expression; readonly position?: Expression } {
  const { builder } = emitter;
  const { binders, guard, body, name } = renameForKernel(original, builder);
  const accumulate = accumulators[name];
  if (!accumulate) throw new Error(`a ${name} reaches the kernels`);
  const total = builder.name(accumulate.name);
  builder.emit({ kind: "accumulator", name: total, value: accumulate.initial });
  let position: string | undefined;
  let seen: string | undefined;
  if (name === "argmax" || name === "argmin") {
    position = builder.counter("position", integer.constant(-1));
    // where positions may be negative, they cannot say whether a point was seen
    const positive = binders.every((b) => (integer.literal(b.lower) ?? -1) >= 0);
    seen = positive ? undefined : builder.counter("seen", integer.zero);
  }
  emitLoops(binders, conjuncts(guard), emitter, () => {
    const value = emitter.value(body);
    if (position !== undefined) {
      const flat = flatPosition(binders, boxExtents(binders, builder.facts, builder.scope()));
      emitArg({ best: total, position, seen }, value, flat, name === "argmax", builder);
    } else emitStep(name, total, value, builder);
  });
  if (position === undefined) return { total: parameter(total) };
  return { total: parameter(total), position: { kind: "integer", value: integer.variable(position) } };
}

interface Accumulate {
  readonly name: string;
  readonly initial: Expression;
  readonly step: (total: string, value: Expression) => readonly Code[];
}
/** The greatest or least so far; a NaN is kept, whatever comes. */
const extreme = (of: "max" | "min"): Accumulate => ({
  name: "best",
  initial: build.rational(of === "max" ? -Infinity : Infinity),
  step: (best, value) => [{ kind: "assign", name: best, value: build.call(of, [parameter(best), value]) }],
});
const beats = (of: "max" | "min", value: Expression, best: Expression): Condition =>
  of === "max" ? build.compare("<", best, value) : build.compare("<", value, best);
/** A NaN alone differs from itself. */
export const isNaN = (value: Expression): Condition => build.compare("!=", value, value);
/** Whether a thread's value takes the place of the best one so far: a NaN takes that of any number, and keeps it. */
export const outdoes = (of: "max" | "min", value: Expression, best: Expression): Condition =>
  build.or(beats(of, value, best), isNaN(value));
/** Whether the value takes the position as well: the first of equal ones has it, or the first NaN. */
export const takesPosition = (of: "max" | "min", value: Expression, best: Expression): Condition => {
  const yields = of === "max" ? build.compare("<=", value, best) : build.compare("<=", best, value);
  return build.and(build.not(yields), build.compare("==", best, best));
};
export const accumulators: Partial<Record<Reduction["name"], Accumulate>> = {
  sum: {
    name: "sum",
    initial: build.zero,
    step: (total, value) => [{ kind: "assign", name: total, value: build.add(parameter(total), value) }],
  },
  prod: {
    name: "product",
    initial: build.one,
    step: (total, value) => [{ kind: "assign", name: total, value: build.multiply(parameter(total), value) }],
  },
  max: extreme("max"),
  min: extreme("min"),
  argmax: extreme("max"),
  argmin: extreme("min"),
};

/** One more value of a reduction with an accumulator, where it counts. */
export function emitStep(
  of: Reduction["name"],
  total: string,
  value: Expression,
  builder: Builder,
  counts: Condition = build.truth,
): void {
  const { branchless } = builder;
  const extremes = of === "max" || of === "min";
  if (of === "sum") value = build.select(counts, value, build.zero);
  if (branchless && extremes) {
    const taken = named(value, "value", builder);
    return builder.emit(choice(build.and(outdoes(of, taken, parameter(total)), counts), total, taken));
  }
  for (const step of accumulators[of]?.step(total, value) ?? []) {
    if (of === "sum" || counts.kind === "truth") builder.emit(step);
    else builder.emit({ kind: "if", condition: counts, then: [step], otherwise: [], branchless });
  }
}
/** The value for the local where the condition holds, without a branch. */
export const choice = (condition: Condition, name: string, value: Expression): Code => ({
  kind: "if",
  condition,
  then: [{ kind: "assign", name, value }],
  otherwise: [],
  branchless: true,
});
/** The value as a local number, where it is none yet. */
export function named(value: Expression, base: string, builder: Builder): Expression {
  if (value.kind === "parameter") return value;
  const name = builder.name(base);
  builder.emit({ kind: "real", name, value });
  return parameter(name);
}

/** The accumulators of an argmax: the best value, where it is, and, where that may be negative, whether there is one. */
interface Extreme {
  readonly best: string;
  readonly position: string;
  readonly seen?: string | undefined;
}
/** The first point takes the position even where it is -inf. */
export function emitArg(
  { best, position, seen }: Extreme,
  value: Expression,
  flat: Int,
  max: boolean,
  builder: Builder,
  counts: Condition = build.truth,
): void {
  const { branchless } = builder;
  const taken = value.kind === "read" && !branchless ? value : named(value, "value", builder);
  const none = seen
    ? build.isZero(integer.variable(seen))
    : build.nonNegative(integer.minus(integer.constant(-1), integer.variable(position)));
  const better = takesPosition(max ? "max" : "min", taken, parameter(best));
  builder.emit({
    kind: "if",
    condition: build.and(build.or(better, none), counts),
    then: [
      { kind: "assign", name: best, value: taken },
      { kind: "assign", name: position, value: flat },
      ...(seen ? [{ kind: "assign", name: seen, value: integer.one } as const] : []),
    ],
    otherwise: [],
    branchless,
  });
}

/** any / all as an accumulator of 0 and 1. */
export function emitQuantified(original: Quantified, emitter: Emitter): Condition {
  const { builder } = emitter;
  const { binders, guard, body } = rebindCondition(original, kernelBinders(original.binders, builder));
  const found = builder.name(original.kind);
  const any = original.kind === "any";
  builder.emit({ kind: "accumulator", name: found, value: any ? build.zero : build.one });
  emitLoops(binders, conjuncts(guard), emitter, () => {
    const holds = emitter.condition(body);
    builder.emit({
      kind: "if",
      condition: any ? holds : build.not(holds),
      then: [{ kind: "assign", name: found, value: any ? build.one : build.zero }],
      otherwise: [],
    });
  });
  return build.compare("!=", parameter(found), build.zero);
}

/** Nested loops over the binders; each condition becomes a limit of the innermost loop that it mentions. */
export function emitLoops(
  binders: readonly Binder[],
  conditions: readonly Condition[],
  emitter: Emitter,
  fill: () => void,
): void {
  // whether a stride's phase has any point at all is decided once, before the loops that it does not depend on
  const solvable = binders.map((b) => {
    const others = binders.filter((o) => o !== b);
    const own = conditions.filter((c) => mentions(c, b) && !others.some((o) => mentions(c, o)));
    return limitsOf(b, own, emitter.builder.facts, emitter.constants, (value) => value).precondition;
  });
  emitIf(build.and(...solvable), emitter, () => nest(binders, conditions, emitter, solvable, fill));
}

const mentions = (c: Condition, binder: Binder): boolean => namesInCondition(c).has(binder.name);

function nest(
  binders: readonly Binder[],
  conditions: readonly Condition[],
  emitter: Emitter,
  tested: readonly Condition[],
  fill: () => void,
): void {
  const { builder, constants } = emitter;
  const [given, ...inner] = binders;
  const later = (c: Condition): boolean => inner.some((b) => mentions(c, b));
  if (!given) {
    emitIf(build.and(...conditions), emitter, fill);
    return;
  }
  const binder = flatBounds(given, emitter);
  const ready = conditions.filter((c) => !mentions(c, binder) && !later(c));
  const own = conditions.filter((c) => mentions(c, binder) && !later(c));
  const waiting = conditions.filter(later);
  emitIf(build.and(...ready), emitter, () => {
    const named = (value: Int, end: string): Int => builder.define(value, `${bare(binder.name)}${end}`);
    const limits = limitsOf(binder, own, builder.facts, constants, named);
    const open = tested.some((t) => keyOfCondition(t) === keyOfCondition(limits.precondition));
    emitIf(open ? build.truth : limits.precondition, emitter, () => {
      const { index, from, to, step } = namedLimits(binder.name, limits, builder);
      builder.loop({ index, from, to, step, within: binder }, () =>
        emitIf(build.and(...limits.rest), emitter, () => nest(inner, waiting, emitter, tested, fill)),
      );
    });
  });
}

/** A bound by an index tensor's element, `p <= t[0, 1]`, has the element at its flat offset. */
export function flatBounds(binder: Binder, emitter: Emitter): Binder {
  const flat = (value: Int): Int =>
    integer.holdsElement(value) ? (build.intOf(emitter.value(build.ofInt(value))) ?? value) : value;
  return { ...binder, lower: flat(binder.lower), upper: flat(binder.upper) };
}

/** Limits that are more than a name are computed once, as far out as they are known. */
export function namedLimits(index: string, { from, to, step }: Limits, builder: Builder) {
  return {
    index,
    from: builder.named(from, `${bare(index)}From`),
    to: builder.named(to, `${bare(index)}To`),
    step,
  };
}

export function emitIf(condition: Condition, emitter: Emitter, fill: () => void): void {
  if (condition.kind === "truth" && condition.value) return fill();
  const tested = emitter.condition(condition);
  emitter.builder.emit({ kind: "if", condition: tested, then: emitter.builder.block(fill), otherwise: [] });
}

/** Binder names that no enclosing loop of the kernel uses. */
const kernelBinders = (binders: readonly Binder[], builder: Builder): Rebinding =>
  renameBinders(binders, (name) => builder.name(name));
export const renameForKernel = (e: Reduction, builder: Builder): Reduction =>
  rebind(e, kernelBinders(e.binders, builder));
