/** Rewriting with what is known where: inside a reduction its guard holds, in a branch its condition. */
import { not, select } from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { mapChildren, mapConditionChildren } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import { assuming, type Facts } from "../ranges/prove.js";

type Change = (e: Expression, facts: Facts) => Expression;

/** Rewrites bottom-up: `change` sees each node after its parts, with the facts of where it stands. */
export const rewriteWithin = (e: Expression, facts: Facts, change: Change): Expression =>
  change(rewriteParts(e, facts, change), facts);

function rewriteParts(e: Expression, facts: Facts, change: Change): Expression {
  const expression =
    (known: Facts) =>
    (part: Expression): Expression =>
      rewriteWithin(part, known, change);
  const condition =
    (known: Facts) =>
    (c: Condition): Condition =>
      mapConditionChildren(c, { expression: expression(known), condition: condition(known) });
  switch (e.kind) {
    case "reduction": {
      const known = factsInside(facts, e.binders);
      const guard = condition(known)(e.guard);
      const body = expression(assuming(known, guard))(e.body);
      return guard === e.guard && body === e.body ? e : { ...e, guard, body };
    }
    case "select": {
      const c = condition(facts)(e.condition);
      const whenTrue = expression(assuming(facts, c))(e.whenTrue);
      const whenFalse = expression(assuming(facts, not(c)))(e.whenFalse);
      if (c === e.condition && whenTrue === e.whenTrue && whenFalse === e.whenFalse) return e;
      return select(c, whenTrue, whenFalse);
    }
    case "add":
    case "call":
    case "constant":
    case "integer":
    case "multiply":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "read":
    case "stop":
      return mapChildren(e, { expression: expression(facts), condition: condition(facts) });
  }
}
