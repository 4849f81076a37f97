/**
 * Left-hand sides: a subscript over several indices must run through its axis exactly once.
 *
 * `(c*H + h)*W + w` does, by mixed radix: ordered by weight, each index counts up to the next one's weight.
 * A negative weight runs backwards: `R - 1 - r` is `r` seen from the other end.
 */
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { signOf } from "./extremes.js";
import { divideEvenly } from "./definitions.js";
import { expand, type Facts } from "./prove.js";

export type Cover =
  | { readonly ok: true; readonly extents: ReadonlyMap<string, Int>; readonly extent: Int }
  | { readonly ok: false };
const fails: Cover = { ok: false };

interface Digit {
  readonly name: string;
  readonly weight: Int;
  readonly reversed: boolean;
}

/**
 * How the subscript covers an axis. `declared` is the axis' extent where there is one; `known` has the extents
 * of the indices settled already. The extents of the other indices follow from the weights and the axis.
 */
export function coverAxis(
  facts: Facts,
  subscript: Int,
  indices: readonly string[],
  known: ReadonlyMap<string, Int>,
  declared: Int | undefined,
): Cover {
  const split = digitsOf(facts, subscript, indices);
  if (!split) return fails;
  const same = (a: Int, b: Int): boolean => integer.equal(expand(facts, a), expand(facts, b));
  const extents = new Map<string, Int>();
  let unit = integer.one;
  let remaining = split.digits;
  let farEnd = integer.zero; // Σ |weight|·(extent - 1) over the reversed ones
  while (remaining.length > 0) {
    const digit = remaining.find((d) => same(d.weight, unit));
    if (!digit) return fails;
    remaining = remaining.filter((d) => d !== digit);
    const end = remaining.length === 0 ? declared : leastWeight(facts, remaining);
    const extent = known.get(digit.name) ?? (end && divideEvenly(facts, end, unit));
    if (!extent) return fails;
    // Two indices of one weight leave open which of them runs.
    if (remaining.some((d) => same(d.weight, unit)) && !known.has(digit.name)) return fails;
    extents.set(digit.name, extent);
    if (digit.reversed)
      farEnd = integer.plus(farEnd, integer.times(unit, integer.minus(extent, integer.one)));
    unit = integer.times(unit, extent);
  }
  if (declared && !same(unit, declared)) return fails;
  return same(split.offset, farEnd) ? { ok: true, extents, extent: declared ?? unit } : fails;
}

/** The subscript as Σ ±weight·index + offset, or undefined where it is not affine with weights of known sign. */
function digitsOf(
  facts: Facts,
  subscript: Int,
  indices: readonly string[],
): { digits: readonly Digit[]; offset: Int } | undefined {
  const digits: Digit[] = [];
  let offset = subscript;
  for (const name of indices) {
    if (!integer.mentions(offset, name)) continue;
    const parts = integer.affineIn(offset, name);
    const sign = parts && signOf(facts, parts.coefficient);
    if (!parts || !sign || indices.some((i) => integer.mentions(parts.coefficient, i))) return undefined;
    digits.push({ name, weight: integer.scale(parts.coefficient, sign), reversed: sign < 0 });
    offset = parts.rest;
  }
  return { digits, offset };
}

/** Of the weights that are left, the one that divides all others. */
const leastWeight = (facts: Facts, digits: readonly Digit[]): Int | undefined =>
  digits.find((d) => digits.every((other) => divideEvenly(facts, other.weight, d.weight)))?.weight;
