/** Flat row-major positions in the box around a reduction's binders: what an argmax saves. */
import { extremeOver } from "../algebra/integers.js";
import type { Binder, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { substitute, substituteCondition } from "../notation/traverse.js";
import { extreme } from "../ranges/extremes.js";
import { factsInside } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";

/** r·S + s for binders [r < R, s < S]. */
export function flatPosition(binders: readonly Binder[], extents: readonly Int[]): Int {
  return binders.reduce(
    (position, b, i) =>
      integer.plus(integer.times(position, extents[i] ?? integer.one), integer.variable(b.name)),
    integer.zero,
  );
}

/** The same reduction with ranges that start at 0, r = lower + r', so that positions count from 0 within the box. */
export function fromZero(e: Reduction, isShifted: (b: Binder) => boolean = () => true): Reduction {
  const by = new Map<string, Int>();
  const binders = e.binders.map((b) => {
    const [lower, upper] = [integer.substituteInt(b.lower, by), integer.substituteInt(b.upper, by)];
    if (lower.monomials.length === 0 || !isShifted(b)) return { ...b, lower, upper };
    by.set(b.name, integer.plus(lower, integer.variable(b.name)));
    return { ...b, lower: integer.zero, upper: integer.minus(upper, lower) };
  });
  return { ...e, binders, guard: substituteCondition(e.guard, by), body: substitute(e.body, by) };
}

/** The extents of the box around binders whose bounds may depend on one another and on the scope. */
export function boxExtents(
  binders: readonly Binder[],
  facts: Facts,
  scope: readonly Binder[] = binders,
): readonly Int[] {
  return binders.map((b) =>
    greatestOver(
      b.upper,
      scope.filter((s) => s !== b),
      facts,
    ),
  );
}

/** The greatest that a bound can be over a scope; the bound itself where that is not known. */
export const greatestOver = (value: Int, scope: readonly Binder[], facts: Facts): Int =>
  extremeOver(value, "upper", scope, facts) ?? extreme(factsInside(facts, scope), value, "greatest") ?? value;
export const leastOver = (value: Int, scope: readonly Binder[], facts: Facts): Int =>
  extremeOver(value, "lower", scope, facts) ?? extreme(factsInside(facts, scope), value, "least") ?? value;
