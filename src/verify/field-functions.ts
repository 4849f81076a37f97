/**
 * The language's functions over exact numbers. What has laws keeps them: those of exp, log, roots and powers
 * (`field-powers.ts`), sums of angles and sin² + cos² = 1; sigmoid, tanh, softplus and the like are written by exp and
 * log. What else there is takes an unknown value, the same for the same argument.
 */
import type { NamedConstant } from "../notation/expression.js";
import { fieldAngles } from "./field-angles.js";
import { fieldPowers, type Unknown } from "./field-powers.js";
import { isInfinite, isZero, keyOf, near, same, type Base, type Exact } from "./exact.js";
import { Unlucky } from "./modular.js";
import type { BinaryName, UnaryName } from "../primitives/index.js";
import type { OwnLaw } from "../primitives/record.js";
import { compileFormula, lawOf } from "./formulas.js";
import { float64, NotRational } from "./numbers.js";
import type { Place, Signs } from "./sites.js";

type Unary = (a: Exact) => Exact;
/** A function that may take products apart. */
type Splitting = (a: Exact, signs: Signs) => Exact;

export interface FieldFunctions {
  readonly named: (name: NamedConstant["name"]) => Exact;
  readonly unary: (name: UnaryName, at?: Place) => Unary;
  readonly binary: (name: BinaryName, at?: Place) => (a: Exact, b: Exact) => Exact;
  readonly raise: (at?: Place) => (base: Exact, exponent: Exact) => Exact;
}

export function fieldFunctions(base: Base): FieldFunctions {
  const { modP, modQ, random, zero, one, rational, add, multiply, power, comparison } = base;
  const minusOne = rational(-1);
  const negate: Unary = (a) => multiply(minusOne, a);
  const invert: Unary = (a) => power(a, -1);

  type Value = Pick<Exact, "re" | "exponent" | "float">;
  const values = new Map<string, Value>();
  const unknown: Unknown = (name, float, ...by) => {
    base.transcendental();
    const key = [name, ...by.map(keyOf)].join(" ");
    const fresh = (): Value => ({
      re: random.integer(modP.modulus),
      exponent: random.integer(modQ.modulus),
      float,
    });
    const value = values.get(key) ?? fresh();
    values.set(key, value);
    if (!near(value.float, float)) throw new Unlucky("two arguments that are equal by chance");
    return { ...one, ...value, float, degree: 1, nonnegative: false };
  };
  /** f(-a) = -f(a), f(0) = 0 */
  const odd = (name: string, a: Exact, float: number): Exact => {
    if (isZero(a)) return zero;
    const turned = a.re > modP.modulus / 2 || (a.re === 0 && a.im > modP.modulus / 2);
    const value = unknown(name, turned ? -float : float, turned ? negate(a) : a);
    return turned ? negate(value) : value;
  };
  const ignore: Signs = () => {};
  const { exp, log, sqrt, raise } = fieldPowers(base, unknown);

  const { sin, cos, pi, arc } = fieldAngles(base, unknown, odd, (a) => sqrt(a, ignore));
  const erf: Unary = (a) => odd("erf", a, float64.unary("erf")(a.float));

  /** A function that is constant between neighbouring integers. */
  const step = (round: (a: number) => number, kink: number, at?: Place): Unary => {
    const seen = at === undefined ? undefined : base.watch.order("step", at);
    const site = at === undefined ? undefined : base.watch.site("step", at);
    return (a) => {
      const nearest = Math.round(a.float - kink) + kink;
      const isThere = same(a, rational(nearest));
      if (Math.abs(a.float - nearest) < 1e-9 && !isThere) throw new Unlucky("a number too near to a step");
      seen?.(isThere ? 0 : a.float);
      if (site) {
        site.atLeast &&= a.nonnegative;
        if (site.quotients.size < 3) site.quotients.add(Math.floor(isThere ? nearest : a.float));
      }
      return rational(round(isThere ? nearest : a.float));
    };
  };
  const signOf = (at?: Place): ((a: Exact) => number) => {
    const compare = comparison("sign", at);
    return (a) => Math.sign(compare(a, zero));
  };

  const splitting =
    (f: Splitting) =>
    (at?: Place): Unary => {
      const signs = base.signs(at);
      return (a) => f(a, signs);
    };
  const laws: Readonly<Record<Extract<OwnLaw, UnaryName>, (at?: Place) => Unary>> = {
    exp: splitting(exp),
    log: splitting(log),
    sqrt: splitting(sqrt),
    sin: () => sin,
    cos: () => cos,
    erf: () => erf,
    asin: () => (a) => arc("asin", a),
    atan: () => (a) => arc("atan", a),
    sign: (at) => {
      const sign = signOf(at);
      return (a) => rational(sign(a));
    },
    abs: (at) => {
      const sign = signOf(at);
      return (a) => ({ ...(sign(a) < 0 ? negate(a) : a), nonnegative: true });
    },
    relu: (at) => {
      const sign = signOf(at);
      return (a) => (sign(a) > 0 ? { ...a, nonnegative: true } : zero);
    },
    floor: (at) => step(Math.floor, 0, at),
    ceil: (at) => step(Math.ceil, 0, at),
    round: (at) => step(float64.unary("round"), 0.5, at),
  };
  const hasOwnLaw = (name: UnaryName): name is keyof typeof laws => Object.hasOwn(laws, name);
  /** By its law: its own, or what it means in others. */
  const lawful = (name: UnaryName, at?: Place): Unary => {
    const meaning = lawOf(name);
    if (!meaning) {
      if (!hasOwnLaw(name)) throw new Error(`${name} has no law`);
      return laws[name](at);
    }
    const numbers = {
      ...{ rational, named, add, multiply, power, binary },
      unary: (inner: UnaryName) => lawful(inner, at),
      less: () => {
        throw new Error(`the law of ${name} has a choice`);
      },
    };
    const code = compileFormula<Exact>(meaning, numbers);
    return (a) => code(a, a, a);
  };
  const unary = (name: UnaryName, at?: Place): Unary => {
    const [f, float] = [lawful(name, at), float64.unary(name)];
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

  const choose = (greater: boolean, at?: Place): ((a: Exact, b: Exact) => Exact) => {
    const compare = comparison("compare", at);
    return (a, b) => ((greater ? compare(a, b) > 0 : compare(a, b) < 0) ? a : b);
  };
  const lawsOfTwo: Readonly<
    Record<Extract<OwnLaw, BinaryName>, (at?: Place) => (a: Exact, b: Exact) => Exact>
  > = {
    max: (at) => choose(true, at),
    min: (at) => choose(false, at),
    atan2: () => (a, b) => unknown("atan2", Math.atan2(a.float, b.float), a, b),
    // a - b·⌊a/b⌋
    mod: (at) => {
      const floor = step(Math.floor, 0, at);
      return (a, b) => add(a, negate(multiply(b, floor(multiply(a, invert(b))))));
    },
  };
  const binary = (name: BinaryName, at?: Place): ((a: Exact, b: Exact) => Exact) => lawsOfTwo[name](at);

  const raising = (at?: Place): ((a: Exact, b: Exact) => Exact) => {
    const signs = base.signs(at);
    return (a, b) => withFloat(raise(a, b, signs), a.float ** b.float);
  };

  const named = (name: NamedConstant["name"]): Exact => (name === "pi" ? pi() : exp(one, ignore));
  return { named, unary, binary, raise: raising };
}
