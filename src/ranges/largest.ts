/** The largest range 0 <= i < E of one index for which a subscript stays on its axis. */
import { below, nonNegative, atMost } from "../notation/construct.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { extreme, signOf } from "./extremes.js";
import { divideEvenly } from "./definitions.js";
import { positiveIn } from "./facts.js";
import { provesNonNegative, type Facts } from "./prove.js";

/** No limit, a limit, or no range that begins at 0. */
export type Largest =
  { readonly kind: "any" } | { readonly kind: "extent"; readonly extent: Int } | { readonly kind: "none" };
const any: Largest = { kind: "any" };
const none: Largest = { kind: "none" };

/**
 * The largest E for which 0 <= subscript < extent for every 0 <= name < E and all values of the other indices,
 * whose ranges are in `facts`.
 */
export function largestExtent(facts: Facts, name: string, subscript: Int, extent: Int): Largest {
  const sides = [atMost(integer.zero, subscript), below(subscript, extent)].map((side): Largest => {
    if (side.kind === "truth") return side.value ? any : none;
    return side.kind === "nonnegative" ? largestWhere(facts, name, side.value) : none;
  });
  return both(facts, ...sides);
}

/** What is within each of these. */
const both = (facts: Facts, ...sides: readonly Largest[]): Largest =>
  sides.reduce((a, b) => {
    if (a.kind === "none" || b.kind === "none") return none;
    if (a.kind === "any") return b;
    return b.kind === "any" ? a : { kind: "extent", extent: lesser(facts, a.extent, b.extent) };
  });

/** rest - max(a, b) >= 0 where it holds of a and of b, rest + min(a, b) likewise. */
function sidesBound(value: Int, name: string): readonly Int[] | undefined {
  for (const m of value.monomials) {
    const [atom] = m.factors;
    if (m.factors.length !== 1 || (atom?.kind !== "min" && atom?.kind !== "max")) continue;
    const binds = atom.kind === "max" ? m.coefficient < 0 : m.coefficient > 0;
    if (!binds || ![atom.left, atom.right].some((side) => integer.mentions(side, name))) continue;
    const rest = integer.minus(value, { kind: "int", monomials: [m] });
    return [atom.left, atom.right].map((side) => integer.plus(rest, integer.scale(side, m.coefficient)));
  }
  return undefined;
}

/** The largest E with value >= 0 on 0 <= name < E: from rest - c·name >= 0 it is ⌊rest/c⌋ + 1. */
function largestWhere(facts: Facts, name: string, value: Int): Largest {
  const cleared = nonNegative(value, positiveIn(facts));
  if (cleared.kind === "truth") return cleared.value ? any : none;
  if (cleared.kind !== "nonnegative") return none;
  if (provesNonNegative(facts, cleared.value)) return any;
  const clamped = sidesBound(cleared.value, name);
  if (clamped) return both(facts, ...clamped.map((side) => largestWhere(facts, name, side)));
  const least = extreme(facts, cleared.value, "least", new Set([name]));
  const parts = least && integer.affineIn(least, name);
  if (!parts) return none;
  const sign = parts.coefficient.monomials.length === 0 ? 1 : signOf(facts, parts.coefficient);
  if (sign === 1) return provesNonNegative(facts, parts.rest) ? any : none;
  if (sign === undefined) return none;
  const weight = integer.negate(parts.coefficient);
  const last = divideEvenly(facts, parts.rest, weight) ?? integer.floorDivide(parts.rest, weight);
  return { kind: "extent", extent: integer.plus(last, integer.one) };
}

/** The lesser of two, as one of them where that is provable. */
export function lesser(facts: Facts, a: Int, b: Int): Int {
  if (provesNonNegative(facts, integer.minus(b, a))) return a;
  if (provesNonNegative(facts, integer.minus(a, b))) return b;
  return integer.extremum("min", a, b);
}
