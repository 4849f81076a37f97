/**
 * Angles: sums of angles, multiples of π and arcs.
 *
 * e^(ia) is w^a for a generator w of the squares modulo p, e^(iπ/d) a root of unity of order 2d, which F_p(√-1) has for each d
 * that divides (p + 1)/2; e^(i·atan x) is (1 + ix)/√(1 + x²), e^(i·asin x) is √(1 - x²) + ix. With e of an angle,
 * cos = (e + 1/e)/2 and sin = (e - 1/e)/2i.
 */
import { isConstant, isZero, keyOf, same, type Base, type Exact } from "./exact.js";
import type { Unknown } from "./field-powers.js";

export interface Angles {
  readonly sin: (a: Exact) => Exact;
  readonly cos: (a: Exact) => Exact;
  readonly pi: () => Exact;
  readonly arc: (name: "atan" | "asin", a: Exact) => Exact;
}
interface Turned {
  readonly sin: Exact;
  readonly cos: Exact;
}
/** What an angle is a sum of. */
interface Parts {
  readonly rest: Exact;
  /** Twice so many parts of `circleParts` make a turn. */
  readonly turn: number;
  readonly arcs: readonly { readonly name: "atan" | "asin"; readonly of: Exact; readonly times: number }[];
}
/** π is divided by divisors of this: `drawPrimes` sees to it that it divides (p + 1)/2. */
export const circleParts = 16 * 9 * 5 * 7 * 11 * 13;
const primes = [2, 3, 5, 7, 11, 13];
/** Multiples of arcs above this are angles of their own. */
const mostTimes = 64;
const mostDenominator = 360;

