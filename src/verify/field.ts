/**
 * Exact numbers: a layer evaluated in them is evaluated without rounding, at a random point of a finite field.
 *
 * A number is an element of F_p (of F_p(√-1) where roots ask for it) together with the same number modulo q, where
 * p = 2q + 1: exponents are taken modulo q, so that exp(a + b) = exp(a)·exp(b). Beside both stands an ordinary
 * float64, which decides comparisons: which branch is taken is a matter of order, and within one branch an identity
 * of formulas is one of polynomials.
 *
 * Two different rational functions with degrees up to d agree at a random point with probability at most d/q (Schwartz
 * and Zippel). Every number carries the degrees of its numerator and its denominator in what was drawn, so the bound is
 * computed, not guessed; values of functions that have no laws here count as variables of their own.
 */
import { drawPrimes, modular, Unlucky, type Modular } from "./modular.js";
import { NotRational, type Arithmetic } from "./numbers.js";
import { fieldFunctions } from "./field-functions.js";
import type { Random } from "./random.js";

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
  /** e^number and log(number), where they are known from where the number comes from. */
  readonly exponential: Exact | undefined;
  readonly logarithm: Exact | undefined;
}

/** Which ways a comparison went: one that went one way only has not shown what the other branch does. */
export interface Site {
  yes: boolean;
  no: boolean;
}

/** What functions need of the field around them. */
export interface Base {
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
  /** The order of two numbers: negative, zero or positive. */
  readonly order: (a: Exact, b: Exact) => number;
  /** A place where the formula branches on numbers. */
  readonly site: () => (outcome: boolean, ...decidedBy: readonly Exact[]) => boolean;
  /** Told that a value was taken that is no rational function of what was drawn. */
  readonly transcendental: () => void;
}

export interface Field {
  readonly arithmetic: Arithmetic<Exact>;
  /** The modulus of exponents, the smaller one: points are drawn from so many at least. */
  readonly size: number;
  /** A random number that compares as `float` does. Equal floats give equal numbers, 0 gives 0. */
  readonly draw: (float: number) => Exact;
  /** A random number apart from all others. */
  readonly fresh: () => Exact;
  /** Whether nothing but rational functions was met. */
  readonly isRational: () => boolean;
  readonly sites: readonly Site[];
}

export const isInfinite = (a: Exact): boolean => Number.isNaN(a.re);
export const isZero = (a: Exact): boolean => a.re === 0 && a.im === 0;
/** Equal as elements of the field; infinite numbers by their sign. */
export const same = (a: Exact, b: Exact): boolean =>
  isInfinite(a) ? isInfinite(b) && a.float === b.float : a.re === b.re && a.im === b.im;
/** Bounds how many points two numbers that are different can agree at, as a degree. */
export const degreeOfDifference = (a: Exact, b: Exact): number =>
  Math.max(a.degree + b.poles, b.degree + a.poles);

/** Floats nearer than this, relative to their size, are not ordered. */
const resolution = 1e-12;

