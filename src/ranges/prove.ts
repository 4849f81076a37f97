/**
 * What is known of the names in scope, and proofs from it: is `value >= 0` for all of them?
 *
 * A proof replaces names by the end of their range that makes the value least, innermost names first, until a
 * literal or a sum of non-negative monomials is left. It is sound and incomplete: `false` means "not proved".
 */
import type { Condition } from "../notation/expression.js";
import { conjuncts } from "../notation/construct.js";
import * as integer from "../notation/integer.js";
import type { Atom, Int, Monomial } from "../notation/integer.js";

/** lower <= name <= upper; either may be unknown. */
export interface Range {
  readonly lower?: Int | undefined;
  readonly upper?: Int | undefined;
}

export interface Facts {
  /** Ranges of indices and binders; later ones may use earlier ones. */
  readonly ranges: ReadonlyMap<string, Range>;
  /** Derived sizes, to be replaced by what they are. */
  readonly definitions: ReadonlyMap<string, Int>;
  /** Values known to be >= 0 (requirements, conditions of enclosing guards). */
  readonly known: readonly Int[];
  /** Lower bounds of integer tensors' values, exclusive upper bounds. */
  readonly elements: ReadonlyMap<string, Range>;
  /** Names that are at least 1: sizes, positive params. Without the set, every name that has no range counts. */
  readonly sizes?: ReadonlySet<string>;
  /** Extents of tensors, where they are known. */
  readonly shapes?: ReadonlyMap<string, readonly Int[]>;
}
export const noFacts: Facts = { ranges: new Map(), definitions: new Map(), known: [], elements: new Map() };

export const withRange = (facts: Facts, name: string, range: Range): Facts => ({
  ...facts,
  ranges: new Map(facts.ranges).set(name, range),
});
/** Adds 0 <= name < extent. */
export const withIndex = (facts: Facts, name: string, extent: Int): Facts =>
  withRange(facts, name, { lower: integer.zero, upper: integer.minus(extent, integer.one) });
/** Adds what a condition says of integers. */
export function assuming(facts: Facts, condition: Condition): Facts {
  const known = conjuncts(condition).flatMap((c) =>
    c.kind === "nonnegative" ? [c.value] : c.kind === "zero" ? [c.value, integer.negate(c.value)] : [],
  );
  return known.length === 0 ? facts : { ...facts, known: [...facts.known, ...known] };
}

/** Whether the condition is proved to hold. */
export function proves(facts: Facts, condition: Condition): boolean {
  switch (condition.kind) {
    case "truth":
      return condition.value;
    case "nonnegative":
      return provesNonNegative(facts, condition.value);
    case "zero":
      return integer.literal(expand(facts, condition.value)) === 0;
    case "and":
      return condition.parts.every((p) => proves(facts, p));
    case "or":
      return condition.parts.some((p) => proves(facts, p));
    default:
      return false;
  }
}
/** Whether the condition is proved never to hold. */
export function refutes(facts: Facts, condition: Condition): boolean {
  switch (condition.kind) {
    case "truth":
      return !condition.value;
    case "nonnegative":
      return provesNonNegative(facts, integer.minus(integer.negate(condition.value), integer.one));
    case "zero":
      return (
        provesNonNegative(facts, integer.minus(condition.value, integer.one)) ||
        provesNonNegative(facts, integer.minus(integer.negate(condition.value), integer.one))
      );
    case "and":
      return condition.parts.some((p) => refutes(facts, p));
    case "or":
      return condition.parts.every((p) => refutes(facts, p));
    default:
      return false;
  }
}

/** Derived sizes replaced by their definitions, all the way down. */
export function expand(facts: Facts, value: Int): Int {
  let current = value;
  for (let i = 0; i < 16; i++) {
    const next = integer.substituteInt(current, facts.definitions);
    if (next === current) break;
    current = next;
  }
  return current;
}

