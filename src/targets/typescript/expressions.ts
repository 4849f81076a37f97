/** Real expressions and conditions as code. */
import { raise, rational, splitCoefficient, valueOf } from "../../notation/construct.js";
import type { Condition, Constant, Expression, FunctionName } from "../../notation/expression.js";
import { literal } from "../../notation/integer.js";
import type { HelperName } from "./helpers.js";
import { elementOf, spellInt, spellNonNegative, spellZero, type Context } from "./integers.js";
import { atom, callOf, productOf, strengths, sumOf, within, type Signed, type Term } from "./term.js";

export const realText = (e: Expression, context: Context): string => spellReal(e, context).text;

/** The expression; reads are of flat offsets, and no reductions, pads or stops are left. */
export function spellReal(e: Expression, context: Context): Term {
  const spell = (part: Expression): Term => spellReal(part, context);
  switch (e.kind) {
    case "add":
      return sumOf(e.terms.map((t) => spellSigned(t, context)));
    case "constant":
    case "multiply":
      return sumOf([spellSigned(e, context)]);
    case "named":
      return atom(e.name === "pi" ? "Math.PI" : "Math.E");
    case "integer":
      return spellInt(e.value, context);
    case "parameter":
      return atom(context.scope.value(e.name));
    case "read":
      return elementOf(e.tensor, e.subscripts, context);
    case "raise":
      return spellPower(e.base, e.exponent, context);
    case "call":
      return spellCall(e.name, e.arguments, context);
    case "select": {
      const condition = within(spellCondition(e.condition, context), strengths.or);
      const [yes, no] = [spell(e.whenTrue), spell(e.whenFalse)];
      return {
        text: `${condition} ? ${yes.text} : ${no.text}`,
        strength: strengths.conditional,
      };
    }
    case "pad":
    case "stop":
    case "reduction":
      throw new Error(`a ${e.kind} is left in a kernel`);
  }
}

/** A term of a sum, its sign apart: coefficient · Π top / Π bottom. */
function spellSigned(e: Expression, context: Context): Signed {
  const { negative, coefficient, top, bottom } = fractionOf(e);
  const [over, under] = numberParts(coefficient).map(String);
  const spell = (part: Expression): Term => spellReal(part, context);
  const above = [...(over === "1" ? [] : [atom(over ?? "")]), ...top.map(spell)];
  const below = [...(under === "1" ? [] : [atom(under ?? "")]), ...bottom.map(spell)];
  if (above.length === 0) above.push(atom("1"));
  return { negative, term: productOf(above, below) };
}

/** A term as ±|coefficient| · Π top / Π bottom: powers with negative exponents stand below. */
export function fractionOf(e: Expression) {
  const [coefficient, core] = splitCoefficient(e);
  const [top, bottom]: [Expression[], Expression[]] = [[], []];
  for (const factor of core.kind === "multiply" ? core.factors : [core]) {
    if (factor.kind === "constant") continue; // the core of a constant is 1
    const inverse =
      factor.kind === "raise" && factor.exponent.kind === "constant" && valueOf(factor.exponent) < 0;
    if (inverse) bottom.push(raise(factor.base, negated(factor.exponent)));
    else top.push(factor);
  }
  return { negative: valueOf(coefficient) < 0, coefficient, top, bottom };
}
export const negated = (c: Expression): Expression =>
  c.kind === "constant" ? rational(-c.numerator, c.denominator) : c;

/** |constant| as numerator and denominator; a fraction that is a short decimal is one number. */
export function numberParts(c: Constant): readonly [number, number] {
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

/** base ^ exponent: products for squares and cubes, Math.sqrt for halves. */
function spellPower(base: Expression, exponent: Expression, context: Context): Term {
  const spelled = spellReal(base, context);
  if (exponent.kind === "constant") {
    const n = valueOf(exponent);
    if (n < 0) return productOf([], [spellReal(raise(base, negated(exponent)), context)]);
    if (n === 1) return spelled;
    if (n === 2 || n === 3) {
      if (isName(base)) return productOf(Array.from({ length: n }, () => spelled));
      return callOf(context.need(n === 2 ? "square" : "cube"), spelled);
    }
    if (n === 0.5) return callOf("Math.sqrt", spelled);
  }
  return callOf("Math.pow", spelled, spellReal(exponent, context));
}

const helperOf: Partial<Record<FunctionName, HelperName>> = {
  exp: "exp",
  tanh: "tanh",
  sigmoid: "sigmoid",
  softplus: "softplus",
  relu: "relu",
  erf: "erf",
  gelu: "gelu",
  square: "square",
  mod: "mod",
  round: "roundEven",
  min: "lesser",
  max: "greater",
};
const operatorOf: Partial<Record<FunctionName, string>> = { min: "<", max: ">" };

function spellCall(name: FunctionName, args: readonly Expression[], context: Context): Term {
  const terms = args.map((a) => spellReal(a, context));
  const operator = operatorOf[name];
  const [a, b] = terms;
  // max(a, b) is a where a > b, else b: inline where nothing is computed twice
  if (operator && a && b && args.every((e) => isName(e) || literalOf(e) !== undefined)) {
    const relation = `${within(a, strengths.sum)} ${operator} ${within(b, strengths.sum)}`;
    return { text: `${relation} ? ${a.text} : ${b.text}`, strength: strengths.conditional };
  }
  const helper = helperOf[name];
  return callOf(helper ? context.need(helper) : `Math.${name}`, ...terms);
}
const literalOf = (e: Expression): number | undefined =>
  e.kind === "constant" ? valueOf(e) : e.kind === "integer" ? literal(e.value) : undefined;

export const conditionText = (c: Condition, context: Context): string => spellCondition(c, context).text;

export function spellCondition(c: Condition, context: Context): Term {
  switch (c.kind) {
    case "truth":
      return atom(String(c.value));
    case "nonnegative":
      return spellNonNegative(c.value, context);
    case "zero":
      return spellZero(c.value, context);
    case "compare": {
      const equality = c.operator === "==" || c.operator === "!=";
      const strength = equality ? strengths.equality : strengths.relation;
      const side = (e: Expression): string => within(spellReal(e, context), strengths.sum);
      return { text: `${side(c.left)} ${c.operator}${equality ? "=" : ""} ${side(c.right)}`, strength };
    }
    case "and":
    case "or": {
      const strength = strengths[c.kind];
      const parts = c.parts.map((p) => within(spellCondition(p, context), strength + 1));
      return { text: parts.join(c.kind === "and" ? " && " : " || "), strength };
    }
    case "not":
      return {
        text: `!${within(spellCondition(c.part, context), strengths.unary)}`,
        strength: strengths.unary,
      };
    case "any":
    case "all":
      throw new Error(`a quantified condition (${c.kind}) is left in a kernel`);
  }
}