export function fieldAngles(
  { modP, modQ, random, zero, one, rational, add, multiply, power }: Base,
  unknown: Unknown,
  odd: (name: string, a: Exact, float: number) => Exact,
  sqrt: (a: Exact) => Exact,
): Angles {
  const [half, minusOne] = [rational(1, 2), rational(-1)];
  const invert = (a: Exact): Exact => power(a, -1);
  const complex = (re: number, im: number): Exact => ({ ...one, re, im, float: NaN, nonnegative: false });
  const i = complex(0, 1);

  const generator = modP.power(2 + random.integer(modP.modulus - 3), 2);
  let root: Exact | undefined;
  /** Of order 2·circleParts, a quarter of a turn i. */
  const rootOfUnity = (): Exact => {
    while (!root) {
      const z = complex(1 + random.integer(modP.modulus - 1), 1 + random.integer(modP.modulus - 1));
      // z^(p - 1) is the conjugate over z: its norm is 1, and its order divides p + 1
      const unit = multiply({ ...z, im: modP.negate(z.im) }, invert(z));
      const candidate = power(unit, (modP.modulus + 1) / (2 * circleParts));
      if (primes.some((n) => same(power(candidate, (2 * circleParts) / n), one))) continue;
      root = same(power(candidate, circleParts / 2), i) ? candidate : invert(candidate);
    }
    return root;
  };

  /** n/d for a number that is this fraction whatever is drawn. */
  const fractionOf = (a: Exact): readonly [number, number] | undefined => {
    if (!isConstant(a)) return undefined;
    for (let d = 1; d <= mostDenominator; d++) {
      const n = Math.round(a.float * d);
      if (Math.abs(n / d - a.float) < 1e-12 && same(a, n === 0 ? zero : rational(n, d))) return [n, d];
    }
    return undefined;
  };
  const partsOf = (a: Exact): Parts => {
    let [rest, turn] = [zero, 0];
    const arcs: Parts["arcs"][number][] = [];
    const gather = (part: Exact, factor: Exact): void => {
      const { terms } = part;
      if (terms?.kind === "sum") return [terms.left, terms.right].forEach((side) => gather(side, factor));
      if (terms?.kind === "scaled") return gather(terms.of, multiply(factor, terms.factor));
      const [n, d] = (terms?.kind === "pi" || terms?.kind === "arc" ? fractionOf(factor) : undefined) ?? [
        0, 0,
      ];
      if (terms?.kind === "pi" && d > 0 && circleParts % d === 0) turn += n * (circleParts / d);
      else if (terms?.kind === "arc" && d === 1 && Math.abs(n) <= mostTimes)
        arcs.push({ ...terms, times: n });
      else rest = add(rest, multiply(factor, part));
    };
    gather(a, one);
    const whole = 2 * circleParts;
    return { rest, turn: ((turn % whole) + whole) % whole, arcs };
  };

  /** Exponents, as of (1 - t²)/(1 + t²) and 2t/(1 + t²), t an unknown. */
  const exponentsOf = (a: Exact): readonly [cos: number, sin: number] => {
    if (isZero(a)) return [1, 0];
    const t = odd("tan", a, Math.tan(a.float / 2)).exponent;
    const square = modQ.multiply(t, t);
    const overNorm = (top: number): number => modQ.multiply(top, modQ.inverse(modQ.add(1, square)));
    return [overNorm(modQ.add(1, modQ.negate(square))), overNorm(modQ.add(t, t))];
  };
  const turned = new Map<number | string, Turned>();
  const circle = (a: Exact): Turned => {
    const known = turned.get(keyOf(a));
    if (known) return known;
    const { rest, turn, arcs } = partsOf(a);
    const quarters = (2 * turn) / circleParts;
    let [c, s] = exponentsOf(arcs.length === 0 && Number.isInteger(quarters) ? rest : a);
    if (arcs.length === 0 && Number.isInteger(quarters))
      for (let quarter = 0; quarter < quarters; quarter++) [c, s] = [modQ.negate(s), c];
    const degree = Math.max(1, rest.degree + rest.poles);
    const plain = isZero(rest)
      ? one
      : { ...complex(modP.power(generator, rest.exponent), 0), degree, poles: 0 };
    const e = arcs.reduce(
      (product, { name, of, times }) => multiply(product, power(unitOf(name, of), times)),
      turn === 0 ? plain : multiply(plain, power(rootOfUnity(), turn)),
    );
    const back = invert(e);
    const whole = (value: Exact, exponent: number, float: number): Exact => ({
      ...value,
      ...{ exponent, float, nonnegative: false, factors: undefined, terms: undefined, whole: undefined },
    });
    const found = {
      cos: whole(multiply(half, add(e, back)), c, Math.cos(a.float)),
      sin: whole(multiply(multiply(half, invert(i)), add(e, multiply(minusOne, back))), s, Math.sin(a.float)),
    };
    turned.set(keyOf(a), found);
    return found;
  };
  /** e^(i·atan x), e^(i·asin x) */
  const unitOf = (name: "atan" | "asin", x: Exact): Exact => {
    const square = multiply(x, x);
    if (name === "atan") return multiply(add(one, multiply(i, x)), invert(sqrt(add(one, square))));
    return add(sqrt(add(one, multiply(minusOne, square))), multiply(i, x));
  };
  /** The sine and cosine of an arc are what they are, in exponents too. */
  const alone = (a: Exact): Turned | undefined => {
    if (a.terms?.kind !== "arc") return undefined;
    const { name, of } = a.terms;
    const square = multiply(of, of);
    if (name === "asin") return { sin: of, cos: sqrt(add(one, multiply(minusOne, square))) };
    const cos = invert(sqrt(add(one, square)));
    return { cos, sin: multiply(of, cos) };
  };

  return {
    sin: (a) => (isZero(a) ? zero : (alone(a) ?? circle(a)).sin),
    cos: (a) => (isZero(a) ? one : (alone(a) ?? circle(a)).cos),
    // a square, as every positive constant is to be
    pi: () => {
      const { re, exponent } = unknown("pi", Math.PI);
      const squares = { re: modP.power(re, 2), exponent: modQ.power(exponent, 2) };
      return { ...one, ...squares, float: Math.PI, degree: 2, terms: { kind: "pi" } };
    },
    arc: (name, a) => {
      const value = odd(name, a, Math[name](a.float));
      return isZero(a) ? value : { ...value, terms: { kind: "arc", name, of: a } };
    },
  };
}