export function exactField(random: Random): Field {
  const { p, q } = drawPrimes(random);
  const [modP, modQ] = [modular(p), modular(q)];
  const constant = (re: number, exponent: number, float: number): Exact => ({
    re,
    im: 0,
    exponent,
    float,
    degree: 0,
    poles: 0,
    exponential: undefined,
    logarithm: undefined,
  });
  const zero = constant(0, 0, 0);
  const one = constant(1, 1, 1);
  const infinite = (float: number): Exact => {
    if (Number.isNaN(float)) throw new NotRational("arithmetic with inf");
    return constant(NaN, NaN, float);
  };
  const rational = (numerator: number, denominator = 1): Exact => {
    const float = numerator / denominator;
    if (!Number.isFinite(numerator)) return infinite(float);
    return constant(modP.embed(numerator, denominator), modQ.embed(numerator, denominator), float);
  };

  const add = (a: Exact, b: Exact): Exact => {
    if (isInfinite(a) || isInfinite(b)) return infinite(a.float + b.float);
    const [re, im] = [modP.add(a.re, b.re), modP.add(a.im, b.im)];
    const related = a.exponential ?? b.exponential;
    return {
      re,
      im,
      exponent: modQ.add(a.exponent, b.exponent),
      // what cancels leaves no rounding
      float: re === 0 && im === 0 ? 0 : a.float + b.float,
      degree: Math.max(a.degree + b.poles, b.degree + a.poles),
      poles: a.poles + b.poles,
      exponential: related && multiply(functions.exp(a), functions.exp(b)),
      logarithm: undefined,
    };
  };
  const multiply = (a: Exact, b: Exact): Exact => {
    if (isInfinite(a) || isInfinite(b)) return infinite(a.float * b.float);
    const plain = a.im === 0 && b.im === 0;
    const re = modP.multiply(a.re, b.re);
    return {
      re: plain ? re : modP.add(re, modP.negate(modP.multiply(a.im, b.im))),
      im: plain ? 0 : modP.add(modP.multiply(a.re, b.im), modP.multiply(a.im, b.re)),
      exponent: modQ.multiply(a.exponent, b.exponent),
      float: a.float * b.float,
      degree: a.degree + b.degree,
      poles: a.poles + b.poles,
      // e^(n·log u) = u^n
      exponential: multipleOf(a, b) ?? multipleOf(b, a),
      logarithm: a.logarithm && b.logarithm && add(a.logarithm, b.logarithm),
    };
  };
  const multipleOf = (a: Exact, factor: Exact): Exact | undefined => {
    if (!a.exponential) return undefined;
    const n = factor.float;
    const isInteger = factor.degree === 0 && factor.poles === 0 && Number.isInteger(n) && Math.abs(n) < 64;
    return isInteger && same(factor, rational(n)) ? power(a.exponential, n) : undefined;
  };
  const inverse = (a: Exact): Exact => {
    if (isInfinite(a)) return zero;
    // 1/(x + iy) = (x - iy)/(x² + y²); the norm is 0 for 0 alone
    const norm = modP.inverse(modP.add(modP.multiply(a.re, a.re), modP.multiply(a.im, a.im)));
    return {
      re: modP.multiply(a.re, norm),
      im: modP.multiply(modP.negate(a.im), norm),
      exponent: modQ.inverse(a.exponent),
      float: 1 / a.float,
      degree: a.poles,
      poles: a.degree,
      exponential: undefined,
      logarithm: a.logarithm && multiply(a.logarithm, rational(-1)),
    };
  };
  const power = (base: Exact, n: number): Exact => {
    if (n < 0) return power(inverse(base), -n);
    let result = one;
    for (let square = base, rest = n; rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) result = result === one ? square : multiply(result, square);
      if (rest > 1) square = multiply(square, square);
    }
    return result;
  };

  const order = (a: Exact, b: Exact): number => {
    if (same(a, b)) return 0;
    const difference = a.float - b.float;
    if (isInfinite(a) || isInfinite(b)) return difference;
    if (Math.abs(difference) > resolution * (Math.abs(a.float) + Math.abs(b.float))) return difference;
    throw new Unlucky("two numbers too near each other to be ordered");
  };
  const sites: Site[] = [];
  const site: Base["site"] = () => {
    const seen: Site = { yes: false, no: false };
    sites.push(seen);
    return (outcome, ...decidedBy) => {
      // what no draw can change has one branch only
      if (decidedBy.every(({ degree, poles }) => degree === 0 && poles === 0)) seen.yes = seen.no = true;
      if (outcome) seen.yes = true;
      else seen.no = true;
      return outcome;
    };
  };

  let isRational = true;
  const transcendental = (): void => {
    isRational = false;
  };
  const drawn = new Map<number, Exact>([[0, { ...zero, degree: 1 }]]);
  const fresh = (float = random.normal()): Exact => ({
    ...constant(random.integer(p), random.integer(q), float),
    degree: 1,
  });
  const draw = (float: number): Exact => {
    const number = drawn.get(float) ?? fresh(float);
    drawn.set(float, number);
    return number;
  };
  const base = { modP, modQ, random, zero, one, rational, infinite, add, multiply, power, order, site };
  const functions = fieldFunctions({ ...base, transcendental });
  const arithmetic: Arithmetic<Exact> = {
    rational,
    named: functions.named,
    add,
    multiply,
    power,
    raise: functions.raise,
    unary: functions.unary,
    binary: functions.binary,
    compare: (operator) => {
      const seen = site();
      if (operator === "==") return (a, b) => seen(same(a, b), a, b);
      if (operator === "!=") return (a, b) => seen(!same(a, b), a, b);
      if (operator === "<") return (a, b) => seen(order(a, b) < 0, a, b);
      return (a, b) => seen(order(a, b) <= 0, a, b);
    },
    less: (a, b) => order(a, b) < 0,
    stop: (a) => a,
  };
  return { arithmetic, size: q, draw, fresh, isRational: () => isRational, sites };
}
