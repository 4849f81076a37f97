/**
 * Proofs from what is known of the names in scope: is `value >= 0` for all of them?
 *
 * A proof replaces names by the end of their range that makes the value least, innermost names first, until a
 * literal or a sum of non-negative monomials is left. It is sound and incomplete: `false` means "not proved".
 */
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { boundAtoms } from "./atom-bounds.js";
import { expand, type Facts } from "./known.js";
import { plainlyNonNegative, signOf } from "./signs.js";

export {
  assuming,
  expand,
  noFacts,
  withIndex,
  withRange,
  withRanges,
  type Facts,
  type Range,
} from "./known.js";

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
    case "all":
    case "any":
    case "compare":
    case "not":
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
    case "all":
    case "any":
    case "compare":
    case "not":
      return false;
  }
}

export const provesNonNegative = (facts: Facts, value: Int): boolean =>
  provesAsItStands(facts, value) || provesBySides(facts, expand(facts, value), mostSplits);

/** How many extrema are looked at side by side: each doubles the work, and a product of differences proved so is longer than itself. */
const mostSplits = 1;
/** What holds of both sides of every min and max holds. */
function provesBySides(facts: Facts, value: Int, splits: number): boolean {
  const sides = splits > 0 ? sidesOfExtremum(value) : undefined;
  return (
    sides !== undefined &&
    sides.every((side) => provesAsItStands(facts, side) || provesBySides(facts, side, splits - 1))
  );
}

function provesAsItStands(facts: Facts, value: Int): boolean {
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

/** The value with the first min or max in it as either of its sides. */
function sidesOfExtremum(value: Int): readonly Int[] | undefined {
  for (const { factors } of value.monomials)
    for (const atom of factors) {
      if (atom.kind !== "min" && atom.kind !== "max") continue;
      const key = integer.atomKey(atom);
      return [atom.left, atom.right].map((side) =>
        integer.mapAtoms(value, (other) => (integer.atomKey(other) === key ? side : undefined)),
      );
    }
  return undefined;
}
