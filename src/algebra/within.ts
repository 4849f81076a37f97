/** Rewriting with what is known where: inside a reduction its indices lie in their ranges. */
import type { Binder, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { mapChildren, mapConditionChildren } from "../notation/traverse.js";
import { withRange, type Facts } from "../ranges/prove.js";

export const binderFacts = (binders: readonly Binder[], facts: Facts): Facts =>
  binders.reduce(
    (known, b) => withRange(known, b.name, { lower: b.lower, upper: integer.minus(b.upper, integer.one) }),
    facts,
  );

/** Rewrites bottom-up: `change` sees each node after its parts, with the facts of where it stands. */
export function rewriteWithin(
  e: Expression,
  facts: Facts,
  change: (e: Expression, facts: Facts) => Expression,
): Expression {
  const inside = e.kind === "reduction" ? binderFacts(e.binders, facts) : facts;
  const expression = (part: Expression): Expression => rewriteWithin(part, inside, change);
  const mapped = mapChildren(e, {
    expression,
    condition: (c) => mapConditionChildren(c, { expression }),
  });
  return change(mapped, facts);
}
