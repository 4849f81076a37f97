/** Keys of expressions and conditions: equal strings for formulas equal up to order of terms, order of factors and names of bound indices. */
import { rebind, rebindCondition, renameBinders, type Rebinding } from "./binders.js";
import type { Binder, Condition, Expression } from "./expression.js";
import { keyOf } from "./integer.js";

const expressionKeys = new WeakMap<Expression, string>();
const conditionKeys = new WeakMap<Condition, string>();

export function keyOfExpression(e: Expression): string {
  let key = expressionKeys.get(e);
  if (key === undefined) {
    key = spell(e);
    expressionKeys.set(e, key);
  }
  return key;
}
export function keyOfCondition(c: Condition): string {
  let key = conditionKeys.get(c);
  if (key === undefined) {
    key = spellCondition(c);
    conditionKeys.set(c, key);
  }
  return key;
}

function spell(e: Expression): string {
  switch (e.kind) {
    case "constant":
      return `${e.numerator}/${e.denominator}`;
    case "named":
      return `\\${e.name}`;
    case "integer":
      return `int(${keyOf(e.value)})`;
    case "parameter":
      return `$${e.name}`;
    case "read":
      return `${e.tensor}[${e.subscripts.map(keyOf).join(",")}]`;
    case "pad":
      return `pad(${keyOfExpression(e.read)},${keyOfExpression(e.value)})`;
    case "add":
      return `(${e.terms.map(keyOfExpression).sort().join("+")})`;
    case "multiply":
      return `(${e.factors.map(keyOfExpression).sort().join("*")})`;
    case "raise":
      return `(${keyOfExpression(e.base)}^${keyOfExpression(e.exponent)})`;
    case "call":
      return `${e.name}(${e.arguments.map(keyOfExpression).join(",")})`;
    case "select":
      return `where(${keyOfCondition(e.condition)},${keyOfExpression(e.whenTrue)},${keyOfExpression(e.whenFalse)})`;
    case "stop":
      return `stop(${keyOfExpression(e.argument)})`;
    case "reduction": {
      const to = neutral(e.binders, height(e.body) + conditionHeight(e.guard));
      const { binders, guard, body } = rebind(e, to);
      return `${e.name}[${rangesOf(to)}](${keyOfCondition(guard)};${keyOfExpression(body)};${binders.length})`;
    }
  }
}

function spellCondition(c: Condition): string {
  switch (c.kind) {
    case "truth":
      return String(c.value);
    case "nonnegative":
      return `${keyOf(c.value)}>=0`;
    case "zero":
      return `${keyOf(c.value)}==0`;
    case "compare":
      return `${keyOfExpression(c.left)}${c.operator}${keyOfExpression(c.right)}`;
    case "and":
    case "or":
      return `${c.kind}(${c.parts.map(keyOfCondition).sort().join(",")})`;
    case "not":
      return `not(${keyOfCondition(c.part)})`;
    case "any":
    case "all": {
      const to = neutral(c.binders, conditionHeight(c.body) + conditionHeight(c.guard));
      const { guard, body } = rebindCondition(c, to);
      return `${c.kind}[${rangesOf(to)}](${keyOfCondition(guard)};${keyOfCondition(body)})`;
    }
  }
}

/** The binders called `#height.position`: inner reductions are lower, so each name is met once on any way inwards. */
const neutral = (binders: readonly Binder[], level: number): Rebinding =>
  renameBinders(binders, (_, at) => `#${level}.${at}`);
const rangesOf = ({ binders }: Rebinding): string =>
  binders.map((b) => `${keyOf(b.lower)}..${keyOf(b.upper)}`).join(",");

const heights = new WeakMap<object, number>();
/** How deep reductions nest in it. */
function height(e: Expression): number {
  let known = heights.get(e);
  if (known === undefined) {
    known = measure(e);
    heights.set(e, known);
  }
  return known;
}
const highest = (values: readonly number[]): number => Math.max(0, ...values);
function measure(e: Expression): number {
  switch (e.kind) {
    case "add":
      return highest(e.terms.map(height));
    case "multiply":
      return highest(e.factors.map(height));
    case "raise":
      return Math.max(height(e.base), height(e.exponent));
    case "call":
      return highest(e.arguments.map(height));
    case "select":
      return Math.max(conditionHeight(e.condition), height(e.whenTrue), height(e.whenFalse));
    case "stop":
      return height(e.argument);
    case "pad":
      return height(e.value);
    case "reduction":
      return 1 + height(e.body) + conditionHeight(e.guard);
    default:
      return 0;
  }
}
function conditionHeight(c: Condition): number {
  switch (c.kind) {
    case "compare":
      return Math.max(height(c.left), height(c.right));
    case "and":
    case "or":
      return highest(c.parts.map(conditionHeight));
    case "not":
      return conditionHeight(c.part);
    case "any":
    case "all":
      return 1 + conditionHeight(c.body) + conditionHeight(c.guard);
    default:
      return 0;
  }
}
