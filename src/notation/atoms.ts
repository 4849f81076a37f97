/** What stands in integer polynomials: walking, rewriting, solving for a variable. */
import {
  collect,
  constant,
  element,
  exactDivide,
  extremum,
  floorDivide,
  modulo,
  ofAtom,
  one,
  plus,
  power,
  times,
  variable,
  zero,
} from "./arithmetic.js";
import type { Atom, Int, Monomial } from "./polynomial.js";

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

/** What an atom divides by. */
export function divisorOf(atom: Atom): Int | undefined {
  switch (atom.kind) {
    case "floor":
    case "exact":
      return atom.denominator;
    case "modulo":
      return atom.modulus;
    case "variable":
    case "min":
    case "max":
    case "power":
    case "element":
      return undefined;
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
    if (atom.kind === "variable") return replace(atom);
    const parts = atomParts(atom);
    const mapped = parts.map((p) => mapAtoms(p, replace));
    const rebuilt = mapped.some((p, i) => p !== parts[i]) ? rebuildAtom(atom, mapped) : undefined;
    // an atom that collapsed into one of its parts has been replaced already: d·p/d is p
    const sole = rebuilt && soleAtom(rebuilt);
    const bare = rebuilt ? (sole?.kind === atom.kind ? sole : undefined) : atom;
    return bare ? (replace(bare) ?? rebuilt) : rebuilt;
  };
  let terms: Int[] | undefined;
  for (const [at, m] of value.monomials.entries()) {
    let factors: (Int | undefined)[] | undefined;
    for (const [i, atom] of m.factors.entries()) {
      const factor = mapAtom(atom);
      if (factor) (factors ??= [])[i] = factor;
    }
    if (factors) {
      terms ??= value.monomials.slice(0, at).map(ofMonomial);
      terms.push(times(constant(m.coefficient), ...m.factors.map((atom, i) => factors[i] ?? ofAtom(atom))));
    } else terms?.push(ofMonomial(m));
  }
  return terms ? plus(...terms) : value;
}
const ofMonomial = (m: Monomial): Int => ({ kind: "int", monomials: [m] });

function soleAtom(value: Int): Atom | undefined {
  const [first] = value.monomials;
  return value.monomials.length === 1 && first?.coefficient === 1 && first.factors.length === 1
    ? first.factors[0]
    : undefined;
}

/** Replaces variables by polynomials, everywhere at once. */
export function substituteInt(value: Int, replacements: ReadonlyMap<string, Int>): Int {
  if (replacements.size === 0 || !someVariable(value, (name) => replacements.has(name))) return value;
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

/** Whether a variable that the value depends on passes the test. */
export function someVariable(value: Int, test: (name: string) => boolean): boolean {
  for (const { factors } of value.monomials)
    for (const atom of factors) if (hasVariable(atom, test)) return true;
  return false;
}
function hasVariable(atom: Atom, test: (name: string) => boolean): boolean {
  if (atom.kind === "variable") return test(atom.name);
  for (const part of atomParts(atom)) if (someVariable(part, test)) return true;
  return false;
}
/** Whether the value depends on the variable. */
export function mentions(value: Int, name: string): boolean {
  for (const { factors } of value.monomials)
    for (const atom of factors) if (atomMentions(atom, name)) return true;
  return false;
}
function atomMentions(atom: Atom, name: string): boolean {
  if (atom.kind === "variable") return atom.name === name;
  for (const part of atomParts(atom)) if (mentions(part, name)) return true;
  return false;
}

/**
 * Splits value = coefficient·name + rest with a coefficient and rest free of `name`.
 * Undefined where the value is not affine in `name`.
 */
export function affineIn(value: Int, name: string): { coefficient: Int; rest: Int } | undefined {
  const coefficient: Monomial[] = [];
  const rest: Monomial[] = [];
  for (const m of value.monomials) {
    const at = m.factors.findIndex((f) => f.kind === "variable" && f.name === name);
    if (m.factors.some((f, i) => i !== at && atomMentions(f, name))) return undefined;
    if (at < 0) rest.push(m);
    else coefficient.push({ coefficient: m.coefficient, factors: m.factors.filter((_, i) => i !== at) });
  }
  return { coefficient: collect(coefficient), rest: collect(rest) };
}
