/** Conditions: comparisons of integers become exact facts about them, the others compare reals. */
import * as build from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
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
    default:
  }
  fail(scope, tree, say.valueAsCondition());
  return build.truth;
}

function compare(left: Tree, operator: Operator, right: Tree, scope: Scope): Condition {
  if (operator === ">") return compare(right, "<", left, scope);
  if (operator === ">=") return compare(right, "<=", left, scope);
  if (!isIntegral(left, scope) || !isIntegral(right, scope))
    return build.compare(operator, toExpression(left, scope), toExpression(right, scope));
  // a/b < c/d ⇔ a·d < c·b for positive b and d
  const [l, r] = [toFraction(left, scope), toFraction(right, scope)];
  const same = integer.equal(l.denominator, r.denominator);
  const a = same ? l.numerator : integer.times(l.numerator, r.denominator);
  const b = same ? r.numerator : integer.times(r.numerator, l.denominator);
  if (operator === "<") return build.below(a, b);
  if (operator === "<=") return build.atMost(a, b);
  return operator === "==" ? build.equals(a, b) : build.not(build.equals(a, b));
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
