/**
 * float64 that knows how large the terms are that a number was summed from, and what the same formula comes to in float32.
 * A kernel may add in another order and round otherwise: its error is measured by these terms, be the result ever so small,
 * and it is not asked for more than the formula gives as it is written.
 */
import type { Layer } from "../notation/layer.js";
import { isSmooth, primitives, type FunctionName } from "../primitives/index.js";
import { lifted } from "./lift.js";
import type { Arithmetic } from "./numbers.js";
import { float64 } from "./numbers.js";

export class Measured {
  readonly value: number;
  /** Σ |term|: what a relative error of each thing that was rounded adds up to, over that error. */
  readonly terms: number;
  /** By float32. */
  readonly single: number;
  /** Neither type rounds it, in whatever order. */
  readonly exact: boolean;
  /** The most that a product of some of its factors comes to: a kernel may take others first than the formula does. */
  readonly reach: number;
  /** The longest reach of all that it was computed from. What goes beyond a type's range on the way may come out as NaN. */
  readonly widest: number;

  constructor(value: number, terms: number, single: number, exact: boolean, reach: number, widest: number) {
    this.value = value;
    this.terms = terms;
    this.single = Math.fround(single);
    this.exact = exact && this.single === value;
    this.reach = reach;
    this.widest = Math.max(reach, widest);
  }
}

/** Given values as exact numbers; integers as they are. */
export const measuredFrom = (
  values: Iterable<readonly [string, ArrayLike<number>]>,
  layer: Layer,
  { rational }: Arithmetic<Measured>,
): ReadonlyMap<string, ArrayLike<Measured | number>> =>
  lifted(layer, values, (data: ArrayLike<number>) => Array.from(data, (value) => rational(value)));

export interface Measure {
  readonly arithmetic: Arithmetic<Measured>;
  /** How near, relative to their terms, two numbers came that a branch compares, of those that are rounded. */
  readonly nearest: () => number;
}

/** @param countsTies whether numbers that come out equal are near; by construction they often are, and then in every order */
export function measure(countsTies: boolean): Measure {
  let nearest = Infinity;
  const decide = (a: Measured, b: Measured): void => {
    if (a.exact && b.exact) return;
    const gap = Math.abs(a.value - b.value) / (a.terms + b.terms);
    if (gap < nearest && (gap > 0 || countsTies)) nearest = gap;
  };
  const inputOf = (value: number): Measured =>
    new Measured(value, Math.abs(value), value, true, sizeOf(value), 0);
  /**
   * f at a number whose rounding moves it: by how much is measured by a step both ways.
   * @param keeps whether f rounds nothing: σ(40) is 1 by rounding, and so ln σ(40) is 0
   */
  const at = (f: (a: number) => number, a: Measured, keeps: boolean): Measured => {
    const value = f(a.value);
    const own = Math.abs(value);
    const by = step * a.terms;
    const moved = a.exact ? 0 : Math.max(distance(f(a.value + by), value), distance(f(a.value - by), value));
    const exact = a.exact && keeps;
    const terms = own + moved / step + (exact ? 0 : lostBelow(value));
    return new Measured(value, terms, f(a.single), exact, sizeOf(value), a.widest);
  };
  const at2 = (f: (a: number, b: number) => number, a: Measured, b: Measured, keeps: boolean): Measured => {
    const value = f(a.value, b.value);
    const inA = at((x) => f(x, b.value), a, keeps);
    const inB = at((y) => f(a.value, y), b, keeps);
    const terms = Math.max(Math.abs(value), inA.terms + inB.terms - Math.abs(value));
    const single = f(a.single, b.single);
    const exact = a.exact && b.exact && keeps;
    return new Measured(value, terms, single, exact, sizeOf(value), widestOf(a, b));
  };
  const arithmetic: Arithmetic<Measured> = {
    rational: (numerator, denominator = 1) => inputOf(numerator / denominator),
    named: (name) => inputOf(float64.named(name)),
    add: (a, b) => {
      const [value, single] = [a.value + b.value, a.single + b.single];
      return new Measured(
        value,
        a.terms + b.terms,
        single,
        a.exact && b.exact && isExactSum(a.value, b.value),
        a.reach + b.reach,
        widestOf(a, b),
      );
    },
    multiply: (a, b) => {
      const value = a.value * b.value;
      // |a·δb| + |b·δa| + |δa·δb|: of two numbers that are 0 by rounding alone, as 1 - tanh(40), only the last is left
      const terms =
        a.exact && b.exact
          ? Math.abs(value)
          : Math.abs(a.value) * b.terms +
            Math.abs(b.value) * a.terms +
            unit * a.terms * b.terms +
            (a.value === 0 || b.value === 0 ? 0 : lostBelow(value));
      const reach = Math.max(1, a.reach) * Math.max(1, b.reach);
      return new Measured(value, terms, a.single * b.single, a.exact && b.exact, reach, widestOf(a, b));
    },
    power: (base, n) => at((x) => float64.power(x, n), base, true),
    raise: () => (base, exponent) => at2((x, y) => x ** y, base, exponent, false),
    unary: (name) => {
      const f = float64.unary(name);
      return (a) => at(f, a, isKeeping(name));
    },
    binary: (name) => {
      const f = float64.binary(name);
      return (a, b) => at2(f, a, b, isKeeping(name));
    },
    compare: (operator) => {
      const compare = float64.compare(operator);
      return (a, b) => {
        decide(a, b);
        return compare(a.value, b.value);
      };
    },
    less: (a, b) => a.value < b.value,
    float: (a) => {
      // what a rounding of its argument would have made another integer
      if (a.terms - Math.abs(a.value) >= 0.5 / step && step < nearest) nearest = step;
      return a.value;
    },
    stop: (a) => a,
    chosen: (_, best, rival) => decide(best, rival),
  };
  return { arithmetic, nearest: () => nearest };
}

/** Functions that give one of their arguments, its size, or an integer: mod alone decides and rounds. */
const isKeeping = (name: FunctionName): boolean => !isSmooth(name) && primitives[name].range !== "partial";
/** Whether a + b is not rounded: what is left of b in the sum is b, and what is left of a is a. */
const isExactSum = (a: number, b: number): boolean => {
  const sum = a + b;
  const ofB = sum - a;
  return a - (sum - ofB) + (b - ofB) === 0;
};

/** An infinity that a function or the formula itself gives is meant. */
const sizeOf = (value: number): number => (Number.isFinite(value) ? Math.abs(value) : 1);
const widestOf = (a: Measured, b: Measured): number => Math.max(a.widest, b.widest);
/** A step by which functions are smooth, and what rounding leaves of a difference small: relative to the terms. */
const step = 2 ** -20;
/** What is too small for float64 comes out as 0 or with few digits: in terms of its rounding, that of the smallest normal number. */
const lostBelow = (value: number): number => (Math.abs(value) < smallestNormal ? smallestNormal : 0);
const smallestNormal = 2 ** -1022;
/** By how much float64 rounds, relative to a term. */
const unit = 2 ** -53;
/** Where one side lies outside of a function's domain, the other tells. */
const distance = (a: number, b: number): number => (Number.isNaN(a - b) ? 0 : Math.abs(a - b));
