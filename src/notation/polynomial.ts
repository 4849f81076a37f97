/** Polynomials with integer coefficients over atoms, and their keys. `integer.ts` says what they are for. */

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
  if (atom.kind === "variable") return atom.name;
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

export function monomialKey({ factors }: Monomial): string {
  let key = "";
  for (const atom of factors) key = key === "" ? atomKey(atom) : `${key}*${atomKey(atom)}`;
  return key;
}

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
