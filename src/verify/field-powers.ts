/**
 * exp, log, roots and powers of exact numbers, with their laws: exp(a + b) = exp(a)·exp(b), log(ab) = log(a) + log(b),
 * (ab)^c = a^c·b^c, a^(b+c) = a^b·a^c and what follows from them. Exponents are exact modulo q, so sums of them need
 * nothing else; logarithms, roots and powers go through the factors that a number is a product of, down to numbers that
 * are none: each of these has a logarithm of its own, an unknown.
 */
import { factoring, fractionOf, isOne, magnitude } from "./field-factors.js";
import { isConstant, isInfinite, isZero, keyOf, same, type Base, type Exact } from "./exact.js";
import { Unlucky } from "./modular.js";
import { NotRational } from "./numbers.js";
import type { Signs } from "./sites.js";

/** One random value for each function and argument. */
export type Unknown = (name: string, float: number, ...by: readonly Exact[]) => Exact;

export interface Powers {
  readonly exp: (a: Exact, signs: Signs) => Exact;
  readonly log: (a: Exact, signs: Signs) => Exact;
  readonly sqrt: (a: Exact, signs: Signs) => Exact;
  readonly raise: (a: Exact, b: Exact, signs: Signs) => Exact;
}

export function fieldPowers(base: Base, unknown: Unknown): Powers {
  const { modP, modQ, random, zero, one, rational, infinite, add, multiply, power } = base;
  const { factorsOf, primesOf, isUnit } = factoring(base);
  const half = modP.inverse(2);

  /** A generator of the squares modulo p: of order q. */
  const generator = modP.power(2 + random.integer(modP.modulus - 3), 2);
  const exponentials = new Map<number | string, Exact>();
  /** e^a of a number that is no logarithm. */
  const plainExp = (a: Exact): Exact => {
    const known = exponentials.get(keyOf(a));
    if (known) return known;
    const float = Math.exp(a.float);
    const value: Exact = {
      // only exponents have laws; the value's own exponent is unknown
      ...unknown("exp", float, a),
      re: modP.power(generator, a.exponent),
      degree: Math.max(1, a.degree + a.poles),
      nonnegative: true,
      factors: { kind: "exp", of: a },
    };
    exponentials.set(keyOf(a), value);
    isUnit(value);
    return value;
  };
  const exp: Powers["exp"] = (a, signs) => {
    if (isInfinite(a)) return a.float < 0 ? zero : a;
    if (isZero(a)) return one;
    switch (a.terms?.kind) {
      case undefined:
      case "pi":
      case "arc":
        return plainExp(a);
      case "log":
        return a.terms.of;
      case "sum":
        return multiply(exp(a.terms.left, signs), exp(a.terms.right, signs));
      case "scaled": {
        let { factor, of } = a.terms;
        while (of.terms?.kind === "scaled") [factor, of] = [multiply(factor, of.terms.factor), of.terms.of];
        if (of.terms?.kind === "pi" || of.terms?.kind === "arc") return plainExp(a);
        return raise(exp(of, signs), factor, signs);
      }
    }
  };

  const log: Powers["log"] = (a, signs) => {
    if (isInfinite(a)) return a;
    base.inDomain(a);
    if (isZero(a)) return infinite(-Infinity);
    return a.float < 0 ? unknown("log", NaN, a) : logOf(a, signs);
  };
  const ownLog = (a: Exact): Exact => ({
    ...unknown("log", Math.log(a.float), a),
    terms: { kind: "log", of: { ...a, nonnegative: true } },
  });
  const logOf = (a: Exact, signs: Signs): Exact => {
    if (isOne(a)) return zero;
    const factors = factorsOf(a);
    const part = (factor: Exact): Exact => logOf(magnitude(factor, base), signs);
    switch (factors?.kind) {
      case undefined:
        return ownLog(a);
      case "product":
        // log(a²) = 2·log|a| whatever the sign of a; log(ab) = log(a) + log(b) for positive numbers alone
        if (!same(factors.left, factors.right)) askSigns(factors.left, factors.right, signs);
        return add(part(factors.left), part(factors.right));
      case "power":
        return multiply(rational(factors.numerator, factors.denominator), part(factors.base));
      case "rational":
        return primesOf(factors)
          .map(([prime, n]) => multiply(rational(n), ownLog(rational(prime))))
          .reduce(add, zero);
      case "exp":
        return factors.of;
    }
  };

  const rootOf = (a: Exact, d: number, signs: Signs): Exact => {
    if (d === 1 || isOne(a)) return a;
    const factors = factorsOf(a);
    const part = (factor: Exact, n: number): Exact => rootOf(magnitude(factor, base), n, signs);
    switch (factors?.kind) {
      case undefined:
        return ownRoot(a, d);
      case "product":
        askSigns(factors.left, factors.right, signs);
        return multiply(part(factors.left, d), part(factors.right, d));
      case "power":
        if (factors.numerator % 2 === 0) signs(factors.base);
        return power(part(factors.base, d * factors.denominator), factors.numerator);
      case "rational":
        return primesOf(factors)
          .map(([prime, n]) => power(ownRoot(rational(prime), d), n))
          .reduce(multiply, one);
      case "exp":
        return exp(multiply(factors.of, rational(1, d)), signs);
    }
  };
  /** The root of a number that is no product. */
  const ownRoot = (a: Exact, d: number): Exact => {
    if (d === 1) return a;
    const known = {
      float: a.float ** (1 / d),
      nonnegative: true,
      factors: { kind: "power", base: a, numerator: 1, denominator: d },
      terms: undefined,
    } as const;
    if (d % 2 === 1) return { ...oddRoot(a, d), ...known };
    // odd roots first: those of imaginary numbers are none of ours
    const odd = oddPart(d);
    if (d > 2) return { ...ownRoot(ownRoot(a, odd > 1 ? odd : 2), odd > 1 ? d / odd : d / 2), ...known };
    const exponent = modQ.root(a.exponent) ?? unknown("sqrt", known.float, a).exponent;
    return { ...a, ...squareRoot(a), exponent, ...known };
  };
  const oddRoot = (a: Exact, d: number): Exact => {
    if (a.im !== 0) throw new Unlucky("an odd root of an imaginary number");
    // squares have order q, in which every odd d has an inverse; the odd root of -1 is -1
    const square = modP.power(a.re, modQ.modulus) === 1;
    const root = modP.power(square ? a.re : modP.negate(a.re), modQ.inverse(d));
    const { exponent } = unknown(`root ${d}`, a.float ** (1 / d), a);
    return { ...a, re: square ? root : modP.negate(root), exponent };
  };
  /** (√a)² = a. Where a is no square its root is imaginary: i² = -1 is none either. */
  const squareRoot = ({ re, im }: Exact): Pick<Exact, "re" | "im"> => {
    if (im === 0) {
      const root = modP.root(re);
      return root === undefined ? { re: 0, im: modP.root(modP.negate(re)) ?? 0 } : { re: root, im: 0 };
    }
    // (u + iv)² = x + iy: u² = (x ± √(x² + y²))/2, v = y/2u
    const norm = modP.root(modP.add(modP.multiply(re, re), modP.multiply(im, im)));
    if (norm === undefined) throw new Unlucky("no root");
    const twice = [modP.add(re, norm), modP.add(re, modP.negate(norm))];
    const u = twice.map((t) => modP.root(modP.multiply(t, half))).find((t) => t !== undefined);
    if (u === undefined) throw new Unlucky("no root");
    return { re: u, im: modP.multiply(im, modP.inverse(modP.add(u, u))) };
  };
  const root = (a: Exact, d: number, signs: Signs): Exact => {
    if (isInfinite(a) || d === 1) return a;
    base.inDomain(a);
    if (isZero(a) || isOne(a)) return a;
    base.transcendental();
    return a.float < 0 ? ownRoot(a, d) : rootOf(a, d, signs);
  };

  /** a^(n/d) for the small fractions that a number may be; for others (ab)^c = a^c·b^c down to numbers that are no products. */
  const raise: Powers["raise"] = (a, b, signs) => {
    if (isInfinite(a) || isInfinite(b)) throw new NotRational("a power of inf");
    const fraction = isConstant(b) ? fractionOf(b, rational) : undefined;
    if (fraction) return power(root(a, fraction.denominator, signs), fraction.numerator);
    if (isZero(b)) return one;
    base.inDomain(a);
    if (isZero(a)) return b.float > 0 ? zero : infinite(Infinity);
    return a.float < 0 ? ownPower(a, b, signs) : powerOf(a, b, signs);
  };
  const powerOf = (a: Exact, b: Exact, signs: Signs): Exact => {
    if (isOne(a)) return a;
    const factors = factorsOf(a);
    const part = (factor: Exact, exponent: Exact): Exact => powerOf(magnitude(factor, base), exponent, signs);
    switch (factors?.kind) {
      case undefined:
        return ownPower(a, b, signs);
      case "product":
        if (!same(factors.left, factors.right)) askSigns(factors.left, factors.right, signs);
        return multiply(part(factors.left, b), part(factors.right, b));
      case "power":
        if (factors.numerator % 2 === 0) signs(factors.base);
        return part(factors.base, multiply(b, rational(factors.numerator, factors.denominator)));
      case "rational":
        return primesOf(factors)
          .map(([prime, n]) => ownPower(rational(prime), multiply(b, rational(n)), signs))
          .reduce(multiply, one);
      case "exp":
        return exp(multiply(factors.of, b), signs);
    }
  };
  /** a^b = a^⌊b⌋·e^((b - ⌊b⌋)·log a) of a number that is no product. */
  const ownPower = (a: Exact, b: Exact, signs: Signs): Exact => {
    const nearest = Math.round(b.float);
    const whole = Math.abs(b.float - nearest) < 1e-9 ? nearest : Math.floor(b.float);
    if (Math.abs(whole) > 2 ** 30) throw new Unlucky("a power too large");
    const rest = add(b, rational(-whole));
    if (isZero(rest)) return power(a, whole);
    return multiply(power(a, whole), plainExp(multiply(rest, log(a, signs))));
  };
  return { exp, log, raise, sqrt: (a, signs) => root(a, 2, signs) };
}

/** ab is not negative: where the sign of one is known, that of the other is too. */
function askSigns(a: Exact, b: Exact, signs: Signs): void {
  if ([a, b].some((factor) => factor.nonnegative || isConstant(factor))) return;
  for (const { factors, ...factor } of [a, b]) {
    // those of products are asked for when these are taken apart
    if (factors?.kind === "power") signs(factors.base);
    else if (factors?.kind !== "product") signs(factor);
  }
}
const oddPart = (n: number): number => (n % 2 === 0 ? oddPart(n / 2) : n);
