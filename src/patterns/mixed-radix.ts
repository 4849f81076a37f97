/** Two indices that stand only as one number are one index; an index that is taken apart is two. */
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { freshNames, type Fresh } from "../notation/fresh.js";

/** 0 <= name < extent. */
export interface Digit {
  readonly name: string;
  readonly extent: Int;
}
/** The digits after the change, and by what the old names are replaced. */
export interface Regrouping {
  readonly digits: readonly Digit[];
  readonly by: ReadonlyMap<string, Int>;
}

/**
 * g and c become one index where both stand only in multiples of g·C + c, with c < C.
 * @param values every integer in which the digits can stand
 */
export function joinDigits(digits: readonly Digit[], values: readonly Int[]): Regrouping | undefined {
  const names = values.map((v) => integer.variablesOf(v)).filter((set) => set.size > 0);
  for (const low of digits)
    for (const high of digits) {
      const together = names.filter((set) => set.has(low.name) || set.has(high.name));
      const always = together.every((set) => set.has(low.name) && set.has(high.name));
      if (low === high || together.length === 0 || !always) continue;
      // c = i - g·C: where g is gone from all values, i is all that is left
      const whole = integer.variable(low.name);
      const digit = integer.minus(whole, integer.times(integer.variable(high.name), low.extent));
      const by = new Map([[low.name, digit]]);
      const joined = values.map((v) => integer.substituteInt(v, by));
      if (joined.some((v) => integer.mentions(v, high.name))) continue;
      const extent = integer.times(high.extent, low.extent);
      return {
        digits: digits.flatMap((d) => (d === high ? [] : [d === low ? { name: low.name, extent } : d])),
        by,
      };
    }
  return undefined;
}

/** i < G·C becomes g·C + c where ⌊i/C⌋ or mod(i, C) stands somewhere. */
export function splitDigit(
  digits: readonly Digit[],
  values: readonly Int[],
  fresh: Fresh = freshNames([]),
): Regrouping | undefined {
  for (const digit of digits)
    for (const base of basesOf(digit.name, values)) {
      const extent = integer.quotient(digit.extent, base);
      if (!extent || integer.literal(extent) === 1) continue;
      const high = { name: fresh.index(digit.name), extent };
      const low = { name: fresh.index(digit.name), extent: base };
      const value = integer.plus(
        integer.times(integer.variable(high.name), base),
        integer.variable(low.name),
      );
      return {
        digits: digits.flatMap((d) => (d === digit ? [high, low] : [d])),
        by: new Map([[digit.name, value]]),
      };
    }
  return undefined;
}

/** The divisors C of ⌊i/C⌋ and mod(i, C). */
function basesOf(name: string, values: readonly Int[]): readonly Int[] {
  const bases: Int[] = [];
  for (const value of values)
    integer.eachAtom(value, (atom) => {
      if (atom.kind === "floor" && integer.plainVariable(atom.numerator) === name)
        bases.push(atom.denominator);
      if (atom.kind === "modulo" && integer.plainVariable(atom.value) === name) bases.push(atom.modulus);
    });
  return bases;
}
