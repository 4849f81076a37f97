/** Sets of signs, and what functions make of them. */
import type { Compare, FunctionName } from "../notation/expression.js";

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

/** Functions that keep the sign of their argument, and those that are positive everywhere. */
const odd: ReadonlySet<FunctionName> = new Set([
  ...(["expm1", "sinh", "tanh", "asin", "atan", "erf", "gelu", "sign"] as const),
]);
const above: ReadonlySet<FunctionName> = new Set(["exp", "cosh", "sigmoid", "softplus"]);

export function callSigns(name: FunctionName, [u = real, v = real]: readonly Signs[]): Signs {
  const broken = (u | v) & pole;
  const some = (signs: Signs, of: Signs): Signs => (hasSigns(of, signs) ? signs : 0);
  // an infinite argument may give 0: exp(-inf)
  if (above.has(name)) return positive | (hasSigns(u, pole) ? zero | pole : 0);
  if (odd.has(name)) return u;
  switch (name) {
    case "sqrt":
      return u & (zero | positive | pole);
    case "abs":
      return (u & (zero | pole)) | (hasSigns(u, negative | positive) ? positive : 0);
    case "relu":
      return (u & (positive | pole)) | (hasSigns(u, negative | zero) ? zero : 0);
    case "log":
      return real | (u & pole) | (hasSigns(u, zero) ? pole : 0);
    case "log1p":
      return (u & (zero | positive | pole)) | (hasSigns(u, negative) ? negative | pole : 0);
    case "max":
    case "min": {
      const [far, near] = name === "max" ? [positive, negative] : [negative, positive];
      const reachesZero = hasSigns(u, zero | near) && hasSigns(v, zero | near) && hasSigns(u | v, zero);
      return (
        broken |
        some(far, u | v) |
        (reachesZero ? zero : 0) |
        (hasSigns(u, near) && hasSigns(v, near) ? near : 0)
      );
    }
    case "acos":
      return broken | zero | positive;
    case "floor":
    case "ceil":
    case "round":
      return u | zero;
    case "mod":
    case "tan":
      return real | pole;
    default:
      return real | broken;
  }
}
