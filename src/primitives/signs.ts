/** Sets of signs, and what functions make of them. */
import type { Compare } from "../notation/expression.js";

/** A set of signs; `pole` is an infinity that a division or a logarithm makes. */
export type Signs = number;
const [negative, zero, positive, pole] = [1, 2, 4, 8] as const;
export const sign = { negative, zero, positive, pole } as const;
/** Any number. */
export const real: Signs = negative | zero | positive;

export const hasSigns = (signs: Signs, some: Signs): boolean => (signs & some) !== 0;
export const without = (signs: Signs, some: Signs): Signs => signs & ~some;

export const numberSigns = (value: number): Signs =>
  Number.isFinite(value) ? (value < 0 ? negative : value > 0 ? positive : zero) : pole;

export const mirrored = (signs: Signs): Signs =>
  (signs & (zero | pole)) |
  (hasSigns(signs, negative) ? positive : 0) |
  (hasSigns(signs, positive) ? negative : 0);

/** The signs of v + number for a v of these signs. */
export const shifted = (side: Signs, number: number): Signs =>
  (side & pole) |
  (hasSigns(side, zero) ? numberSigns(number) : 0) |
  (hasSigns(side, positive) ? (number > 0 ? positive : real) : 0) |
  (hasSigns(side, negative) ? (number < 0 ? negative : real) : 0);

/** The signs of a - b where a compares so with b, or where it does not. */
export function sideOf(operator: Compare["operator"], holds: boolean): Signs {
  const sides = { "<": negative, "<=": negative | zero, "==": zero, "!=": negative | positive };
  return pole | (holds ? sides[operator] : without(real, sides[operator]));
}

export function sumOf(a: Signs, b: Signs): Signs {
  const [up, down] = [hasSigns(a | b, positive), hasSigns(a | b, negative)];
  return (
    ((a | b) & pole) |
    (up ? positive : 0) |
    (down ? negative : 0) |
    ((hasSigns(a, zero) && hasSigns(b, zero)) || (up && down) ? zero : 0)
  );
}
export function productOf(a: Signs, b: Signs): Signs {
  const pairs = (x: Signs, y: Signs): boolean =>
    (hasSigns(a, x) && hasSigns(b, y)) || (hasSigns(a, y) && hasSigns(b, x));
  return (
    ((a | b) & pole) |
    (pairs(positive, positive) || pairs(negative, negative) ? positive : 0) |
    (pairs(positive, negative) ? negative : 0) |
    (hasSigns(a | b, zero) ? zero : 0)
  );
}

// what functions make of signs

/** Functions that are positive everywhere; an infinite argument may give 0: exp(-inf). */
export const positiveEverywhere = (u: Signs): Signs => positive | (hasSigns(u, pole) ? zero | pole : 0);
/** Functions that have the sign of their argument. */
export const likeItsArgument = (u: Signs): Signs => u;
export const anySign = (u: Signs, v: Signs): Signs => real | ((u | v) & pole);
/** A maximum: `far` is positive, `near` negative. A minimum: the other way round. */
export const extremeSigns =
  (far: Signs, near: Signs) =>
  (u: Signs, v: Signs): Signs => {
    const some = u | v;
    const reachesZero = hasSigns(u, zero | near) && hasSigns(v, zero | near) && hasSigns(some, zero);
    return (
      (some & (pole | far)) | (reachesZero ? zero : 0) | (hasSigns(u, near) && hasSigns(v, near) ? near : 0)
    );
  };
