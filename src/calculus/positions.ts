/** Flat row-major positions in the box around a reduction's binders: what an argmax saves. */
import { extremeOver } from "../algebra/integers.js";
import { changeBinders, rebind } from "../notation/binders.js";
import type { Binder, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
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
  const shifted = changeBinders(e.binders, (b) => {
    const { lower, upper } = b;
    if (lower.monomials.length === 0 || !isShifted(b)) return [b];
    const own = { ...b, lower: integer.zero, upper: integer.minus(upper, lower) };
    return [own, integer.plus(lower, integer.variable(b.name))];
  });
  return rebind(e, shifted);
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
