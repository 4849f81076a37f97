/** Real expressions, in f32, and conditions as WGSL. */
import { isVector, isVectorCondition } from "../../kernels/gpu/vectors.js";
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
    case "select": {
      const vector = isVector(e, context.kernel);
      const side = (part: Expression): Term => spellLike(part, vector, context);
      return callOf("select", side(e.whenFalse), side(e.whenTrue), spellChoice(e.condition, context));
    }
    case "pad":
    case "stop":
    case "reduction":
      throw new Error(`a ${e.kind} is left in a kernel`);
  }
}

/** The expression beside others of which one is a vector: as a vector too. */
function spellLike(e: Expression, vector: boolean, context: Context): Term {
  const term = spellReal(e, context);
  return vector && !isVector(e, context.kernel) ? callOf("vec4<f32>", term) : term;
}
export const textLike = (e: Expression, vector: boolean, context: Context): string =>
  spellLike(e, vector, context).text;

/** A call of one of our own functions. */
function callHelper(
  name: HelperName,
  args: readonly Expression[],
  context: Context,
  ...others: readonly Term[]
): Term {
  const vector = args.some((e) => isVector(e, context.kernel));
  const terms = args.map((e) => spellLike(e, vector, context));
  return callOf(vector ? context.needFour(name) : context.need(name), ...terms, ...others);
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
    return callHelper("wholePower", [base], context, spellInt(exponent.value, context));
  if (exponent.kind === "constant") {
    const n = valueOf(exponent);
    if (n < 0) return productOf([literal(1)], [spellReal(raise(base, negated(exponent)), context)]);
    if (n === 1) return spelled;
    if (n === 2 || n === 3) {
      if (isName(base)) return productOf(Array.from({ length: n }, () => spelled));
      return callHelper(n === 2 ? "square" : "cube", [base], context);
    }
    if (n === 0.5) return callOf("sqrt", spelled);
    if (Number.isInteger(n) && n < 2 ** 31) return callHelper("wholePower", [base], context, atom(String(n)));
  }
  return callHelper("power", [base, exponent], context);
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
  const vector = args.some((e) => isVector(e, context.kernel));
  const terms = args.map((e) => spellLike(e, vector, context));
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
  return helper ? callHelper(helper, args, context) : callOf(name, ...terms);
}

/** The condition of a `select`: both values are computed anyway, so no part of it needs a branch of its own. */
function spellChoice(c: Condition, context: Context): Term {
  if (c.kind !== "and" && c.kind !== "or") return spellCondition(c, context);
  const vector = isVectorCondition(c, context.kernel);
  const parts = c.parts.map((p) => {
    const term = spellChoice(p, context);
    const alike = vector && !isVectorCondition(p, context.kernel) ? callOf("vec4<bool>", term) : term;
    return within(alike, strengths.atom);
  });
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
      const vector = isVectorCondition(c, context.kernel);
      const side = (e: Expression): string => within(spellLike(e, vector, context), strengths.sum);
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
