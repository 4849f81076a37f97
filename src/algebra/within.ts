/** Rewriting with what is known where: inside a reduction its indices lie in their ranges. */
import type { Expression } from "../notation/expression.js";
import { mapChildren, mapConditionChildren } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";

/** Rewrites bottom-up: `change` sees each node after its parts, with the facts of where it stands. */
export function rewriteWithin(
  e: Expression,
  facts: Facts,
  change: (e: Expression, facts: Facts) => Expression,
): Expression {
  const inside = e.kind === "reduction" ? factsInside(facts, e.binders) : facts;
  const expression = (part: Expression): Expression => rewriteWithin(part, inside, change);
  const mapped = mapChildren(e, {
    expression,
    condition: (c) => mapConditionChildren(c, { expression }),
  });
  return change(mapped, facts);
}
