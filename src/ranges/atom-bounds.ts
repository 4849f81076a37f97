/** Bounds of quotients, remainders, extrema and elements of integer tensors. */
import * as integer from "../notation/integer.js";
import type { Atom, Int, Monomial } from "../notation/integer.js";
import { expand, type Facts } from "./known.js";
import { plainlyNonNegative, plainlyPositive, signOf } from "./signs.js";

/** The value with one floor, mod, min, max or element replaced by a bound that only lowers it. */
export function* boundAtoms(facts: Facts, value: Int): Generator<Int> {
  for (const m of value.monomials) {
    for (const atom of m.factors) {
      if (atom.kind === "variable" || atom.kind === "power") continue;
      const divisor = integer.divisorOf(atom);
      if (divisor && !plainlyPositive(facts, divisor)) continue;
      const others: Monomial = { coefficient: m.coefficient, factors: without(m.factors, atom) };
      const factor: Int = { kind: "int", monomials: [others] };
      const rest = integer.minus(value, { kind: "int", monomials: [m] });
      const sign = signOf(facts, factor);
      for (const bound of sign > 0 ? lowerBounds(facts, atom) : sign < 0 ? upperBounds(facts, atom) : []) {
        // d·⌊n/d⌋ >= n - d + 1 and d·⌊n/d⌋ <= n: with the factor's own d where there is one
        if (atom.kind === "floor" || atom.kind === "exact") {
          const d = atom.denominator;
          const scaled = integer.quotient(factor, d);
          if (scaled) {
            const n = atom.numerator;
            const low =
              atom.kind === "floor" && sign > 0 ? integer.plus(integer.minus(n, d), integer.one) : n;
            yield integer.plus(integer.times(scaled, low), rest);
            continue;
          }
        }
        if (bound) yield integer.plus(integer.times(factor, bound), rest);
      }
    }
  }
}
const without = (atoms: readonly Atom[], atom: Atom): readonly Atom[] => {
  const at = atoms.indexOf(atom);
  return atoms.filter((_, i) => i !== at);
};

function lowerBounds(facts: Facts, atom: Atom): readonly (Int | undefined)[] {
  switch (atom.kind) {
    case "floor":
    case "exact":
      return plainlyNonNegative(facts, atom.numerator) ? [integer.zero] : [undefined];
    case "modulo":
      return [integer.zero];
    case "min":
      return [atom.left, atom.right].filter((side) => side === lesser(facts, atom.left, atom.right));
    case "max":
      return [atom.left, atom.right];
    case "element":
      return [facts.elements.get(atom.tensor)?.lower];
    case "power":
    case "variable":
      return [];
  }
}
function upperBounds(facts: Facts, atom: Atom): readonly (Int | undefined)[] {
  switch (atom.kind) {
    case "floor":
    case "exact": {
      // ⌊n/d⌋ <= n for n >= 0; ⌊n/d⌋ <= q where n <= q·d + d - 1
      const literalBound = quotientBound(facts, atom.numerator, atom.denominator);
      return literalBound ? [literalBound] : [undefined];
    }
    case "modulo":
      return [
        integer.minus(atom.modulus, integer.one),
        ...(plainlyNonNegative(facts, atom.value) ? [atom.value] : []),
      ];
    case "min":
      return [atom.left, atom.right];
    case "max":
      return [greater(facts, atom.left, atom.right)];
    case "element":
      return [facts.elements.get(atom.tensor)?.upper];
    case "power":
    case "variable":
      return [];
  }
}
const lesser = (facts: Facts, a: Int, b: Int): Int | undefined =>
  plainlyNonNegative(facts, integer.minus(b, a))
    ? a
    : plainlyNonNegative(facts, integer.minus(a, b))
      ? b
      : undefined;
const greater = (facts: Facts, a: Int, b: Int): Int | undefined => {
  const least = lesser(facts, a, b);
  return least === undefined ? undefined : least === a ? b : a;
};

/** An upper bound of ⌊n/d⌋: each index in n at its greatest, then divided. */
function quotientBound(facts: Facts, n: Int, d: Int): Int | undefined {
  let value = n;
  for (const name of [...facts.ranges.keys()].reverse()) {
    const parts = integer.affineIn(value, name);
    if (!parts || parts.coefficient.monomials.length === 0) continue;
    const range = facts.ranges.get(name);
    const sign = signOf(facts, parts.coefficient);
    const end = sign > 0 ? range?.upper : sign < 0 ? range?.lower : undefined;
    if (end === undefined) return undefined;
    value = expand(facts, integer.plus(integer.times(parts.coefficient, end), parts.rest));
  }
  // ⌊n/d⌋ <= -1 for n <= -1: of a quotient that is added, not of one within another, which may count the other way
  const terms = integer.floorDivide(value, d).monomials.map((m): Int => {
    const [atom] = m.factors;
    const isNegative =
      m.coefficient > 0 &&
      m.factors.length === 1 &&
      atom?.kind === "floor" &&
      plainlyPositive(facts, atom.denominator) &&
      plainlyNonNegative(facts, integer.minus(integer.negate(atom.numerator), integer.one));
    return isNegative ? integer.constant(-m.coefficient) : { kind: "int", monomials: [m] };
  });
  return integer.plus(...terms);
}
