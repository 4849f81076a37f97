/**
 * The language's functions over exact numbers. What has laws keeps them: exp(a + b) = exp(a)·exp(b), log(exp(a)) = a,
 * sqrt(a)² = a, sqrt(a)·sqrt(b) = sqrt(a·b) for squares, sin² + cos² = 1; sigmoid, tanh, softplus and the like are
 * written by exp and log. What else there is takes an unknown value, the same for the same argument.
 */
import type { NamedConstant } from "../notation/expression.js";
import { isInfinite, isZero, same, type Base, type Exact } from "./field.js";
import { Unlucky } from "./modular.js";
import { float64, NotRational, type BinaryName, type UnaryName } from "./numbers.js";

type Unary = (a: Exact) => Exact;

export interface FieldFunctions {
  readonly named: (name: NamedConstant["name"]) => Exact;
  readonly exp: Unary;
  readonly unary: (name: UnaryName) => Unary;
  readonly binary: (name: BinaryName) => (a: Exact, b: Exact) => Exact;
  readonly raise: (base: Exact, exponent: Exact) => Exact;
}

export function fieldFunctions(base: Base): FieldFunctions {
  const { modP, modQ, random, zero, one, rational, infinite, add, multiply, power, order, site } = base;
  const minusOne = rational(-1);
  const half = rational(1, 2);
  const negate: Unary = (a) => multiply(minusOne, a);
  const invert: Unary = (a) => power(a, -1);
  const isOne = (a: Exact): boolean => a.re === 1 && a.im === 0;

  const values = new Map<string, Pick<Exact, "re" | "exponent">>();
  /** One random value for each function and argument. */
  const unknown = (name: string, float: number, ...by: readonly Exact[]): Exact => {
    base.transcendental();
    const key = [name, ...by.flatMap((a) => [a.re, a.im, a.exponent])].join(" ");
    let value = values.get(key);
    if (!value)
      values.set(key, (value = { re: random.integer(modP.modulus), exponent: random.integer(modQ.modulus) }));
    return { ...one, ...value, float, degree: 1 };
  };
  /** f(-a) = -f(a), f(0) = 0 */
  const odd = (name: string, a: Exact, float: number): Exact => {
    if (isZero(a)) return zero;
    const turned = a.re > modP.modulus / 2 || (a.re === 0 && a.im > modP.modulus / 2);
    const value = unknown(name, turned ? -float : float, turned ? negate(a) : a);
    return turned ? negate(value) : value;
  };

  /** A generator of the squares modulo p: of order q. */
  const generator = modP.power(2 + random.integer(modP.modulus - 3), 2);
  const exp: Unary = (a) => {
    if (isInfinite(a)) return a.float < 0 ? zero : a;
    if (isZero(a)) return one;
    if (a.exponential) return a.exponential;
    const float = Math.exp(a.float);
    // only exponents have laws; the value's own exponent is unknown
    const { exponent } = unknown("exp", float, a);
    const re = modP.power(generator, a.exponent);
    return { ...one, re, exponent, float, degree: Math.max(1, a.degree + a.poles), logarithm: a };
  };
  const log: Unary = (a) => {
    if (isInfinite(a)) return a;
    if (isZero(a)) return infinite(-Infinity);
    if (isOne(a)) return zero;
    return a.logarithm ?? { ...unknown("log", Math.log(a.float), a), exponential: a };
  };
  /** (√a)² = a. Where a is no square its root is imaginary: i² = -1 is none either. */
  const sqrt: Unary = (a) => {
    if (isInfinite(a) || isZero(a) || isOne(a)) return a;
    base.transcendental();
    const float = Math.sqrt(a.float);
    const exponent = modQ.root(a.exponent) ?? unknown("sqrt", float, a).exponent;
    return { ...a, ...complexRoot(a), exponent, float, exponential: undefined, logarithm: undefined };
  };
  const complexRoot = ({ re, im }: Exact): Pick<Exact, "re" | "im"> => {
    if (im === 0) {
      const root = modP.root(re);
      return root === undefined ? { re: 0, im: modP.root(modP.negate(re)) ?? 0 } : { re: root, im: 0 };
    }
    // (u + iv)² = x + iy: u² = (x ± √(x² + y²))/2, v = y/2u
    const norm = modP.root(modP.add(modP.multiply(re, re), modP.multiply(im, im)));
    if (norm === undefined) throw new Unlucky("no root");
    const twice = [modP.add(re, norm), modP.add(re, modP.negate(norm))];
    const u = twice.map((t) => modP.root(modP.multiply(t, half.re))).find((t) => t !== undefined);
    if (u === undefined) throw new Unlucky("no root");
    return { re: u, im: modP.multiply(im, modP.inverse(modP.add(u, u))) };
  };

  // sin a = 2t/(1 + t²), cos a = (1 - t²)/(1 + t²) with t = tan(a/2)
  const halfTangent: Unary = (a) => odd("tan", a, Math.tan(a.float / 2));
  const overNorm = (top: Exact, t: Exact): Exact => multiply(top, invert(add(one, power(t, 2))));
  const sin: Unary = (a) => {
    const t = halfTangent(a);
    return overNorm(add(t, t), t);
  };
  const cos: Unary = (a) => {
    const t = halfTangent(a);
    return overNorm(add(one, negate(power(t, 2))), t);
  };
  const erf: Unary = (a) => odd("erf", a, float64.unary("erf")(a.float));
  const asin: Unary = (a) => odd("asin", a, Math.asin(a.float));
  /** A square, as every positive constant is to be. */
  const pi = (): Exact => {
    const { re, exponent } = unknown("pi", Math.PI);
    return { ...one, re: modP.power(re, 2), exponent: modQ.power(exponent, 2), float: Math.PI, degree: 2 };
  };

  /** A function that is constant between neighbouring integers. */
  const step = (round: (a: number) => number, kink: number): Unary => {
    return (a) => {
      const nearest = Math.round(a.float - kink) + kink;
      if (Math.abs(a.float - nearest) < 1e-9 && !same(a, rational(nearest)))
        throw new Unlucky("a number too near to a step");
      return rational(round(same(a, rational(nearest)) ? nearest : a.float));
    };
  };
  const signOf = (): ((a: Exact) => number) => {
    const seen = site();
    return (a) => {
      const by = order(a, zero);
      seen(by > 0, a);
      return Math.sign(by);
    };
  };

  const table: Readonly<Record<UnaryName, () => Unary>> = {
    exp: () => exp,
    log: () => log,
    sqrt: () => sqrt,
    sin: () => sin,
    cos: () => cos,
    erf: () => erf,
    asin: () => asin,
    tan: () => (a) => multiply(sin(a), invert(cos(a))),
    acos: () => (a) => add(multiply(half, pi()), negate(asin(a))),
    atan: () => (a) => odd("atan", a, Math.atan(a.float)),
    log1p: () => (a) => log(add(one, a)),
    expm1: () => (a) => add(exp(a), minusOne),
    // (e^a ± e^-a)/2
    sinh: () => (a) => multiply(half, add(exp(a), negate(invert(exp(a))))),
    cosh: () => (a) => multiply(half, add(exp(a), invert(exp(a)))),
    tanh: () => (a) => {
      const square = power(exp(a), 2);
      return multiply(add(square, minusOne), invert(add(square, one)));
    },
    sigmoid: () => (a) => invert(add(one, exp(negate(a)))),
    softplus: () => (a) => log(add(one, exp(a))),
    gelu: () => (a) => multiply(multiply(half, a), add(one, erf(multiply(a, sqrt(half))))),
    square: () => (a) => power(a, 2),
    sign: () => {
      const sign = signOf();
      return (a) => rational(sign(a));
    },
    abs: () => {
      const sign = signOf();
      return (a) => (sign(a) < 0 ? negate(a) : a);
    },
    relu: () => {
      const sign = signOf();
      return (a) => (sign(a) > 0 ? a : zero);
    },
    floor: () => step(Math.floor, 0),
    ceil: () => step(Math.ceil, 0),
    round: () => step(float64.unary("round"), 0.5),
  };
  const unary = (name: UnaryName): Unary => {
    const [f, float] = [table[name](), float64.unary(name)];
    return (a) => {
      if (!isInfinite(a)) return withFloat(f(a), float(a.float));
      const limit = float(a.float);
      if (Number.isFinite(limit) && !Number.isInteger(limit)) throw new NotRational(`${name}(inf)`);
      return rational(limit);
    };
  };
  /** The float of the function itself: what it is written by may overflow. */
  const withFloat = (a: Exact, float: number): Exact =>
    a.float === float || isInfinite(a) || isZero(a) ? a : { ...a, float };

  const choose = (greater: boolean) => (): ((a: Exact, b: Exact) => Exact) => {
    const seen = site();
    return (a, b) => (seen(greater ? order(a, b) > 0 : order(a, b) < 0, a, b) ? a : b);
  };
  const binary = (name: BinaryName): ((a: Exact, b: Exact) => Exact) => {
    if (name === "max" || name === "min") return choose(name === "max")();
    if (name === "atan2") return (a, b) => unknown("atan2", Math.atan2(a.float, b.float), a, b);
    // a - b·⌊a/b⌋
    const floor = step(Math.floor, 0);
    return (a, b) => add(a, negate(multiply(b, floor(multiply(a, invert(b))))));
  };

  /** a^(n/d) for the small fractions that a number may be, a^b = a^⌊b⌋·e^((b - ⌊b⌋)·log a) for others. */
  const raise = (a: Exact, b: Exact): Exact => {
    if (isInfinite(a) || isInfinite(b)) throw new NotRational("a power of inf");
    const float = a.float ** b.float;
    const fraction = fractionOf(b);
    if (fraction) {
      const [n, d] = fraction;
      return withFloat(power(rootOf(a, d), n), float);
    }
    if (a.logarithm) return withFloat(exp(multiply(a.logarithm, b)), float);
    const whole = Math.floor(b.float);
    const rest = add(b, rational(-whole));
    return withFloat(multiply(power(a, whole), exp(multiply(rest, log(a)))), float);
  };
  const fractionOf = (b: Exact): readonly [number, number] | undefined => {
    if (b.degree > 0 || b.poles > 0) return undefined;
    for (let d = 1; d <= 12; d++) {
      const n = Math.round(b.float * d);
      if (Math.abs(n) < 256 && same(b, rational(n, d))) return [n, d];
    }
    return undefined;
  };
  const rootOf = (a: Exact, d: number): Exact => {
    if (d === 1 || isZero(a) || isOne(a)) return a;
    if (d % 2 === 0) return rootOf(sqrt(a), d / 2);
    if (a.im !== 0) throw new Unlucky("an odd root of an imaginary number");
    // squares have order q, in which every odd d has an inverse; the odd root of -1 is -1
    const square = modP.power(a.re, modQ.modulus) === 1;
    const root = modP.power(square ? a.re : modP.negate(a.re), modQ.inverse(d));
    const { exponent, float } = unknown(`root ${d}`, a.float ** (1 / d), a);
    return {
      ...a,
      re: square ? root : modP.negate(root),
      exponent,
      float,
      exponential: undefined,
      logarithm: undefined,
    };
  };

  const named = (name: NamedConstant["name"]): Exact => (name === "pi" ? pi() : exp(one));
  return { named, exp, unary, binary, raise };
}
