/** Expressions as text that parses back to the same formula. */
import * as build from "../notation/construct.js";
import type { Binder, Expression, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { leftOut } from "../notation/reductions.js";
import { guardLeft, inBoundsOf, standsAlone } from "./print-bounds.js";
import { printConditionIn } from "./print-conditions.js";
import { Level, parenthesise, printInt, type IndexOrder } from "./print-integers.js";
import { printConstant, printFraction } from "./print-numbers.js";

/** What printing needs to know of the surroundings: tensors' shapes and the indices in scope. */
export interface PrintContext {
  readonly layer: Pick<Layer, "tensors" | "derived"> | undefined;
  readonly order: IndexOrder;
}

export function printIn(e: Expression, context: PrintContext, needed: Level = Level.sum): string {
  const part = (p: Expression, level: Level = Level.sum): string => printIn(p, context, level);
  switch (e.kind) {
    case "constant": {
      const { text, quotient } = printConstant(e);
      if (build.valueOf(e) < 0)
        return parenthesise(`-${text}`, quotient ? Level.product : Level.sign, needed);
      return quotient ? parenthesise(text, Level.product, needed) : text;
    }
    case "named":
      // an index of that name hides Euler's number
      return context.order.includes(e.name) ? "exp(1)" : e.name;
    case "parameter":
      return e.name;
    case "integer":
      return printInt(e.value, context.order, needed);
    case "read":
      return e.subscripts.length === 0
        ? e.tensor
        : `${e.tensor}[${e.subscripts.map((s) => printInt(s, context.order)).join(", ")}]`;
    case "pad":
      return `pad(${part(e.read)}, ${part(e.value)})`;
    case "add":
      return parenthesise(printSum(e.terms, context), Level.sum, needed);
    case "multiply":
    case "raise":
      return printProduct(e, context, needed);
    case "call":
      return `${e.name}(${e.arguments.map((a) => part(a)).join(", ")})`;
    case "select":
      return `where(${printConditionIn(e.condition, context)}, ${part(e.whenTrue)}, ${part(e.whenFalse)})`;
    case "stop":
      return `stop(${part(e.argument)})`;
    case "reduction":
      return printReduction(e, context, needed);
  }
}

export const isNegative = (e: Expression): boolean => build.valueOf(build.splitCoefficient(e)[0]) < 0;

/** a - b for a + (-1)*b; a positive term goes first where there is one. */
function printSum(terms: readonly Expression[], context: PrintContext): string {
  const at = Math.max(
    0,
    terms.findIndex((t) => !isNegative(t)),
  );
  const first = terms[at];
  if (!first) return "0";
  const others = terms.filter((_, i) => i !== at);
  const rest = others.map((term) =>
    isNegative(term)
      ? ` - ${printIn(opposite(term), context, Level.product)}`
      : ` + ${printIn(term, context, Level.product)}`,
  );
  return printIn(first, context, Level.product) + rest.join("");
}

/** A negative term without its sign, and nothing else simplified: `-(0 * x)` stays a product that reads x. */
function opposite(term: Expression): Expression {
  const [coefficient, rest] = build.splitCoefficient(term);
  const positive = build.negateConstant(coefficient);
  if (term.kind === "constant") return positive;
  if (build.isConstant(positive, 1)) return rest;
  return { kind: "multiply", factors: [positive, ...(rest.kind === "multiply" ? rest.factors : [rest])] };
}

/**
 * a * b / (c * d), with the constant first and negative powers below. A minus stands before a factor that is no sum, since
 * `-(a + b)` is read as `-a - b`; before sums alone it stands outside: `-((a + b) * (c + d))`.
 */
function printProduct(e: Expression, context: PrintContext, needed: Level): string {
  if (e.kind === "raise" && !isReciprocal(e)) return printPower(e, context, needed);
  const factors = e.kind === "multiply" ? e.factors : [e];
  const [above, sums, below]: [string[], string[], string[]] = [[], [], []];
  let negative = false;
  for (const factor of factors) {
    if (factor.kind === "constant") {
      if (build.valueOf(factor) < 0) negative = !negative;
      const { top, bottom } = printFraction(factor);
      if (top !== "1" || bottom === undefined) above.push(top);
      if (bottom !== undefined) below.push(bottom);
    } else if (isReciprocal(factor)) {
      const lowered = build.negate(factor.exponent);
      const power: Expression = build.isConstant(lowered, 1)
        ? factor.base
        : { kind: "raise", base: factor.base, exponent: lowered };
      below.push(printFactor(power, context));
    } else (factor.kind === "add" && negative ? sums : above).push(printFactor(factor, context));
  }
  if (negative && above[0] === "1" && factors.length > 1) above.shift();
  const outside = negative && above.length === 0 && sums.length > 0;
  const top = above.length + sums.length === 0 ? "1" : [...above, ...sums].join(" * ");
  const bottom = below.length > 1 ? `(${below.join(" * ")})` : below.join("");
  const text = bottom === "" ? top : `${top} / ${bottom}`;
  const whole = negative ? (outside ? `-(${text})` : `-${text}`) : text;
  return parenthesise(whole, Level.product, needed);
}
export type Raise = Extract<Expression, { kind: "raise" }>;
/** u^-n, which is printed below the line. */
export const isReciprocal = (e: Expression): e is Raise =>
  e.kind === "raise" && e.exponent.kind === "constant" && build.valueOf(e.exponent) < 0;

/** A factor; a sum or a quotient in parentheses. */
const printFactor = (e: Expression, context: PrintContext): string => printIn(e, context, Level.power);

function printPower(e: Raise, context: PrintContext, needed: Level): string {
  const exponent = printIn(e.exponent, context, Level.power);
  return parenthesise(`${printIn(e.base, context, Level.atom)}^${exponent}`, Level.power, needed);
}

function printReduction(e: Reduction, context: PrintContext, needed: Level): string {
  const inner = { ...context, order: [...context.order, ...e.binders.map((b) => b.name)] };
  const head = `${e.name}[${printBinders(e.binders, e, context)}]`;
  if (e.name === "count") return `${head}(${printConditionIn(e.guard, inner)})`;
  const guard = guardLeft(e, context.layer);
  const neutral = leftOut[e.name];
  const guarded = (by: typeof guard): string =>
    by.kind === "truth" && by.value
      ? printIn(e.body, inner)
      : `where(${printConditionIn(by, inner)}, ${printIn(e.body, inner)}, ${printIn(build.rational(neutral), inner)})`;
  if (e.name !== "mean" || (guard.kind === "truth" && guard.value)) return `${head}(${guarded(guard)})`;
  // the points that a guard leaves out do not count: mean = sum / count, and 0 over no points
  const binders = printBinders(e.binders, e, { ...context, layer: undefined });
  const points = printConditionIn(build.and(guard, ...inBoundsOf(e.body, context.layer)), inner);
  const body = `where(${printConditionIn(guard, inner)}, ${printIn(e.body, inner)}, 0)`;
  return parenthesise(
    `sum[${binders}](${body}) / max(count[${binders}](${points}), 1)`,
    Level.product,
    needed,
  );
}

/** `c` where inference finds the range again, else the range. */
export function printBinders(
  binders: readonly Binder[],
  within: Parameters<typeof standsAlone>[1],
  context: PrintContext,
): string {
  let order = context.order;
  return binders
    .map((binder) => {
      const text = printBinder(binder, order, standsAlone(binder, within, context.layer));
      order = [...order, binder.name];
      return text;
    })
    .join(", ");
}

function printBinder({ name, lower, upper }: Binder, order: IndexOrder, plain: boolean): string {
  const fromZero = integer.literal(lower) === 0;
  if (fromZero && (plain || integer.plainVariable(upper)?.startsWith("?"))) return name;
  const last = integer.minus(upper, integer.one);
  const inclusive = isShorter(last, upper);
  const to = inclusive ? `<= ${printInt(last, order)}` : `< ${printInt(upper, order)}`;
  return fromZero ? `${name} ${to}` : `${printInt(lower, order)} <= ${name} ${to}`;
}
const isShorter = (a: Int, b: Int): boolean => a.monomials.length < b.monomials.length;
