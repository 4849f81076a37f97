/** Arithmetic of integer polynomials. Results are canonical. */
import {
  atomKey,
  equal,
  keyOf,
  monomialKey,
  type Atom,
  type Extremum,
  type Int,
  type Monomial,
} from "./polynomial.js";

/** The polynomial of these monomials: like ones merged, zero ones dropped, in order. */
export function collect(monomials: readonly Monomial[]): Int {
  if (monomials.length < 2)
    return monomials.every((m) => m.coefficient !== 0) ? { kind: "int", monomials } : zero;
  // sorted by insertion: they are few, and mostly in order
  const keys: string[] = [];
  const sorted: Monomial[] = [];
  let cancelled = false;
  for (const monomial of monomials) {
    const key = monomialKey(monomial);
    let at = keys.length;
    while (at > 0 && keys[at - 1]! > key) at--;
    const other = at > 0 && keys[at - 1] === key ? sorted[at - 1] : undefined;
    if (other) {
      const coefficient = other.coefficient + monomial.coefficient;
      cancelled ||= coefficient === 0;
      sorted[at - 1] = { coefficient, factors: other.factors };
      continue;
    }
    cancelled ||= monomial.coefficient === 0;
    if (at === keys.length) {
      keys.push(key);
      sorted.push(monomial);
    } else {
      keys.splice(at, 0, key);
      sorted.splice(at, 0, monomial);
    }
  }
  return { kind: "int", monomials: cancelled ? sorted.filter((m) => m.coefficient !== 0) : sorted };
}

export const zero: Int = { kind: "int", monomials: [] };
export const constant = (value: number): Int =>
  value === 0 ? zero : { kind: "int", monomials: [{ coefficient: value, factors: [] }] };
export const one: Int = constant(1);
export const ofAtom = (atom: Atom): Int => ({
  kind: "int",
  monomials: [{ coefficient: 1, factors: [atom] }],
});
export const variable = (name: string): Int => ofAtom({ kind: "variable", name });
export const element = (tensor: string, subscripts: readonly Int[]): Int =>
  ofAtom({ kind: "element", tensor, subscripts });

export function plus(...values: readonly Int[]): Int {
  let only = zero;
  let all: Monomial[] | undefined;
  for (const value of values) {
    if (value.monomials.length === 0) continue;
    if (only === zero) only = value;
    else (all ??= [...only.monomials]).push(...value.monomials);
  }
  return all ? collect(all) : only;
}
export const scale = (value: Int, factor: number): Int =>
  factor === 0
    ? zero
    : {
        kind: "int",
        monomials: value.monomials.map(({ coefficient, factors }) => ({
          coefficient: coefficient * factor,
          factors,
        })),
      };
export const negate = (value: Int): Int => scale(value, -1);
export const minus = (a: Int, b: Int): Int => plus(a, negate(b));

export function times(...values: readonly Int[]): Int {
  return values.reduce((a, b) => {
    const [left, right] = [literal(a), literal(b)];
    if (left !== undefined) return left === 1 ? b : scale(b, left);
    if (right !== undefined) return right === 1 ? a : scale(a, right);
    const products = a.monomials.flatMap((m) =>
      b.monomials.map((n) => ({
        coefficient: m.coefficient * n.coefficient,
        factors: [...m.factors, ...n.factors].sort(byKeyOrder),
      })),
    );
    return collect(products);
  });
}
const byKeyOrder = (a: Atom, b: Atom): number => {
  const [ka, kb] = [atomKey(a), atomKey(b)];
  return ka < kb ? -1 : ka > kb ? 1 : 0;
};

/** The value of a polynomial without atoms, else undefined. */
export function literal(value: Int): number | undefined {
  if (value.monomials.length === 0) return 0;
  const [first] = value.monomials;
  return value.monomials.length === 1 && first && first.factors.length === 0 ? first.coefficient : undefined;
}
/** The one atom that the value is; undefined for anything else. */
export function onlyAtom(value: Int): Atom | undefined {
  const [m] = value.monomials;
  return value.monomials.length === 1 && m?.coefficient === 1 && m.factors.length === 1
    ? m.factors[0]
    : undefined;
}

/** The name, where the polynomial is one plain variable. */
export function plainVariable(value: Int): string | undefined {
  const atom = onlyAtom(value);
  return atom?.kind === "variable" ? atom.name : undefined;
}

