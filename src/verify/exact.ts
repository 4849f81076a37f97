/** Exact numbers as values: what they carry with them, and when two of them are equal. See `field.ts`. */
import type { Modular } from "./modular.js";
import type { Random } from "./random.js";
import type { FactorSigns, Kind, Place, Places } from "./sites.js";

export interface Exact {
  /** Modulo p, with i² = -1. NaN marks an infinite number. */
  readonly re: number;
  readonly im: number;
  /** Modulo q. */
  readonly exponent: number;
  readonly float: number;
  /** Degrees of numerator and denominator, at most. */
  readonly degree: number;
  readonly poles: number;
  /** Whether it is known to be nonnegative whatever is drawn: a square, a sum of squares, e^a. */
  readonly nonnegative: boolean;
  /** Whether it is known to be an integer. */
  readonly whole?: boolean | undefined;
  /** The product that it comes from, up to sign: log, roots and powers go through it. */
  readonly factors?: Factors | undefined;
  /** The logarithms that it is made of, which exp goes through; multiples of π and arcs, which angles go through. */
  readonly terms?: Terms | undefined;
}
export type Factors =
  | { readonly kind: "product"; readonly left: Exact; readonly right: Exact }
  /** base^(numerator/denominator) */
  | { readonly kind: "power"; readonly base: Exact; readonly numerator: number; readonly denominator: number }
  | { readonly kind: "rational"; readonly numerator: number; readonly denominator: number }
  | { readonly kind: "exp"; readonly of: Exact };
export type Terms =
  | { readonly kind: "log"; readonly of: Exact }
  | { readonly kind: "pi" }
  | { readonly kind: "arc"; readonly name: "atan" | "asin"; readonly of: Exact }
  | { readonly kind: "sum"; readonly left: Exact; readonly right: Exact }
  /** factor·of, where `of` has terms */
  | { readonly kind: "scaled"; readonly factor: Exact; readonly of: Exact };

/** What functions need of the field around them. */
export interface Base extends Pick<FactorSigns, "signs" | "inDomain"> {
  /** The order of two numbers, told to the place that it decides. */
  readonly comparison: (kind: Kind, at: Place | undefined) => (a: Exact, b: Exact) => number;
  readonly modP: Modular;
  readonly modQ: Modular;
  readonly random: Random;
  readonly zero: Exact;
  readonly one: Exact;
  readonly rational: (numerator: number, denominator?: number) => Exact;
  readonly infinite: (float: number) => Exact;
  readonly add: (a: Exact, b: Exact) => Exact;
  readonly multiply: (a: Exact, b: Exact) => Exact;
  readonly power: (base: Exact, n: number) => Exact;
  readonly watch: Places;
  /** Every number drawn. */
  readonly allDrawn: () => Iterable<Exact>;
  /** Told that a value was taken that is no rational function of what was drawn. */
  readonly transcendental: () => void;
}

export const isInfinite = (a: Exact): boolean => Number.isNaN(a.re);
export const isZero = (a: Exact): boolean => a.re === 0 && a.im === 0;
/** Equal as elements of the field; infinite numbers by their sign. */
export const same = (a: Exact, b: Exact): boolean =>
  isInfinite(a) ? isInfinite(b) && a.float === b.float : a.re === b.re && a.im === b.im;
/** Equal numbers have equal keys. */
export const keyOf = ({ re, im }: Exact): number | string => (im === 0 ? re : `${re} ${im}`);
/** Whether one is an integer and the other is none: they are never equal. */
export const areApart = (a: Exact, b: Exact): boolean =>
  (a.whole === true && isBroken(b)) || (b.whole === true && isBroken(a));
const isBroken = (a: Exact): boolean =>
  isConstant(a) && a.factors?.kind === "rational" && !Number.isInteger(a.float);
/** The number 2 rather than a number drawn that happens to be 2. */
export const isConstant = ({ degree, poles }: Exact): boolean => degree === 0 && poles === 0;
/** Whether two floats may be one number but for rounding. */
export const near = (a: number, b: number): boolean =>
  !Number.isFinite(a) || !Number.isFinite(b) || Math.abs(a - b) <= 1e-6 * (Math.abs(a) + Math.abs(b)) + 1e-9;
/** Bounds how many points two numbers that are different can agree at, as a degree. */
export const degreeOfDifference = (a: Exact, b: Exact): number =>
  Math.max(a.degree + b.poles, b.degree + a.poles);
