/** Signs of integers, for targets whose division rounds towards zero. */
import * as integer from "../../notation/integer.js";
import type { Atom, Int } from "../../notation/integer.js";

/** Names known to be never negative. */
export interface Signs {
  readonly natural: ReadonlySet<string>;
}

/** Whether the value can be seen to be at least 0, from its signs alone. */
export function isNatural(value: Int, signs: Signs): boolean {
  return value.monomials.every((m) => m.coefficient >= 0 && m.factors.every((f) => isNaturalAtom(f, signs)));
}
function isNaturalAtom(value: Atom, signs: Signs): boolean {
  const natural = (part: Int): boolean => isNatural(part, signs);
  switch (value.kind) {
    case "variable":
      return signs.natural.has(value.name);
    case "floor":
    case "exact":
      return natural(value.numerator) && natural(value.denominator);
    case "modulo":
      return natural(value.modulus);
    case "min":
      return [value.left, value.right].every((part) => natural(part) || isLast(part, signs));
    case "max":
      return natural(value.left) || natural(value.right);
    case "power":
      return natural(value.base);
    case "element":
      return false;
  }
}

/** Whether the value is n - 1 for a number of rows or the like, n: kernels run only where it is at least 1. */
function isLast(value: Int, signs: Signs): boolean {
  const count = integer.plus(value, integer.one);
  return count.monomials.length === 1 && isNatural(count, signs);
}
