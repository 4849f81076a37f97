/** Real expressions and conditions as code. */
import { isVector } from "../../kernels/gpu/vectors.js";
import { inverseOf, splitCoefficient, valueOf } from "../../notation/construct.js";
import type { Condition, Constant, Expression } from "../../notation/expression.js";
import type { FunctionName } from "../../primitives/index.js";
import { literal, type Int } from "../../notation/integer.js";
import { elementOf, intText, spellInt, spellNonNegative, spellZero } from "./integers.js";
import type { Speller } from "./speller.js";
import { atom, equalityOf, relationOf, strengths, sumOf, within, type Signed, type Term } from "./term.js";

export const realText = (e: Expression, speller: Speller): string => spellReal(e, speller).text;
export const conditionText = (c: Condition, speller: Speller): string => spellCondition(c, speller).text;
/** A value; beside vectors, a real is a vector too. */
export const valueText = (value: Expression | Int, speller: Speller, vector = false): string =>
  value.kind === "int" ? intText(value, speller) : spellLike(value, vector, speller).text;

/** The expression; reads are of flat offsets, and no reductions, pads or stops are left. */
export function spellReal(e: Expression, speller: Speller): Term {
  switch (e.kind) {
    case "add":
      return sumOf(e.terms.map((t) => spellSigned(t, speller)));
    case "constant":
    case "multiply":
      return sumOf([spellSigned(e, speller)]);
    case "named":
      return speller.named(e.name);
    case "integer":
      return speller.real(spellInt(e.value, speller));
    case "parameter":
      return speller.name(e.name);
    case "read": {
      const [offset, lane] = e.subscripts;
      if (lane && speller.kernel.vectors?.has(e.tensor)) {
        const vector = elementOf(e.tensor, offset ? [offset] : [], speller);
        return speller.element(vector.text, intText(lane, speller));
      }
      const element = elementOf(e.tensor, e.subscripts, speller);
      return speller.integerTensors.has(e.tensor) ? speller.real(element) : element;
    }
    case "raise":
      return spellPower(e.base, e.exponent, speller);
    case "call":
      return spellCall(e.name, e.arguments, speller);
    case "select": {
      const condition = speller.choice(e.condition);
      const vector = isVector(e, speller.kernel);
      const side = (part: Expression): Term => spellLike(part, vector, speller);
      return speller.select(condition, side(e.whenTrue), side(e.whenFalse));
    }
    case "reduction":
      if (speller.reduction) return speller.reduction(e);
      throw new Error("a reduction is left in a kernel");
    case "pad":
    case "stop":
      throw new Error(`a ${e.kind} is left in a kernel`);
  }
}

/** The expression beside others of which one is a vector: as a vector too. */
function spellLike(e: Expression, vector: boolean, speller: Speller): Term {
  const term = spellReal(e, speller);
  return vector && !isVector(e, speller.kernel) ? speller.widen(term) : term;
}
/** The operands of one operation: vectors if one is. */
export function spellAlike(operands: readonly Expression[], speller: Speller): readonly Term[] {
  const vector = operands.some((e) => isVector(e, speller.kernel));
  return operands.map((e) => spellLike(e, vector, speller));
}

/** A term of a sum, its sign apart: ±|coefficient| · Π top / Π bottom; powers with negative exponents stand below. */
function spellSigned(e: Expression, speller: Speller): Signed {
  const [coefficient, core] = splitCoefficient(e);
  const [over, under] = numberParts(coefficient);
  const above = over === 1 ? [] : [speller.number(over)];
  const below = under === 1 ? [] : [speller.number(under)];
  for (const factor of core.kind === "multiply" ? core.factors : [core]) {
    if (factor.kind === "constant") continue; // the core of a constant is 1
    const inverse = inverseOf(factor);
    if (inverse) below.push(spellReal(inverse, speller));
    else above.push(spellReal(factor, speller));
  }
  if (above.length === 0) above.push(speller.number(1));
  return { negative: valueOf(coefficient) < 0, term: speller.product(above, below) };
}

/** |constant| as numerator and denominator; a fraction that is a short decimal is one number. */
function numberParts(c: Constant): readonly [number, number] {
  const [n, d] = [Math.abs(c.numerator), c.denominator];
  return decimalOnly(d) ? [n / d, 1] : [n, d];
}
/** Whether 1/d has a finite decimal expansion. */
function decimalOnly(d: number): boolean {
  let rest = d;
  for (const prime of [2, 5]) while (rest % prime === 0) rest /= prime;
  return rest === 1;
}

const isName = (e: Expression): boolean => e.kind === "parameter";
const isNumber = (e: Expression): boolean =>
  e.kind === "constant" || (e.kind === "integer" && literal(e.value) !== undefined);

/** base ^ exponent: products for squares and cubes, a root for halves. */
function spellPower(base: Expression, exponent: Expression, speller: Speller): Term {
  const inverse = inverseOf({ kind: "raise", base, exponent });
  if (inverse) return speller.product([speller.number(1)], [spellReal(inverse, speller)]);
  const n = exponent.kind === "constant" ? valueOf(exponent) : undefined;
  if (n === 1) return spellReal(base, speller);
  if (n === 2 || n === 3) {
    if (isName(base)) return speller.product(Array.from({ length: n }, () => spellReal(base, speller)));
    return speller.call(n === 2 ? "square" : "cube", [spellReal(base, speller)], [base]);
  }
  if (n === 0.5) return speller.call("sqrt", [spellReal(base, speller)], [base]);
  return speller.power(base, exponent);
}

function spellCall(name: FunctionName, args: readonly Expression[], speller: Speller): Term {
  const terms = spellAlike(args, speller);
  const [a, b] = terms;
  const [left, right] = args;
  if ((name !== "max" && name !== "min") || !a || !b || !left || !right)
    return speller.call(name, terms, args);
  // max(a, b) is a where a > b, else b. Beside a number it stands inline where nothing is computed twice: a NaN is no number, and is taken
  const [beats, yields] = name === "max" ? [">", "<="] : ["<", ">="];
  if (isNumber(left) && (isName(right) || isNumber(right)))
    return speller.select(relationOf(a, beats, b), a, b);
  if (isName(left) && isNumber(right)) return speller.select(relationOf(a, yields, b), b, a);
  return speller.call(name, terms, args);
}

export function spellCondition(c: Condition, speller: Speller): Term {
  switch (c.kind) {
    case "truth":
      return atom(String(c.value));
    case "nonnegative":
      return spellNonNegative(c.value, speller);
    case "zero":
      return spellZero(c.value, speller.equality, speller);
    case "compare": {
      const [left, right] = spellAlike([c.left, c.right], speller) as [Term, Term];
      if (c.operator === "!=") return speller.unequal(left, right);
      if (c.operator === "==") return equalityOf(left, speller.equality, right);
      return relationOf(left, c.operator, right);
    }
    case "and":
    case "or": {
      // either inside the other is in parentheses
      const parts = c.parts.map((p) => within(spellCondition(p, speller), strengths.equality));
      return { text: parts.join(c.kind === "and" ? " && " : " || "), strength: strengths[c.kind] };
    }
    case "not": {
      const part = within(spellCondition(c.part, speller), strengths.unary);
      return { text: `!${part}`, strength: strengths.unary };
    }
    case "any":
    case "all":
      if (speller.quantified) return speller.quantified(c);
      throw new Error(`a quantified condition (${c.kind}) is left in a kernel`);
  }
}
