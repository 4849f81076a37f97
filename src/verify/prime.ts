/**
 * Arithmetic modulo the prime p = 2³¹ - 1: exact evaluation of layers that add, multiply and divide only.
 *
 * Two different polynomials of degree d agree at a point drawn uniformly with probability at most d/p (Schwartz and
 * Zippel), so n independent draws leave (d/p)ⁿ: below 1e-12 for two draws and degrees up to 2000. Quotients compare
 * as the polynomials that remain when denominators are cleared.
 */
import { NotRational, type Arithmetic } from "./numbers.js";

export const modulus = 2 ** 31 - 1;

/** A divisor that happens to be 0 modulo p: the draw has to be repeated. */
export class NoInverse extends Error {
  override readonly name = "NoInverse";
}

const reduce = (a: number): number => ((a % modulus) + modulus) % modulus;

const add = (a: number, b: number): number => {
  const total = a + b;
  return total >= modulus ? total - modulus : total;
};

/** a·b mod p; b is taken in two halves so that no partial product passes 2⁵³. */
const multiply = (a: number, b: number): number =>
  (((a * (b >>> 16)) % modulus) * 65536 + a * (b & 65535)) % modulus;

function power(base: number, n: number): number {
  if (n < 0) {
    if (base === 0) throw new NoInverse("division by 0 modulo p");
    // Fermat: base^-1 = base^(p-2)
    return power(power(base, modulus - 2), -n);
  }
  let result = 1;
  for (let square = base, rest = n; rest > 0; rest = Math.floor(rest / 2), square = multiply(square, square))
    if (rest % 2 === 1) result = multiply(result, square);
  return result;
}

/** The image of a float64, which is an integer times a power of two. */
function embed(value: number): number {
  if (!Number.isFinite(value)) throw new NotRational(String(value));
  let [mantissa, halvings] = [value, 0];
  while (!Number.isInteger(mantissa)) [mantissa, halvings] = [mantissa * 2, halvings + 1];
  return multiply(reduce(mantissa), power(2, -halvings));
}

const refuse = (operation: string) => (): never => {
  throw new NotRational(operation);
};

export const primeField: Arithmetic<number> = {
  rational: (numerator, denominator = 1) =>
    denominator === 1 ? embed(numerator) : multiply(embed(numerator), power(embed(denominator), -1)),
  named: (name) => refuse(name)(),
  add,
  multiply,
  power,
  raise: refuse("a power that is no integer"),
  unary: (name) => (name === "square" ? (a) => multiply(a, a) : refuse(name)()),
  binary: (name) => refuse(name)(),
  compare: (operator) => {
    if (operator === "==") return (a, b) => a === b;
    if (operator === "!=") return (a, b) => a !== b;
    return refuse("a comparison of reals")();
  },
  less: refuse("a comparison of reals"),
  stop: (a) => a,
};
