/** Equalities and divisions under a sum: both say how one index follows from others. */
import * as build from "../notation/construct.js";
import type { Binder, Condition, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfCondition } from "../notation/key.js";
import { rewrite } from "../notation/traverse.js";
import { isNegative, isPositive } from "../algebra/integers.js";
import { directSubscripts, holdsBinder, insideReduction, isInBounds, isWeight, type Scope } from "./scope.js";
import { changeVariable, removeBinder } from "./substitution.js";

/**
 * Σ_h [a·h = e] F(h) = Σ [a divides e][lower <= e/a < upper] F(e/a). Of several indices that could be solved for, one with
 * a = ±1 is taken, else one that stands on no weight, so that a kernel keeps its plain subscripts.
 */
export function solveEquality(e: Reduction, scope: Scope): Reduction | undefined {
  if (e.name !== "sum") return undefined;
  for (const condition of build.conjuncts(e.guard)) {
    if (condition.kind !== "zero") continue;
    const solutions = e.binders.flatMap((binder) => {
      const parts = integer.affineIn(condition.value, binder.name);
      if (!parts || isBound(binder, e)) return [];
      const { coefficient: a, rest } = parts;
      if (isPositive(a, scope.facts)) return [{ binder, divisor: a, value: integer.negate(rest) }];
      return isNegative(a, scope.facts) ? [{ binder, divisor: integer.negate(a), value: rest }] : [];
    });
    const isUnit = (d: Int): boolean => integer.literal(d) === 1;
    const chosen =
      solutions.find((s) => isUnit(s.divisor)) ??
      solutions.find((s) => !standsOnWeight(s.binder.name, e, scope)) ??
      solutions[0];
    if (!chosen) continue;
    const { binder, divisor, value } = chosen;
    const rest = build.conjuncts(e.guard).filter((c) => c !== condition);
    const guard = build.and(...rest, build.divides(divisor, value));
    return removeBinder(e, binder, integer.exactDivide(value, divisor), guard, scope);
  }
  return undefined;
}
const isBound = (binder: Binder, { binders }: Reduction): boolean =>
  binders.some((b) => integer.mentions(b.lower, binder.name) || integer.mentions(b.upper, binder.name));
const standsOnWeight = (name: string, e: Reduction, scope: Scope): boolean =>
  directSubscripts(e.body, scope).some((s) => isWeight(scope, s.tensor) && integer.mentions(s.value, name));

/**
 * Where e - g·C is a position on an axis of extent C, g = ⌊e/C⌋: of Σ_g x[g·K + k]·w[k, e - g·C] one g is left. A group is
 * then an index of the output.
 */
export function solveDigit(e: Reduction, scope: Scope): Reduction | undefined {
  if (e.name !== "sum") return undefined;
  const inside = insideReduction(scope, e);
  for (const subscript of directSubscripts(e.body, inside))
    for (const binder of e.binders) {
      const { value, extent } = subscript;
      const parts = integer.affineIn(value, binder.name);
      if (!extent || !parts || isBound(binder, e) || holdsBinder(extent, e)) continue;
      if (!integer.equal(parts.coefficient, integer.negate(extent))) continue;
      if (integer.literal(extent) === 1 || !isPositive(extent, scope.facts)) continue;
      if (!isInBounds(subscript, inside)) continue;
      const digit = integer.floorDivide(parts.rest, extent);
      return removeBinder(e, binder, digit, e.guard, scope);
    }
  return undefined;
}

/** ⌊e/d⌋ = e/d where the guard says that d divides e; then ⌊e/d⌋ < E says e <= (E-1)·d, not only e < E·d. */
export function floorsToDivisions(e: Reduction, scope: Scope): Reduction | undefined {
  const known = new Set(build.conjuncts(e.guard).map(keyOfCondition));
  const exact = (value: Int): Int =>
    integer.mapAtoms(value, (atom) => {
      if (atom.kind !== "floor") return undefined;
      const { numerator, denominator } = atom;
      const holds = known.has(keyOfCondition(build.divides(denominator, numerator)));
      return holds ? integer.exactDivide(numerator, denominator) : undefined;
    });
  const sharper = new Map<string, Condition>();
  const positive = (d: Int): boolean => isPositive(d, scope.facts);
  for (const { value, extent } of directSubscripts(e.body, scope)) {
    const divided = exact(value);
    if (divided === value || !extent) continue;
    const above = (v: Int): Condition =>
      build.nonNegative(integer.minus(integer.minus(extent, v), integer.one), positive);
    sharper.set(keyOfCondition(above(value)), above(divided));
  }
  const body = rewrite(e.body, (part) => part, exact);
  if (body === e.body) return undefined;
  const guard = build.conjuncts(e.guard).map((c) => sharper.get(keyOfCondition(c)) ?? c);
  return { ...e, guard: build.and(...guard), body };
}

/**
 * A subscript (ρ + e)/d with a summed ρ becomes the summed index: ρ = d·σ - e. So the weight gradient of a transposed
 * convolution, Σ_p dz[p]·x[(p - r + pad)/stride], is Σ_h dz[h·stride + r - pad]·x[h].
 */
export function divisionsToBinders(e: Reduction, scope: Scope): Reduction | undefined {
  if (e.name !== "sum") return undefined;
  const inside = insideReduction(scope, e);
  const known = new Set(build.conjuncts(e.guard).map(keyOfCondition));
  const subscripts = directSubscripts(e.body, inside);
  const isPlain = (name: string): boolean =>
    subscripts.some((s) => integer.plainVariable(s.value) === name && !isWeight(scope, s.tensor));
  for (const subscript of subscripts) {
    const { value, extent } = subscript;
    const atom = value.monomials[0]?.factors[0];
    if (!extent || atom?.kind !== "exact" || value.monomials.length !== 1) continue;
    const { numerator, denominator } = atom;
    if (value.monomials[0]?.factors.length !== 1 || value.monomials[0].coefficient !== 1) continue;
    if (!known.has(keyOfCondition(build.divides(denominator, numerator)))) continue;
    const binder = e.binders.find((b) => {
      const parts = integer.affineIn(numerator, b.name);
      return parts && integer.literal(parts.coefficient) === 1 && !isBound(b, e) && isPlain(b.name);
    });
    if (!binder || holdsBinder(extent, e) || !isInBounds(subscript, inside)) continue;
    const { rest } = integer.affineIn(numerator, binder.name)!;
    const solved = integer.minus(integer.times(denominator, integer.variable(binder.name)), rest);
    return changeVariable(e, binder, solved, { ...binder, lower: integer.zero, upper: extent }, scope);
  }
  return undefined;
}
