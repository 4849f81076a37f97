/**
 * Exact integer arithmetic over index variables, sizes and integer params: the language of subscripts,
 * extents and loop bounds.
 *
 * An `Int` is a polynomial with integer coefficients over atoms, kept canonical: like monomials are merged,
 * zero monomials dropped, monomials and the factors within them ordered by key. Two equal polynomials are
 * therefore structurally equal, and `keyOf` is an identity.
 */

/** A named integer: an index variable, a size, a derived size or an integer param. */
export interface Variable {
  readonly kind: "variable";
  readonly name: string;
}
/** ⌊numerator / denominator⌋. `ceil(a/b)` is stored as `-floor(-a/b)`. */
export interface Floor {
  readonly kind: "floor";
  readonly numerator: Int;
  readonly denominator: Int;
}
/** numerator / denominator, which has a value only where it comes out even. */
export interface Exact {
  readonly kind: "exact";
  readonly numerator: Int;
  readonly denominator: Int;
}
/** value - modulus * ⌊value / modulus⌋. */
export interface Modulo {
  readonly kind: "modulo";
  readonly value: Int;
  readonly modulus: Int;
}
/** The least or the greatest of two. */
export interface Extremum {
  readonly kind: "min" | "max";
  readonly left: Int;
  readonly right: Int;
}
/** base ^ exponent with an exponent that is not a literal (sizes only). */
export interface Power {
  readonly kind: "power";
  readonly base: Int;
  readonly exponent: Int;
}
/** The value of an integer tensor: data-dependent. */
export interface Element {
  readonly kind: "element";
  readonly tensor: string;
  readonly subscripts: readonly Int[];
}
export type Atom = Variable | Floor | Exact | Modulo | Extremum | Power | Element;

/** coefficient · Π factors; a repeated factor stands repeatedly. */
export interface Monomial {
  readonly coefficient: number;
  readonly factors: readonly Atom[];
}
export interface Int {
  readonly kind: "int";
  readonly monomials: readonly Monomial[];
}

const atomKeys = new WeakMap<Atom, string>();
const intKeys = new WeakMap<Int, string>();

/** A string that is the same for equal atoms and differs for different ones. */
export function atomKey(atom: Atom): string {
  let key = atomKeys.get(atom);
  if (key === undefined) {
    key = spellAtomKey(atom);
    atomKeys.set(atom, key);
  }
  return key;
}

function spellAtomKey(atom: Atom): string {
  switch (atom.kind) {
    case "variable":
      return atom.name;
    case "floor":
      return `floor(${keyOf(atom.numerator)},${keyOf(atom.denominator)})`;
    case "exact":
      return `exact(${keyOf(atom.numerator)},${keyOf(atom.denominator)})`;
    case "modulo":
      return `mod(${keyOf(atom.value)},${keyOf(atom.modulus)})`;
    case "min":
    case "max":
      return `${atom.kind}(${keyOf(atom.left)},${keyOf(atom.right)})`;
    case "power":
      return `pow(${keyOf(atom.base)},${keyOf(atom.exponent)})`;
    case "element":
      return `${atom.tensor}[${atom.subscripts.map(keyOf).join(",")}]`;
  }
}

const monomialKey = (monomial: Monomial): string => monomial.factors.map(atomKey).join("*");

/** A string that is the same for equal polynomials and differs for different ones. */
export function keyOf(value: Int): string {
  let key = intKeys.get(value);
  if (key === undefined) {
    key = value.monomials.map((m) => `${m.coefficient}·${monomialKey(m)}`).join("+");
    intKeys.set(value, key);
  }
  return key;
}

export const equal = (a: Int, b: Int): boolean => a === b || keyOf(a) === keyOf(b);

function collect(monomials: readonly Monomial[]): Int {
  if (monomials.length < 2)
    return monomials.every((m) => m.coefficient !== 0) ? { kind: "int", monomials } : zero;
  const byKey = new Map<string, Monomial>();
  for (const monomial of monomials) {
    const key = monomialKey(monomial);
    const other = byKey.get(key);
    byKey.set(key, other ? { ...other, coefficient: other.coefficient + monomial.coefficient } : monomial);
  }
  const kept = [...byKey].filter(([, m]) => m.coefficient !== 0);
  kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { kind: "int", monomials: kept.map(([, m]) => m) };
}

export const zero: Int = { kind: "int", monomials: [] };
export const constant = (value: number): Int =>
  value === 0 ? zero : { kind: "int", monomials: [{ coefficient: value, factors: [] }] };
export const one: Int = constant(1);
const ofAtom = (atom: Atom): Int => ({ kind: "int", monomials: [{ coefficient: 1, factors: [atom] }] });
export const variable = (name: string): Int => ofAtom({ kind: "variable", name });
export const element = (tensor: string, subscripts: readonly Int[]): Int =>
  ofAtom({ kind: "element", tensor, subscripts });

