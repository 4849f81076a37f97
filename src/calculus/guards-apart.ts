/**
 * Conditions on data never guard a read, and neither does what is joined with them: where(a and b, x[i + 1], 0) with a condition b on
 * data reads x[i + 1] everywhere. Where a read needs its guard, a gradient is written where(a, where(b, x[i + 1], 0), 0).
 */
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { holdsElement, someAtom } from "../notation/integer.js";
import type { Layer, Statement } from "../notation/layer.js";
import { mapChildren, tensorsIn, walkCondition } from "../notation/traverse.js";
import { isStatic } from "../ranges/accesses.js";
import { uncertainReads } from "../ranges/unproved.js";

/** A quotient in a condition is even by one that stands before it. */
const evenFirst = (parts: readonly Condition[]): readonly Condition[] => [
  ...parts.filter((part) => !holdsQuotient(part)),
  ...parts.filter(holdsQuotient),
];
function holdsQuotient(c: Condition): boolean {
  let found = false;
  walkCondition(c, { int: (value) => void (found ||= someAtom(value, (atom) => atom.kind === "exact")) });
  return found;
}

/** The layer with the same values, whose reads in branches are guarded by conditions on indices alone. */
export const guardsApart = (layer: Layer): Layer => ({
  ...layer,
  statements: layer.statements.map((s) => withGuardsApart(s, layer)),
});

/** The same of one statement; the layer has the shapes of what it reads. */
export function withGuardsApart(statement: Statement, layer: Layer): Statement {
  const readsOutOfBounds = (body: Expression): boolean =>
    uncertainReads(layer, [{ ...statement, body }]).length > 0;
  const apart = (e: Expression, reduced: boolean): Expression => {
    // what a condition on data has in bounds is in bounds by itself in a pad
    if (e.kind === "read" && !reduced && e.subscripts.some(holdsElement) && readsOutOfBounds(e))
      return { kind: "pad", read: e, value: build.zero };
    const within = reduced || e.kind === "reduction";
    const inner = mapChildren(e, { expression: (part) => apart(part, within) });
    if (inner.kind !== "select") return inner;
    const { condition, whenTrue, whenFalse } = inner;
    const parts = evenFirst(build.conjuncts(condition));
    const [onIndices, onData] = [parts.filter(isStatic), parts.filter((p) => !isStatic(p))];
    // in a reduction a point at which anything is read out of bounds contributes nothing, of other terms neither
    const isNeeded = (): boolean => (reduced ? tensorsIn(whenTrue).size > 0 : readsOutOfBounds(whenTrue));
    if (onIndices.length === 0 || onData.length === 0 || !isNeeded())
      return { ...inner, condition: build.and(...onIndices, ...onData) };
    const inside = build.select(build.and(...onData), whenTrue, whenFalse);
    return { kind: "select", condition: build.and(...onIndices), whenTrue: inside, whenFalse };
  };
  return { ...statement, body: apart(statement.body, false) };
}
