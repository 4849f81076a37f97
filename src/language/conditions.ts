/** Conditions: comparisons of integers become exact facts about them, the others compare reals. */
import * as build from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { bindersOf } from "./binders.js";
import { isStatic, toExpression } from "./expressions.js";
import { isIntegral, toFraction } from "./integers.js";
import { say } from "./messages.js";
import { fail, type Scope } from "./scope.js";
import type { Operator, ReductionTree, Tree } from "./tree.js";
import * as written from "./written.js";

/** The tree as a condition. What is none is reported, and `true` is given. */
export function toCondition(tree: Tree, scope: Scope): Condition {
  switch (tree.kind) {
    case "compare":
      return build.and(
        ...tree.operators.map((operator, i) => {
          const [left, right] = [tree.operands[i], tree.operands[i + 1]];
          return left && right ? compare(left, operator, right, scope) : build.truth;
        }),
      );
    case "and":
    case "or": {
      const parts = tree.parts.map((p) => toCondition(p, scope));
      return written.join(tree.kind, parts);
    }
    case "not":
      return build.not(toCondition(tree.part, scope));
    case "reduction":
      if (tree.name === "any" || tree.name === "all") return quantified(tree, tree.name, scope);
      break;
    case "name":
      if (tree.name === "true" || tree.name === "false")
        return tree.name === "true" ? build.truth : build.falsehood;
      break;
    case "access":
    case "call":
    case "negate":
    case "number":
    case "power":
    case "product":
    case "sum":
  }
  fail(scope, tree, say.valueAsCondition());
  return build.truth;
}

function compare(left: Tree, operator: Operator, right: Tree, scope: Scope): Condition {
  if (operator === ">") return compare(right, "<", left, scope);
  if (operator === ">=") return compare(right, "<=", left, scope);
  if (!isIntegral(left, scope) || !isIntegral(right, scope))
    return build.compare(operator, toExpression(left, scope), toExpression(right, scope));
  // a/b < c/d ⇔ a·d < c·b for positive b·d, a·d > c·b for negative
  const [l, r] = [toFraction(left, scope), toFraction(right, scope)];
  const same = integer.equal(l.denominator, r.denominator);
  const a = same ? l.numerator : integer.times(l.numerator, r.denominator);
  const b = same ? r.numerator : integer.times(r.numerator, l.denominator);
  const divisor = same ? l.denominator : integer.times(l.denominator, r.denominator);
  for (const name of integer.variablesOf(divisor)) scope.symbols.divisors.add(name);
  const ordered = (x: Int, y: Int): Condition => (operator === "<" ? build.below(x, y) : build.atMost(x, y));
  const sides = (up: Condition, down: Condition): Condition => {
    if (isPositive(divisor, scope)) return up;
    if (isPositive(integer.negate(divisor), scope)) return down;
    const [above, below] = [build.below(integer.zero, divisor), build.below(divisor, integer.zero)];
    return build.or(build.and(above, up), build.and(below, down));
  };
  if (operator === "<" || operator === "<=") return sides(ordered(a, b), ordered(b, a));
  const equal = sides(build.equals(a, b), build.equals(a, b));
  return operator === "==" ? equal : build.not(equal);
}

/** Whether it is at least 1 in every plan: a sum of products of sizes and of params that are. */
const isPositive = (value: Int, scope: Scope): boolean =>
  value.monomials.every(
    ({ coefficient, factors }) =>
      coefficient > 0 && factors.every((f) => f.kind === "variable" && isAtLeastOne(f.name, scope)),
  );
function isAtLeastOne(name: string, scope: Scope): boolean {
  const value = scope.indices.has(name) ? undefined : scope.symbols.values.get(name);
  if (value?.kind === "size" || value?.kind === "derived") return true;
  return value?.kind === "param" && value.type === "integer" && value.value >= 1;
}

/** any / all; the parts of the condition made of indices, sizes and params only become the guard. */
function quantified(tree: ReductionTree, kind: "any" | "all", scope: Scope): Condition {
  const { binders, inner } = bindersOf(tree, scope);
  const [argument] = tree.arguments;
  if (!argument || tree.arguments.length !== 1) {
    fail(scope, tree, say.reductionArguments(tree.name, tree.arguments.length));
    return build.truth;
  }
  const condition = toCondition(argument, inner);
  // all(c) is not any(not c): a disjunct that is static is a guard once negated
  const parts = condition.kind === (kind === "any" ? "and" : "or") ? condition.parts : [condition];
  const [guards, rest] = [parts.filter(isStatic), parts.filter((p) => !isStatic(p))];
  const guard = kind === "any" ? build.and(...guards) : build.not(build.or(...guards));
  const body = kind === "any" ? build.and(...rest) : build.or(...rest);
  return { kind, binders, guard, body, at: { start: tree.start, end: tree.end } };
}
