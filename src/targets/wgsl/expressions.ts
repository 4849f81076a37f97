/** Real expressions, in f32, and conditions as WGSL. */
import { valueOf, raise } from "../../notation/construct.js";
import type { Condition, Expression, FunctionName } from "../../notation/expression.js";
import { fractionOf, negated, numberParts } from "../typescript/expressions.js";
import {
  atom,
  callOf,
  productOf,
  strengths,
  sumOf,
  within,
  type Signed,
  type Term,
} from "../typescript/term.js";
import type { HelperName } from "./helpers.js";
import {
  elementOf,
  intText,
  nameOf,
  spellInt,
  spellNonNegative,
  spellZero,
  type Context,
} from "./integers.js";

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
      return literal(e.name === "pi" ? Math.PI : Math.E);
    case "integer":
      return atom(`f32(${intText(e.value, context)})`);
    case "parameter":
      return nameOf(e.name, context);
    case "read": {
      const element = elementOf(e.tensor, e.subscripts, context);
      return context.integerTensors.has(e.tensor) ? callOf("f32", element) : element;
    }
    case "raise":
      return spellPower(e.base, e.exponent, context);
    case "call":
      return spellCall(e.name, e.arguments, context);
    case "select":
      return callOf("select", spell(e.whenFalse), spell(e.whenTrue), spellChoice(e.condition, context));
    case "pad":
    case "stop":
    case "reduction":
      throw new Error(`a ${e.kind} is left in a kernel`);
  }
}

/**
 * A number as f32. WGSL has no literal for infinity, and what is known when a shader is compiled must be finite:
 * it comes with the plan's numbers.
 */
function literal(value: number): Term {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return atom("(plan.inf - plan.inf)");
  if (!Number.isFinite(single))
    return single > 0 ? atom("plan.inf") : { text: "-plan.inf", strength: strengths.unary };
  // too small for f32, it would be an error in some compilers
  const text = String(single === 0 ? 0 : value);
  return atom(/[.e]/.test(text) ? text : `${text}.0`);
}

function spellSigned(e: Expression, context: Context): Signed {
  const { negative, coefficient, top, bottom } = fractionOf(e);
  const [over, under] = numberParts(coefficient);
  const spell = (part: Expression): Term => spellReal(part, context);
  const above = [...(over === 1 ? [] : [literal(over)]), ...top.map(spell)];
  const below = [...(under === 1 ? [] : [literal(under)]), ...bottom.map(spell)];
  if (above.length === 0) above.push(literal(1));
  return { negative, term: productOf(above, below) };
}

const isName = (e: Expression): boolean => e.kind === "parameter";

/** base ^ exponent; WGSL's own `pow` takes no negative base. */
function spellPower(base: Expression, exponent: Expression, context: Context): Term {
  const spelled = spellReal(base, context);
  if (exponent.kind === "integer")
    return callOf(context.need("wholePower"), spelled, spellInt(exponent.value, context));
  if (exponent.kind === "constant") {
    const n = valueOf(exponent);
    if (n < 0) return productOf([literal(1)], [spellReal(raise(base, negated(exponent)), context)]);
    if (n === 1) return spelled;
    if (n === 2 || n === 3) {
      if (isName(base)) return productOf(Array.from({ length: n }, () => spelled));
      return callOf(context.need(n === 2 ? "square" : "cube"), spelled);
    }
    if (n === 0.5) return callOf("sqrt", spelled);
    if (Number.isInteger(n) && n < 2 ** 31)
      return callOf(context.need("wholePower"), spelled, atom(String(n)));
  }
  return callOf(context.need("power"), spelled, spellReal(exponent, context));
}

/** Functions whose built-in form is missing, not exact enough, or overflows where the language's does not. */
const helperOf: Partial<Record<FunctionName, HelperName>> = {
  log1p: "log1p",
  expm1: "expm1",
  sin: "sine",
  cos: "cosine",
  tan: "tangent",
  tanh: "hyperbolicTangent",
  sinh: "hyperbolicSine",
  cosh: "hyperbolicCosine",
  asin: "arcSine",
  acos: "arcCosine",
  atan: "arcTangent",
  atan2: "arcTangent2",
  sigmoid: "sigmoid",
  softplus: "softplus",
  relu: "relu",
  erf: "erf",
  gelu: "gelu",
  square: "square",
  mod: "realModulo",
  min: "lesser",
  max: "greater",
};
const operatorOf: Partial<Record<FunctionName, string>> = { min: "<", max: ">" };
/** Built-ins that have no value for every number: what compilers would compute themselves, and refuse. */
const partial: Partial<Record<FunctionName, (u: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
};

function spellCall(name: FunctionName, args: readonly Expression[], context: Context): Term {
  const terms = args.map((a) => spellReal(a, context));
  const operator = operatorOf[name];
  const [a, b] = terms;
  // max(a, b) is a where a > b, else b: inline where nothing is computed twice
  if (operator && a && b && args.every((e) => isName(e) || e.kind === "constant")) {
    const relation = `${within(a, strengths.sum)} ${operator} ${within(b, strengths.sum)}`;
    return callOf("select", b, a, atom(relation));
  }
  const [first] = args;
  if (first?.kind === "constant") {
    const value = partial[name]?.(valueOf(first));
    if (value !== undefined && !Number.isFinite(Math.fround(value))) return literal(value);
  }
  const helper = helperOf[name];
  return callOf(helper ? context.need(helper) : name, ...terms);
}

/** The condition of a `select`: both values are computed anyway, so no part of it needs a branch of its own. */
function spellChoice(c: Condition, context: Context): Term {
  if (c.kind !== "and" && c.kind !== "or") return spellCondition(c, context);
  const parts = c.parts.map((p) => within(spellChoice(p, context), strengths.atom));
  return { text: parts.join(c.kind === "and" ? " & " : " | "), strength: strengths[c.kind] };
}

/** The same as text. */
export const choiceConditionText = (c: Condition, context: Context): string => spellChoice(c, context).text;
export const conditionText = (c: Condition, context: Context): string => spellCondition(c, context).text;

/** Conditions; WGSL wants parentheses wherever `&&` and `||` meet. */
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
      return { text: `${side(c.left)} ${c.operator} ${side(c.right)}`, strength };
    }
    case "and":
    case "or": {
      // either inside the other is in parentheses
      const parts = c.parts.map((p) => within(spellCondition(p, context), strengths.equality));
      return { text: parts.join(c.kind === "and" ? " && " : " || "), strength: strengths[c.kind] };
    }
    case "not":
      return {
        text: `!${within(spellCondition(c.part, context), strengths.atom)}`,
        strength: strengths.unary,
      };
    case "any":
    case "all":
      throw new Error(`a quantified condition (${c.kind}) is left in a kernel`);
  }
}
