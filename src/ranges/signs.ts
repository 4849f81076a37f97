/** Signs that need no proof: every term has one, and terms that are at least 1 outweigh the constant. */
import type { Facts } from "./known.js";
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";

/** +1, -1 or 0 (unknown). Sizes and positive params are at least 1, so a monomial over them has the sign of its coefficient. */
export function signOf(facts: Facts, value: Int): number {
  if (value.monomials.length === 0) return 0;
  if (value.monomials.every((m) => m.coefficient > 0 && m.factors.every((f) => atLeast(facts, f, 0))))
    return 1;
  if (value.monomials.every((m) => m.coefficient < 0 && m.factors.every((f) => atLeast(facts, f, 0))))
    return -1;
  return 0;
}

/** All monomials non-negative once constants are set against terms that are at least 1. */
export function plainlyNonNegative(facts: Facts, value: Int): boolean {
  let least = 0;
  for (const m of value.monomials) {
    if (m.factors.length === 0) least += m.coefficient;
    else if (m.coefficient < 0) return false;
    else if (m.factors.every((f) => atLeast(facts, f, 1))) least += m.coefficient;
    else if (!m.factors.every((f) => atLeast(facts, f, 0))) return false;
  }
  return least >= 0;
}

export const plainlyPositive = (facts: Facts, value: Int): boolean =>
  plainlyNonNegative(facts, integer.minus(value, integer.one));

/** Whether an atom is known to be at least 0 (or 1). */
function atLeast(facts: Facts, atom: Atom, floor: 0 | 1): boolean {
  const atLeastInt = (value: Int): boolean =>
    value.monomials.length > 0
      ? plainlyNonNegative(facts, floor === 1 ? integer.minus(value, integer.one) : value)
      : floor === 0;
  switch (atom.kind) {
    case "variable": {
      const range = facts.ranges.get(atom.name);
      if (range) {
        const lower = range.lower && integer.literal(range.lower);
        return lower !== undefined && lower >= floor;
      }
      const definition = facts.definitions.get(atom.name);
      if (definition) return true; // derived sizes are at least 1, checked when the plan is made
      return facts.sizes.has(atom.name);
    }
    case "floor":
      return (
        floor === 0 && plainlyNonNegative(facts, atom.numerator) && plainlyPositive(facts, atom.denominator)
      );
    case "exact": // a positive number that comes out even is at least 1
      return atLeastInt(atom.numerator) && plainlyPositive(facts, atom.denominator);
    case "modulo":
      return floor === 0 && plainlyPositive(facts, atom.modulus);
    case "min":
      return atLeastInt(atom.left) && atLeastInt(atom.right);
    case "max":
      return atLeastInt(atom.left) || atLeastInt(atom.right);
    case "power":
      return atLeastInt(atom.base);
    case "element": {
      const lower = facts.elements.get(atom.tensor)?.lower;
      return lower !== undefined && (integer.literal(lower) ?? -1) >= floor;
    }
  }
}
