/** The least and the greatest that an integer value can be over the ranges of its indices. */
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";
import { provesNonNegative, type Facts, type Range } from "./prove.js";

export type End = "least" | "greatest";
const other = (end: End): End => (end === "least" ? "greatest" : "least");

/**
 * A bound of the value, free of the indices that `facts` gives ranges for (those in `keep` stay): the value is
 * never below its least, never above its greatest, and reaches both where it is affine over a box.
 * Undefined where no bound is known.
 */
export function extreme(
  facts: Facts,
  value: Int,
  end: End,
  keep: ReadonlySet<string> = new Set(),
): Int | undefined {
  const names = [...facts.ranges].filter(([name, range]) => isBounded(range) && !keep.has(name)).reverse();
  const eliminated = new Set(names.map(([name]) => name));
  let current = boundAtoms(facts, value, end, keep, eliminated);
  for (const [name, range] of names) {
    if (current === undefined) return undefined;
    if (!integer.mentions(current, name)) continue;
    const parts = integer.affineIn(current, name);
    const sign = parts && signOf(facts, parts.coefficient);
    const limit = sign === undefined ? undefined : sign > 0 === (end === "least") ? range.lower : range.upper;
    if (!parts || limit === undefined) return undefined;
    const bounded = integer.plus(integer.times(parts.coefficient, limit), parts.rest);
    current = boundAtoms(facts, bounded, end, keep, eliminated);
  }
  return current;
}
/** A param has an entry without ends: it is no index and stays. */
const isBounded = (range: Range): boolean => range.lower !== undefined || range.upper !== undefined;

/** +1 for a value proved >= 0, -1 for one proved <= 0. */
export function signOf(facts: Facts, value: Int): 1 | -1 | undefined {
  if (provesNonNegative(facts, value)) return 1;
  return provesNonNegative(facts, integer.negate(value)) ? -1 : undefined;
}

/** Atoms that hide an index to be eliminated replaced by their own bounds. */
function boundAtoms(
  facts: Facts,
  value: Int,
  end: End,
  keep: ReadonlySet<string>,
  eliminated: ReadonlySet<string>,
): Int | undefined {
  const hides = (atom: Atom): boolean =>
    atom.kind !== "variable" &&
    (holdsElement(atom) || [...integer.variablesOf(ofAtom(atom))].some((name) => eliminated.has(name)));
  const terms: Int[] = [];
  for (const m of value.monomials) {
    const hidden = m.factors.find(hides);
    if (!hidden) {
      terms.push({ kind: "int", monomials: [m] });
      continue;
    }
    const at = m.factors.indexOf(hidden);
    const rest: Int = {
      kind: "int",
      monomials: [{ coefficient: m.coefficient, factors: m.factors.filter((_, i) => i !== at) }],
    };
    const sign = signOf(facts, rest);
    const bound = sign && extremeOfAtom(facts, hidden, sign > 0 ? end : other(end), keep);
    if (!bound) return undefined;
    const term = boundAtoms(facts, integer.times(rest, bound), end, keep, eliminated);
    if (!term) return undefined;
    terms.push(term);
  }
  return integer.plus(...terms);
}
const ofAtom = (atom: Atom): Int => ({ kind: "int", monomials: [{ coefficient: 1, factors: [atom] }] });
function holdsElement(atom: Atom): boolean {
  let found = false;
  integer.eachAtom(ofAtom(atom), (a) => (found ||= a.kind === "element"));
  return found;
}

function extremeOfAtom(facts: Facts, atom: Atom, end: End, keep: ReadonlySet<string>): Int | undefined {
  const within = (value: Int): Int | undefined => extreme(facts, value, end, keep);
  switch (atom.kind) {
    case "variable":
    case "power":
      return undefined;
    case "floor":
    case "exact": {
      // monotone in the numerator for a positive denominator
      const n = within(atom.numerator);
      if (!n || signOf(facts, integer.minus(atom.denominator, integer.one)) !== 1) return undefined;
      return atom.kind === "exact" && end === "least"
        ? integer.ceilDivide(n, atom.denominator)
        : integer.floorDivide(n, atom.denominator);
    }
    case "modulo":
      return end === "least" ? integer.zero : integer.minus(atom.modulus, integer.one);
    case "min":
    case "max": {
      const [left, right] = [within(atom.left), within(atom.right)];
      return left && right && integer.extremum(atom.kind, left, right);
    }
    case "element": {
      const range = facts.elements.get(atom.tensor);
      return end === "least" ? range?.lower : range?.upper;
    }
  }
}