export function provesNonNegative(facts: Facts, value: Int): boolean {
  if (settle(facts, value, 12)) return true;
  const expanded = expand(facts, value);
  if (expanded !== value && settle(facts, expanded, 12)) return true;
  // with one known inequality taken away: value - k >= 0 and k >= 0
  return facts.known.some((k) => {
    const rest = integer.minus(expanded, expand(facts, k));
    return rest.monomials.length < expanded.monomials.length + 1 && settle(facts, rest, 12);
  });
}

/**
 * Lowers the value step by step to something plainly non-negative. `failed` remembers the values that were tried in
 * vain, with the fuel there was: names may be eliminated in many orders that meet again.
 */
function settle(facts: Facts, value: Int, fuel: number, failed: Map<string, number> = new Map()): boolean {
  const literal = integer.literal(value);
  if (literal !== undefined) return literal >= 0;
  if (plainlyNonNegative(facts, value)) return true;
  const key = integer.keyOf(value);
  if (fuel <= (failed.get(key) ?? 0)) return false;
  failed.set(key, fuel);
  // innermost index first: the last declared range whose name occurs at top level
  const names = [...facts.ranges.keys()].reverse();
  for (const name of names) {
    if (!integer.mentions(value, name)) continue;
    const parts = integer.affineIn(value, name);
    if (!parts || parts.coefficient.monomials.length === 0) continue;
    const range = facts.ranges.get(name);
    const sign = signOf(facts, parts.coefficient);
    const end = sign > 0 ? range?.lower : sign < 0 ? range?.upper : undefined;
    if (end === undefined) continue;
    const lowered = integer.plus(integer.times(parts.coefficient, end), parts.rest);
    if (settle(facts, expand(facts, lowered), fuel - 1, failed)) return true;
  }
  for (const lowered of boundAtoms(facts, value))
    if (settle(facts, expand(facts, lowered), fuel - 1, failed)) return true;
  return false;
}

/** +1, -1 or 0 (unknown). Sizes and positive params are at least 1, so a monomial over them has the sign of its coefficient. */
function signOf(facts: Facts, value: Int): number {
  if (value.monomials.length === 0) return 0;
  if (value.monomials.every((m) => m.coefficient > 0 && m.factors.every((f) => atLeast(facts, f, 0))))
    return 1;
  if (value.monomials.every((m) => m.coefficient < 0 && m.factors.every((f) => atLeast(facts, f, 0))))
    return -1;
  return 0;
}

/** All monomials non-negative once constants are set against terms that are at least 1. */
function plainlyNonNegative(facts: Facts, value: Int): boolean {
  let least = 0;
  for (const m of value.monomials) {
    if (m.factors.length === 0) least += m.coefficient;
    else if (m.coefficient < 0) return false;
    else if (m.factors.every((f) => atLeast(facts, f, 1))) least += m.coefficient;
    else if (!m.factors.every((f) => atLeast(facts, f, 0))) return false;
  }
  return least >= 0;
}

const plainlyPositive = (facts: Facts, value: Int): boolean =>
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
      return facts.sizes?.has(atom.name) ?? true;
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

/** The value with one floor, mod, min, max or element replaced by a bound that only lowers it. */
function* boundAtoms(facts: Facts, value: Int): Generator<Int> {
  for (const m of value.monomials) {
    for (const atom of m.factors) {
      if (atom.kind === "variable" || atom.kind === "power") continue;
      const divisor = divisorOf(atom);
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
function divisorOf(atom: Atom): Int | undefined {
  if (atom.kind === "floor" || atom.kind === "exact") return atom.denominator;
  return atom.kind === "modulo" ? atom.modulus : undefined;
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
    default:
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
    default:
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
  // ⌊n/d⌋ <= -1 for n <= -1
  return integer.mapAtoms(integer.floorDivide(value, d), (atom) =>
    atom.kind === "floor" &&
    plainlyNonNegative(facts, integer.minus(integer.negate(atom.numerator), integer.one))
      ? integer.constant(-1)
      : undefined,
  );
}
