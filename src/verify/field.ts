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
import { decimal } from "../notation/construct.js";
import type { Fraction } from "../notation/expression.js";
import { drawPrimes, modular, Pole, Unlucky } from "./modular.js";
import type { Arithmetic } from "./numbers.js";
import { areApart, isInfinite, isZero, same, type Exact, type Terms } from "./exact.js";
import { fieldFunctions } from "./field-functions.js";
import type { Random } from "./random.js";
import { factorSigns, Places, type FactorSigns, type Kind, type Place } from "./sites.js";

export interface Field extends Pick<FactorSigns, "layerEnds" | "settle"> {
  readonly arithmetic: Arithmetic<Exact>;
  /** What the formulas decided. */
  readonly places: Places;
  /** The modulus of exponents, the smaller one: points are drawn from so many at least. */
  readonly size: number;
  /** Random numbers, the elements of that tensor, that compare as these do. Equal floats give equal numbers, 0, 6 and 0.1 give these. */
  readonly draw: (name: string, ...floats: readonly number[]) => readonly Exact[];
  /** A random number apart from all others. */
  readonly fresh: () => Exact;
  /** Whether nothing but rational functions was met. */
  readonly isRational: () => boolean;
}

/** What is drawn at random is a float32 number with many digits. */
const isSpecial = (float: number): boolean => Math.fround(float) !== float || String(float).length <= 8;
/** A fraction with a small denominator that is this float, or for which `holds` of one near it. */
function fractionOf(
  float: number,
  holds: (fraction: number) => boolean = (fraction) => fraction === float,
): readonly [number, number] | undefined {
  for (let d = 1; d <= 60; d++) {
    const n = Math.round(float * d);
    if (n !== 0 && Math.abs(n) < 1e6 && holds(n / d)) return [n, d];
  }
  return undefined;
}
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
    nonnegative: float >= 0,
  });
  const zero = constant(0, 0, 0);
  const one = constant(1, 1, 1);
  const infinite = (float: number): Exact => {
    if (Number.isNaN(float)) throw new Pole("arithmetic with inf");
    return constant(NaN, NaN, float);
  };
  const rational = (numerator: number, denominator = 1): Exact => {
    const float = numerator / denominator;
    if (!Number.isFinite(numerator)) return infinite(float);
    const number = constant(modP.embed(numerator, denominator), modQ.embed(numerator, denominator), float);
    return {
      ...number,
      whole: denominator === 1 && Number.isInteger(numerator),
      factors: { kind: "rational", numerator, denominator },
    };
  };

  const long = ({ top, bottom }: Fraction, float: number): Exact => {
    const of = (value: bigint, { modulus }: typeof modP): number => {
      const rest = Number(value % BigInt(modulus));
      return rest < 0 ? rest + modulus : rest;
    };
    const quotient = (field: typeof modP): number => {
      if (top !== 0n && of(top, field) === 0) throw new Unlucky("a constant is 0");
      return field.multiply(of(top, field), field.inverse(of(bottom, field)));
    };
    return constant(quotient(modP), quotient(modQ), float);
  };

  const add = (a: Exact, b: Exact): Exact => {
    if (isInfinite(a) || isInfinite(b)) return infinite(a.float + b.float);
    // a sum of one term is that term
    if (isZero(a)) return b;
    if (isZero(b)) return a;
    const [re, im] = [modP.add(a.re, b.re), modP.add(a.im, b.im)];
    return {
      re,
      im,
      exponent: modQ.add(a.exponent, b.exponent),
      // what cancels leaves no rounding
      float: re === 0 && im === 0 ? 0 : a.float + b.float,
      degree: Math.max(a.degree + b.poles, b.degree + a.poles),
      poles: a.poles + b.poles,
      nonnegative: a.nonnegative && b.nonnegative,
      whole: a.whole === true && b.whole === true,
      terms: a.terms || b.terms ? { kind: "sum", left: a, right: b } : undefined,
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
      nonnegative: (a.nonnegative && b.nonnegative) || same(a, b),
      whole: a.whole === true && b.whole === true,
      factors: { kind: "product", left: a, right: b },
      terms: scaled(a, b) ?? scaled(b, a),
    };
  };
  const scaled = (factor: Exact, of: Exact): Terms | undefined =>
    of.terms && !factor.terms ? { kind: "scaled", factor, of } : undefined;
  const inverse = (a: Exact): Exact => {
    if (isInfinite(a)) return zero;
    if (isZero(a)) throw new Pole("division by 0");
    // 1/(x + iy) = (x - iy)/(x² + y²); the norm is 0 for 0 alone
    const norm = modP.inverse(modP.add(modP.multiply(a.re, a.re), modP.multiply(a.im, a.im)));
    return {
      re: modP.multiply(a.re, norm),
      im: modP.multiply(modP.negate(a.im), norm),
      exponent: modQ.inverse(a.exponent),
      float: 1 / a.float,
      degree: a.poles,
      poles: a.degree,
      nonnegative: a.nonnegative,
      factors: { kind: "power", base: a, numerator: -1, denominator: 1 },
    };
  };
  const power = (base: Exact, n: number): Exact => {
    if (n < 0) return power(inverse(base), -n);
    let result = one;
    for (let square = base, rest = n; rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) result = result === one ? square : multiply(result, square);
      if (rest > 1) square = multiply(square, square);
    }
    return n % 2 === 0 ? { ...result, nonnegative: true } : result;
  };

  const order = (a: Exact, b: Exact): number => {
    if (same(a, b)) return 0;
    const difference = a.float - b.float;
    if (isInfinite(a) || isInfinite(b) || Math.abs(difference) === Infinity) return difference;
    if (Math.abs(difference) > resolution * (Math.abs(a.float) + Math.abs(b.float))) return difference;
    throw new Unlucky("two numbers too near each other to be ordered");
  };
  const places = new Places();
  const signs = factorSigns(places);
  const comparison = (kind: Kind, at: Place | undefined): ((a: Exact, b: Exact) => number) => {
    if (at === undefined) return order;
    const [seen, site] = [places.order(kind, at), places.site(kind, at)];
    return (a, b) => {
      const difference = order(a, b);
      seen(difference);
      site.apart &&= areApart(a, b);
      site.atLeast &&= a.nonnegative && isZero(b);
      site.atMost &&= b.nonnegative && isZero(a);
      return difference;
    };
  };
  let isRational = true;
  const transcendental = (): void => {
    isRational = false;
  };
  const drawn = new Map<number, Exact>();
  const fresh = (float = random.normal()): Exact => ({
    ...constant(random.integer(p), random.integer(q), float),
    degree: 1,
    nonnegative: false,
  });
  /** 0, 6 or 0.1: what a layer may compare with is that number. */
  const asDrawn = (float: number): Exact => {
    const number = known(float);
    return { ...number, float, degree: 1, nonnegative: false };
  };
  const known = (float: number): Exact => {
    const whole = fractionOf(float);
    if (whole) return rational(...whole);
    const square = fractionOf(float * float, (r) => Math.sqrt(r) === Math.abs(float));
    if (square) {
      const root = functions.unary("sqrt")(rational(...square));
      return float < 0 ? multiply(rational(-1), root) : root;
    }
    const power = fractionOf(Math.exp(float), (r) => Math.log(r) === float);
    if (power) return functions.unary("log")(rational(...power));
    const written = decimal(String(Math.abs(float)));
    const number = written.exact
      ? long(written.exact, Math.abs(float))
      : rational(written.numerator, written.denominator);
    return float < 0 ? multiply(rational(-1), number) : number;
  };
  const draw: Field["draw"] = (name, ...floats) => {
    const numbers = floats.map((float) => {
      const number = drawn.get(float) ?? (isSpecial(float) ? asDrawn(float) : fresh(float));
      drawn.set(float, number);
      return number;
    });
    signs.drawn(name, numbers);
    return numbers;
  };
  const functions = fieldFunctions({
    ...{ modP, modQ, random, zero, one, rational, infinite, add, multiply, power, comparison },
    ...signs,
    watch: places,
    allDrawn: () => drawn.values(),
    transcendental,
  });
  const arithmetic: Arithmetic<Exact> = {
    rational,
    fraction: (fraction) => long(fraction, Number(fraction.top) / Number(fraction.bottom)),
    named: functions.named,
    add,
    multiply,
    power,
    raise: functions.raise,
    unary: functions.unary,
    binary: functions.binary,
    parameter: (name, numerator, denominator) =>
      draw(name, numerator / denominator)[0] ?? rational(numerator, denominator),
    compare: (operator, at) => {
      // equal or not is told without an order, unless somebody asks which way
      if (at === undefined && operator === "==") return same;
      if (at === undefined && operator === "!=") return (a, b) => !same(a, b);
      const compare = comparison("compare", at);
      switch (operator) {
        case "==":
          return (a, b) => compare(a, b) === 0;
        case "!=":
          return (a, b) => compare(a, b) !== 0;
        case "<":
          return (a, b) => compare(a, b) < 0;
        case "<=":
          return (a, b) => compare(a, b) <= 0;
      }
    },
    watch: places,
    less: (a, b) => order(a, b) < 0,
    chosen: (_, best, rival, at) => {
      places.order("choice", at)(order(best, rival));
    },
    float: (a) => a.float,
    stop: (a) => a,
  };
  return {
    arithmetic,
    size: q,
    draw,
    fresh,
    isRational: () => isRational,
    places,
    ...signs,
  };
}
