/** The sense and the origin in which a reduced index runs: one of the many equal ways to walk a window. */
import * as build from "../notation/construct.js";
import type { Binder, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { extremeOver, isNegative, isPositive } from "../algebra/integers.js";
import {
  directSubscripts,
  holdsBinder,
  indicesIn,
  insideReduction,
  isInBounds,
  isWeight,
  type Scope,
  type Subscript,
} from "./scope.js";
import { changeVariable, tidy } from "./substitution.js";

/** ±1 and the rest, for a subscript ±ρ + rest. */
interface Unit {
  readonly subscript: Subscript;
  readonly sign: number;
  readonly rest: Int;
}

function unitsOf(e: Reduction, binder: Binder, scope: Scope): readonly Unit[] {
  return directSubscripts(e.body, scope).flatMap((subscript) => {
    const parts = integer.affineIn(subscript.value, binder.name);
    const sign = parts && integer.literal(parts.coefficient);
    return parts && (sign === 1 || sign === -1) ? [{ subscript, sign, rest: parts.rest }] : [];
  });
}
const isPlain = ({ sign, rest }: Unit): boolean => sign === 1 && integer.literal(rest) === 0;

/**
 * A bound that depends on another index is a guard, where the index stands alone on an axis or the other one is of the same
 * sum: Σ_{j<=i} = Σ_j [j <= i].
 */
export function boundsToGuards(e: Reduction, scope: Scope): Reduction | undefined {
  const inside = insideReduction(scope, e);
  for (const binder of e.binders) {
    const { lower, upper } = binder;
    if (indicesIn(lower, inside).length + indicesIn(upper, inside).length === 0) continue;
    const plain = unitsOf(e, binder, inside).find((u) => isPlain(u) && isInBounds(u.subscript, inside));
    const extent = plain?.subscript.extent;
    const box = extent ? { lower: integer.zero, upper: extent } : boxOf(binder, e, inside);
    if (!box) continue;
    const binders = e.binders.map((b) => (b === binder ? { ...b, ...box } : b));
    const range = build.within(integer.variable(binder.name), lower, upper);
    return tidy({ ...e, binders, guard: build.and(e.guard, range) }, scope);
  }
  return undefined;
}

/** The least and the greatest that a range reaches, where its bounds depend on other indices of the sum. */
function boxOf({ lower, upper }: Binder, e: Reduction, { facts }: Scope) {
  if (!holdsBinder(lower, e) && !holdsBinder(upper, e)) return undefined;
  const [least, most] = [
    extremeOver(lower, "lower", e.binders, facts),
    extremeOver(upper, "upper", e.binders, facts),
  ];
  return least && most && !holdsBinder(least, e) && !holdsBinder(most, e)
    ? { lower: least, upper: most }
    : undefined;
}

/**
 * Where ρ stands as ±ρ + c alone on an axis and nowhere plainly, ±ρ + c is the index: Σ_{r<R} w[R-1-r]·x[p+R-1-r] is
 * Σ_{r<R} w[r]·x[p+r]. A weight's subscript counts before others.
 */
export function plainSense(e: Reduction, scope: Scope): Reduction | undefined {
  const inside = insideReduction(scope, e);
  for (const binder of e.binders) {
    const alone = unitsOf(e, binder, inside).filter((u) => indicesIn(u.rest, inside).length === 0);
    const [first] = alone;
    if (!first) continue;
    const onWeights = alone.filter((u) => isWeight(scope, u.subscript.tensor));
    if ((onWeights.length > 0 ? onWeights : alone).some(isPlain)) continue;
    const { sign, rest } = first;
    const value = integer.scale(integer.minus(integer.variable(binder.name), rest), sign);
    return changeVariable(e, binder, value, imageOf(binder, sign, rest), scope);
  }
  return undefined;
}
/** The range of ±ρ + c. */
function imageOf(binder: Binder, sign: number, c: Int): Binder {
  const { lower, upper } = binder;
  if (sign === 1) return { ...binder, lower: integer.plus(lower, c), upper: integer.plus(upper, c) };
  const next = integer.plus(c, integer.one);
  return { ...binder, lower: integer.minus(next, upper), upper: integer.minus(next, lower) };
}

/**
 * Of two operands a weight has the plain subscript: Σ_h x[h]·w[h - p] = Σ_r x[p + r]·w[r], and
 * Σ_p dz[p]·w[(h - p·stride)/dilation] = Σ_r dz[(h - r·dilation)/stride]·w[r].
 */
export function plainWeight(e: Reduction, scope: Scope): Reduction | undefined {
  if (e.name !== "sum") return undefined;
  const inside = insideReduction(scope, e);
  const subscripts = directSubscripts(e.body, inside);
  for (const binder of e.binders) {
    const plain = subscripts.filter((s) => integer.plainVariable(s.value) === binder.name);
    if (plain.length === 0 || plain.some((s) => isWeight(scope, s.tensor))) continue;
    for (const subscript of subscripts.filter((s) => isWeight(scope, s.tensor))) {
      const { value, extent } = subscript;
      const parts = integer.affineIn(dividend(value), binder.name);
      if (!extent || !parts || !slides(parts.rest, e, inside) || !isInBounds(subscript, inside)) continue;
      const down = isNegative(parts.coefficient, scope.facts);
      if (!down && !isPositive(parts.coefficient, scope.facts)) continue;
      const sign = down ? -1 : 1;
      const reach = integer.times(divisorOf(value), integer.variable(binder.name));
      const [top, step] = [integer.minus(reach, parts.rest), parts.coefficient].map((v) =>
        integer.scale(v, sign),
      );
      if (!top || !step) continue;
      const range = { ...binder, lower: integer.zero, upper: extent };
      const changed = changeVariable(e, binder, integer.exactDivide(top, step), range, scope);
      return tidy({ ...changed, guard: build.and(changed.guard, build.divides(step, top)) }, scope);
    }
  }
  return undefined;
}
/** Whether the rest of a subscript holds indices, and none that is summed over. */
function slides(rest: Int, e: Reduction, inside: Scope): boolean {
  const names = indicesIn(rest, inside);
  return names.length > 0 && !names.some((name) => e.binders.some((b) => b.name === name));
}

/** Of two operands that are no weights the one is plain for which the outer index counts upwards in the other. */
export function plainKernel(e: Reduction, scope: Scope): Reduction | undefined {
  if (e.name !== "sum") return undefined;
  const inside = insideReduction(scope, e);
  for (const binder of e.binders) {
    const units = unitsOf(e, binder, inside);
    const plain = units.find(isPlain);
    const shifted = units.find(({ rest }) => slides(rest, e, inside));
    if (!plain || !shifted || plain.subscript.tensor === shifted.subscript.tensor) continue;
    const { subscript, sign, rest } = shifted;
    if (isWeight(scope, plain.subscript.tensor) || isWeight(scope, subscript.tensor)) continue;
    const [outer = ""] = indicesIn(rest, inside);
    const coefficient = integer.affineIn(rest, outer)?.coefficient;
    if (sign !== 1 || !coefficient || !isNegative(coefficient, inside.facts)) continue;
    if (!subscript.extent || !isInBounds(subscript, inside)) continue;
    const value = integer.minus(integer.variable(binder.name), rest);
    const range = { ...binder, lower: integer.zero, upper: subscript.extent };
    return changeVariable(e, binder, value, range, scope);
  }
  return undefined;
}

/**
 * An index that stands nowhere alone runs from 0, upwards: Σ_{r<R} x[p - r] = Σ_{r<R} x[p + r - (R-1)]; downwards where it is
 * divided: Σ_r dz[(h - r)/stride].
 */
export function upwards(e: Reduction, scope: Scope): Reduction | undefined {
  const inside = insideReduction(scope, e);
  for (const binder of e.binders) {
    const subscripts = directSubscripts(e.body, inside);
    const alone = subscripts.some((s) => integer.plainVariable(s.value) === binder.name);
    if (alone) continue;
    const { name, lower, upper } = binder;
    const length = integer.minus(upper, lower);
    const zeroBased: Binder = { ...binder, lower: integer.zero, upper: length };
    const first = subscripts.find((s) => integer.mentions(s.value, name));
    const divided = first && dividend(first.value);
    const coefficient = divided && integer.affineIn(divided, name)?.coefficient;
    const isWrong = divided === first?.value ? isNegative : isPositive;
    if (coefficient && isWrong(coefficient, scope.facts)) {
      const last = integer.minus(upper, integer.one);
      return changeVariable(e, binder, integer.minus(last, integer.variable(name)), zeroBased, scope);
    }
    if (integer.literal(lower) !== 0)
      return changeVariable(e, binder, integer.plus(lower, integer.variable(name)), zeroBased, scope);
  }
  return undefined;
}
/** e of e/d, else the value itself. */
export function dividend(value: Int): Int {
  const [m] = value.monomials;
  const [atom] = m?.factors ?? [];
  return value.monomials.length === 1 &&
    m?.factors.length === 1 &&
    m.coefficient === 1 &&
    atom?.kind === "exact"
    ? atom.numerator
    : value;
}
/** d of e/d, else 1. */
export const divisorOf = (value: Int): Int => {
  const atom = value.monomials[0]?.factors[0];
  return dividend(value) !== value && atom?.kind === "exact" ? atom.denominator : integer.one;
};
