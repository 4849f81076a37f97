/**
 * Integers modulo a prime below 2³⁰, in plain numbers, and the primes that proofs are made with.
 *
 * These are pairs p = 2q + 1, both prime: the squares modulo p form a group of order q, so that its exponents are
 * again a field, the integers modulo q. Modulo both, -1 is no square and 2, 3, 5, 7, 11 and 13 are.
 */
import type { Random } from "./random.js";

/** A draw in which a number happens to be 0 modulo p, or has no root there: it has to be repeated. */
export class Unlucky extends Error {
  override readonly name: string = "Unlucky";
}

/** A division by 0, or a number that infinities make: a formula has no value there, but for a 0 by chance. */
export class Pole extends Unlucky {
  override readonly name = "Pole";
}

export interface Modular {
  readonly modulus: number;
  readonly add: (a: number, b: number) => number;
  readonly multiply: (a: number, b: number) => number;
  readonly negate: (a: number) => number;
  /** base^n for n >= 0. */
  readonly power: (base: number, n: number) => number;
  /** @throws Unlucky for 0 */
  readonly inverse: (a: number) => number;
  /** The root that is itself a square; undefined where there is none. */
  readonly root: (a: number) => number | undefined;
  /** The image of numerator/denominator, each any finite float64. @throws Unlucky where it is 0 and the number is not */
  readonly embed: (numerator: number, denominator?: number) => number;
}

export function modular(modulus: number): Modular {
  const add = (a: number, b: number): number => {
    const total = a + b;
    return total >= modulus ? total - modulus : total;
  };
  /** a·b - ⌊a·b/p⌋·p in 32 bits: the quotient is off by 1 at most, and what remains lies in -p..2p. */
  const multiply = (a: number, b: number): number => {
    const rest = (Math.imul(a, b) - Math.imul(Math.floor((a * b) / modulus), modulus)) | 0;
    return rest < 0 ? rest + modulus : rest >= modulus ? rest - modulus : rest;
  };
  const power = (base: number, n: number): number => {
    let result = 1;
    for (
      let square = base, rest = n;
      rest > 0;
      rest = Math.floor(rest / 2), square = multiply(square, square)
    )
      if (rest % 2 === 1) result = multiply(result, square);
    return result;
  };
  /** Euclid's algorithm. */
  const inverse = (a: number): number => {
    if (a === 0) throw new Unlucky("division by 0");
    let [r, next, s, t] = [modulus, a, 0, 1];
    while (next !== 0) {
      const quotient = Math.floor(r / next);
      [r, next] = [next, r - quotient * next];
      [s, t] = [t, s - quotient * t];
    }
    return s < 0 ? s + modulus : s;
  };
  /** p = 3 modulo 4: a^((p+1)/4) is a root of a, if anything is. */
  const root = (a: number): number | undefined => {
    const candidate = power(a, (modulus + 1) / 4);
    return multiply(candidate, candidate) === a ? candidate : undefined;
  };
  /** A float64 is an integer times a power of two. */
  const embedFloat = (value: number): number => {
    let [mantissa, halvings] = [value, 0];
    while (!Number.isInteger(mantissa)) [mantissa, halvings] = [mantissa * 2, halvings + 1];
    const rest = mantissa % modulus;
    const whole = rest < 0 ? rest + modulus : rest;
    if (whole === 0 && value !== 0) throw new Unlucky(`${value} is 0`);
    return halvings === 0 ? whole : multiply(whole, inverse(power(2, halvings)));
  };
  return {
    modulus,
    add,
    multiply,
    negate: (a) => (a === 0 ? 0 : modulus - a),
    power,
    inverse,
    root,
    embed: (numerator, denominator = 1) =>
      denominator === 1
        ? embedFloat(numerator)
        : multiply(embedFloat(numerator), inverse(embedFloat(denominator))),
  };
}

export interface PrimePair {
  /** 2q + 1 */
  readonly p: number;
  readonly q: number;
}
/**
 * q = -1 modulo all of 16, 9, 5, 7, 11, 13: then so is p, and the smallest primes are squares modulo both. The roots of unity
 * of these orders are in F_p(√-1).
 */
const step = 16 * 9 * 5 * 7 * 11 * 13;

/** One of the 22 such pairs with 2²⁸ < q < 2²⁹, at random. */
export function drawPrimes(random: Random): PrimePair {
  const first = Math.ceil(2 ** 28 / step);
  for (;;) {
    const q = (first + random.integer(first)) * step - 1;
    if (isPair(q)) return { p: 2 * q + 1, q };
  }
}
/** Of some two thousand numbers that are drawn again and again. */
const known = new Map<number, boolean>();
function isPair(q: number): boolean {
  const found = known.get(q) ?? (isPrime(q) && isPrime(2 * q + 1));
  known.set(q, found);
  return found;
}
function isPrime(n: number): boolean {
  for (let d = 17; d * d <= n; d += 2) if (n % d === 0) return false;
  return true;
}