/** value / divisor as a polynomial where every monomial is divisible, else undefined. */
export function quotient(value: Int, divisor: Int): Int | undefined {
  const single = divisor.monomials.length === 1 ? divisor.monomials[0] : undefined;
  if (!single) return equal(value, divisor) ? one : value.monomials.length === 0 ? zero : undefined;
  const result: Monomial[] = [];
  for (const m of value.monomials) {
    const coefficient = m.coefficient / single.coefficient;
    if (!Number.isInteger(coefficient)) return undefined;
    const factors = [...m.factors];
    for (const atom of single.factors) {
      const at = factors.findIndex((f) => atomKey(f) === atomKey(atom));
      if (at < 0) return undefined;
      factors.splice(at, 1);
    }
    result.push({ coefficient, factors });
  }
  return collect(result);
}

/** Splits value = divisible + rest, where every monomial of `divisible` is a multiple of the divisor. */
function splitDivisible(value: Int, divisor: Int): [Int, Int] {
  const divisible: Monomial[] = [];
  const rest: Monomial[] = [];
  for (const m of value.monomials) {
    const alone: Int = { kind: "int", monomials: [m] };
    (quotient(alone, divisor) ? divisible : rest).push(m);
  }
  return [
    { kind: "int", monomials: divisible },
    { kind: "int", monomials: rest },
  ];
}

/** ⌊a / b⌋; multiples of b come out of the floor. */
export function floorDivide(a: Int, b: Int): Int {
  const divisor = literal(b);
  if (divisor === 1) return a;
  if (divisor === -1) return negate(a);
  const [divisible, rest] = splitDivisible(a, b);
  const outside = quotient(divisible, b) ?? zero;
  const [value, by] = [literal(rest), literal(b)];
  if (value !== undefined && by !== undefined && by !== 0)
    return plus(outside, constant(Math.floor(value / by)));
  if (rest.monomials.length === 0) return outside;
  return plus(outside, ofAtom({ kind: "floor", numerator: rest, denominator: b }));
}
export const ceilDivide = (a: Int, b: Int): Int => negate(floorDivide(negate(a), b));

/** a / b where it comes out even. */
export function exactDivide(a: Int, b: Int): Int {
  const whole = quotient(a, b);
  if (whole) return whole;
  return ofAtom({ kind: "exact", numerator: a, denominator: b });
}

/** a - b * ⌊a / b⌋; multiples of b vanish. */
export function modulo(a: Int, b: Int): Int {
  const [, rest] = splitDivisible(a, b);
  const [value, by] = [literal(rest), literal(b)];
  if (value !== undefined && by !== undefined && by !== 0)
    return constant(value - by * Math.floor(value / by));
  if (rest.monomials.length === 0 || by === 1 || by === -1) return zero;
  return ofAtom({ kind: "modulo", value: rest, modulus: b });
}

function soleExtremum({ monomials }: Int, kind: "min" | "max"): Extremum | undefined {
  const [only] = monomials;
  const [atom] = only?.factors ?? [];
  const isSole = monomials.length === 1 && only?.factors.length === 1 && only.coefficient === 1;
  return isSole && atom?.kind === kind ? atom : undefined;
}
export function extremum(kind: "min" | "max", left: Int, right: Int): Int {
  const difference = literal(minus(left, right));
  if (difference !== undefined) return difference < 0 === (kind === "min") ? left : right;
  // max(1, max(0, v)) is max(1, v)
  for (const [number, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const inner = soleExtremum(other, kind);
    if (literal(number) === undefined || !inner) continue;
    if (literal(inner.left) !== undefined)
      return extremum(kind, extremum(kind, number, inner.left), inner.right);
    if (literal(inner.right) !== undefined)
      return extremum(kind, extremum(kind, number, inner.right), inner.left);
  }
  const [a, b] = keyOf(left) < keyOf(right) ? [left, right] : [right, left];
  return ofAtom({ kind, left: a, right: b });
}

export function power(base: Int, exponent: Int): Int {
  const n = literal(exponent);
  if (n !== undefined && n >= 0 && n <= 64) {
    let result = one;
    for (let i = 0; i < n; i++) result = times(result, base);
    return result;
  }
  return ofAtom({ kind: "power", base, exponent });
}
