/** Integer polynomials as WGSL, in i32. */
import type { Vectors } from "../../kernels/gpu/vectors.js";
import type { Atom, Int } from "../../notation/integer.js";
import * as integer from "../../notation/integer.js";
import { spellAtLeastZero, spellEqualsZero, spellPolynomial } from "../typescript/integers.js";
import type { Scope } from "../typescript/names.js";
import { atom, callOf, productOf, strengths, within, type Term } from "../typescript/term.js";
import type { HelperName } from "./helpers.js";

/** Where code is spelled. */
export interface Context {
  readonly scope: Scope;
  readonly need: (helper: HelperName) => string;
  /** The helper for four numbers at once. */
  readonly needFour: (helper: HelperName) => string;
  /** Sizes, params and constants: members of the uniform `plan`. */
  readonly outside: ReadonlySet<string>;
  /** Their elements are i32. */
  readonly integerTensors: ReadonlySet<string>;
  /** Names known to be never negative: for those a / b and a % b round as the language does. */
  readonly natural: Set<string>;
  /** Which of its expressions are vectors. */
  readonly kernel: Vectors;
}
type Signs = { readonly natural: ReadonlySet<string> };

export const intText = (value: Int, context: Context): string => spellInt(value, context).text;

export function spellInt(value: Int, context: Context): Term {
  return spellPolynomial(value, { scope: context.scope, atom: (part) => spellAtom(part, context) });
}
export const spellNonNegative = (value: Int, context: Context): Term =>
  spellAtLeastZero(value, (part) => spellInt(part, context));
export const spellZero = (value: Int, context: Context): Term =>
  spellEqualsZero(value, (part) => spellInt(part, context), "==");

/** Whether the value can be seen to be at least 0, from its signs alone. */
export function isNatural(value: Int, context: Signs): boolean {
  return value.monomials.every(
    (m) => m.coefficient >= 0 && m.factors.every((f) => isNaturalAtom(f, context)),
  );
}
function isNaturalAtom(value: Atom, context: Signs): boolean {
  const natural = (part: Int): boolean => isNatural(part, context);
  switch (value.kind) {
    case "variable":
      return context.natural.has(value.name);
    case "floor":
    case "exact":
      return natural(value.numerator) && natural(value.denominator);
    case "modulo":
      return natural(value.modulus);
    case "min":
      return [value.left, value.right].every((part) => natural(part) || isLast(part, context));
    case "max":
      return natural(value.left) || natural(value.right);
    case "power":
      return natural(value.base);
    case "element":
      return false;
  }
}

/** Whether the value is n - 1 for a number of rows or the like, n: threads run only where it is at least 1. */
function isLast(value: Int, context: Signs): boolean {
  const count = integer.plus(value, integer.one);
  return count.monomials.length === 1 && isNatural(count, context);
}

function spellAtom(value: Atom, context: Context): Term {
  const spell = (part: Int): Term => spellInt(part, context);
  switch (value.kind) {
    case "variable":
      return nameOf(value.name, context);
    case "exact":
      return productOf([spell(value.numerator)], [spell(value.denominator)]);
    case "floor":
      if (isNatural(value.numerator, context) && isNatural(value.denominator, context))
        return productOf([spell(value.numerator)], [spell(value.denominator)]);
      return callOf(context.need("floorDivide"), spell(value.numerator), spell(value.denominator));
    case "modulo":
      if (isNatural(value.value, context) && isNatural(value.modulus, context))
        return remainderOf(spell(value.value), spell(value.modulus));
      return callOf(context.need("modulo"), spell(value.value), spell(value.modulus));
    case "min":
    case "max":
      return callOf(value.kind, spell(value.left), spell(value.right));
    case "power":
      return callOf(context.need("integerPower"), spell(value.base), spell(value.exponent));
    case "element":
      return elementOf(value.tensor, value.subscripts, context);
  }
}
/** In parentheses, so that it may stand in a product. */
const remainderOf = (value: Term, modulus: Term): Term =>
  atom(`(${within(value, strengths.product)} % ${within(modulus, strengths.unary)})`);

/** A size or param is a member of the plan's uniform; a local is itself. */
export function nameOf(name: string, { scope, outside }: Context): Term {
  return atom(outside.has(name) ? `plan.${scope.value(name)}` : scope.value(name));
}

/** `x[offset]`; a scalar is element 0. */
export function elementOf(tensor: string, subscripts: readonly Int[], context: Context): Term {
  const [offset = integer.zero, ...rest] = subscripts;
  if (rest.length > 0) throw new Error(`${tensor} is read with ${subscripts.length} subscripts in a kernel`);
  return atom(`${context.scope.tensor(tensor)}[${intText(offset, context)}]`);
}
