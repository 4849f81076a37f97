/** Equations over the integers without exact quotients. */
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";

/**
 * An equation (… = 0) with its exact quotients multiplied out: a·(n/d) + b = 0 ⇔ a·n + b·d = 0, or (a/d)·n + b = 0
 * where d divides a. Quotients within quotients are given up after a few rounds: the equation then stays a guard.
 */
export function clearFractions(equation: Int, rounds = 8): Int {
  const atom = equation.monomials.flatMap((m) => m.factors).find((f) => f.kind === "exact");
  if (atom?.kind !== "exact" || rounds === 0) return equation;
  const { coefficient, rest } = linearIn(equation, atom);
  const whole = integer.quotient(coefficient, atom.denominator);
  const cleared = whole
    ? integer.plus(integer.times(whole, atom.numerator), rest)
    : integer.plus(integer.times(coefficient, atom.numerator), integer.times(rest, atom.denominator));
  return clearFractions(cleared, rounds - 1);
}

/** value = coefficient·atom + rest, for the monomials that hold the atom once. */
function linearIn(value: Int, atom: Atom): { readonly coefficient: Int; readonly rest: Int } {
  const key = integer.atomKey(atom);
  const holding = value.monomials.filter(
    (m) => m.factors.filter((f) => integer.atomKey(f) === key).length === 1,
  );
  const without = holding.map((m) => ({
    ...m,
    factors: m.factors.filter((f) => integer.atomKey(f) !== key),
  }));
  return {
    coefficient: integer.plus({ kind: "int", monomials: without }),
    rest: { kind: "int", monomials: value.monomials.filter((m) => !holding.includes(m)) },
  };
}