export function plus(...values: readonly Int[]): Int {
  const [first = zero, ...others] = values.filter((v) => v.monomials.length > 0);
  return others.length === 0 ? first : collect([first, ...others].flatMap((v) => v.monomials));
}
export const scale = (value: Int, factor: number): Int =>
  factor === 0
    ? zero
    : {
        kind: "int",
        monomials: value.monomials.map((m) => ({ ...m, coefficient: m.coefficient * factor })),
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
/** The name, where the polynomial is one plain variable. */
export function plainVariable(value: Int): string | undefined {
  const [first] = value.monomials;
  if (value.monomials.length !== 1 || !first || first.coefficient !== 1 || first.factors.length !== 1)
    return undefined;
  const [atom] = first.factors;
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

export function extremum(kind: "min" | "max", left: Int, right: Int): Int {
  const difference = literal(minus(left, right));
  if (difference !== undefined) return difference < 0 === (kind === "min") ? left : right;
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

/** The polynomials inside an atom. */
export function atomParts(atom: Atom): readonly Int[] {
  switch (atom.kind) {
    case "variable":
      return [];
    case "floor":
    case "exact":
      return [atom.numerator, atom.denominator];
    case "modulo":
      return [atom.value, atom.modulus];
    case "min":
    case "max":
      return [atom.left, atom.right];
    case "power":
      return [atom.base, atom.exponent];
    case "element":
      return atom.subscripts;
  }
}

/** The same atom over other parts (as many as `atomParts` gave), as a canonical polynomial. */
export function rebuildAtom(atom: Atom, parts: readonly Int[]): Int {
  const [a = zero, b = one] = parts;
  switch (atom.kind) {
    case "variable":
      return variable(atom.name);
    case "floor":
      return floorDivide(a, b);
    case "exact":
      return exactDivide(a, b);
    case "modulo":
      return modulo(a, b);
    case "min":
    case "max":
      return extremum(atom.kind, a, b);
    case "power":
      return power(a, b);
    case "element":
      return element(atom.tensor, parts);
  }
}

/** Replaces atoms bottom-up: `replace` sees each atom with its parts already mapped; undefined keeps it. */
export function mapAtoms(value: Int, replace: (atom: Atom) => Int | undefined): Int {
  const mapAtom = (atom: Atom): Int | undefined => {
    const parts = atomParts(atom);
    const mapped = parts.map((p) => mapAtoms(p, replace));
    const rebuilt = mapped.some((p, i) => p !== parts[i]) ? rebuildAtom(atom, mapped) : undefined;
    // an atom that collapsed into one of its parts has been replaced already: d·p/d is p
    const sole = rebuilt && soleAtom(rebuilt);
    const bare = rebuilt ? (sole?.kind === atom.kind ? sole : undefined) : atom;
    return bare ? (replace(bare) ?? rebuilt) : rebuilt;
  };
  let changed = false;
  const terms = value.monomials.map((m): Int => {
    const factors = m.factors.map(mapAtom);
    if (factors.every((f) => f === undefined)) return { kind: "int", monomials: [m] };
    changed = true;
    return times(constant(m.coefficient), ...factors.map((f, i) => f ?? ofAtom(m.factors[i]!)));
  });
  return changed ? plus(...terms) : value;
}

function soleAtom(value: Int): Atom | undefined {
  const [first] = value.monomials;
  return value.monomials.length === 1 && first?.coefficient === 1 && first.factors.length === 1
    ? first.factors[0]
    : undefined;
}

/** Replaces variables by polynomials, everywhere at once. */
export function substituteInt(value: Int, replacements: ReadonlyMap<string, Int>): Int {
  if (replacements.size === 0) return value;
  return mapAtoms(value, (atom) => (atom.kind === "variable" ? replacements.get(atom.name) : undefined));
}

/** Calls `visit` for every atom, outer ones first. */
export function eachAtom(value: Int, visit: (atom: Atom) => void): void {
  for (const m of value.monomials)
    for (const atom of m.factors) {
      visit(atom);
      for (const part of atomParts(atom)) eachAtom(part, visit);
    }
}

/** Whether an atom anywhere in the value passes the test. */
export function someAtom(value: Int, test: (atom: Atom) => boolean): boolean {
  return value.monomials.some((m) =>
    m.factors.some((atom) => test(atom) || atomParts(atom).some((part) => someAtom(part, test))),
  );
}
/** Whether it reads an integer tensor. */
export const holdsElement = (value: Int): boolean => someAtom(value, (atom) => atom.kind === "element");

/** Names of all variables that the value depends on. */
export function variablesOf(value: Int, into: Set<string> = new Set()): Set<string> {
  eachAtom(value, (atom) => {
    if (atom.kind === "variable") into.add(atom.name);
  });
  return into;
}

export const mentions = (value: Int, name: string): boolean => variablesOf(value).has(name);

/**
 * Splits value = coefficient·name + rest with a coefficient and rest free of `name`.
 * Undefined where the value is not affine in `name`.
 */
export function affineIn(value: Int, name: string): { coefficient: Int; rest: Int } | undefined {
  const coefficient: Monomial[] = [];
  const rest: Monomial[] = [];
  for (const m of value.monomials) {
    const at = m.factors.findIndex((f) => f.kind === "variable" && f.name === name);
    const others = m.factors.filter((_, i) => i !== at);
    if (others.some((f) => mentions(ofAtom(f), name))) return undefined;
    if (at < 0) rest.push(m);
    else coefficient.push({ coefficient: m.coefficient, factors: others });
  }
  return { coefficient: collect(coefficient), rest: collect(rest) };
}
