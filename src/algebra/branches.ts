/** Branches whose condition is known where they stand, and sums over points at which the body is known to be zero. */
import { substituteCondition } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { keyOfCondition } from "../notation/key.js";
import { hasPlainAxes, indicesAt, type Statement } from "../notation/layer.js";
import { mapChildren } from "../notation/traverse.js";
import { assuming, proves, refutes, type Facts } from "../ranges/prove.js";
import { factsInside } from "../ranges/facts.js";
import { isOverIntegers } from "./integers.js";

/** where(c, … where(c, a, b) …, 0) = where(c, … a …, 0); a condition that a loop's range implies is dropped. */
export function pruneBranches(
  e: Expression,
  facts: Facts,
  held: ReadonlySet<string> = new Set(),
): Expression {
  switch (e.kind) {
    case "select": {
      const key = keyOfCondition(e.condition);
      if (held.has(key) || proves(facts, e.condition)) return pruneBranches(e.whenTrue, facts, held);
      const opposite = build.not(e.condition);
      if (held.has(keyOfCondition(opposite)) || refutes(facts, e.condition))
        return pruneBranches(e.whenFalse, facts, held);
      return build.select(
        e.condition,
        pruneBranches(e.whenTrue, assuming(facts, e.condition), holding(held, e.condition)),
        pruneBranches(e.whenFalse, assuming(facts, opposite), holding(held, opposite)),
      );
    }
    case "reduction": {
      const inside = assuming(factsInside(facts, e.binders), e.guard);
      const body = pruneBranches(e.body, inside, holding(held, e.guard));
      return body === e.body ? e : { ...e, body };
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
      return mapChildren(e, { expression: (part) => pruneBranches(part, facts, held) });
  }
}
const holding = (held: ReadonlySet<string>, condition: Condition): ReadonlySet<string> =>
  new Set([...held, keyOfCondition(condition), ...build.conjuncts(condition).map(keyOfCondition)]);
/** Where a tensor can differ from zero, as a condition on the indices of its definition. */
export type Supports = ReadonlyMap<string, { readonly statement: Statement; readonly condition: Condition }>;

/** T = where(c, …, 0) is zero where c does not hold; so is a product with such a factor. */
export function supportsOf(statements: readonly Statement[]): Supports {
  const supports = new Map<string, { statement: Statement; condition: Condition }>();
  for (const statement of statements) {
    if (!hasPlainAxes(statement)) continue;
    const condition = supportOf(statement.body, supports);
    if (condition.kind !== "truth") supports.set(statement.tensor, { statement, condition });
  }
  return supports;
}

function supportOf(e: Expression, supports: Supports): Condition {
  switch (e.kind) {
    case "read": {
      const known = supports.get(e.tensor);
      if (!known) return build.truth;
      return substituteCondition(known.condition, indicesAt(known.statement, e.subscripts));
    }
    case "multiply":
      return build.and(...e.factors.map((f) => supportOf(f, supports)));
    case "select":
      return build.isConstant(e.whenFalse, 0) && isOverIntegers(e.condition) ? e.condition : build.truth;
    case "add":
    case "call":
    case "constant":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "reduction":
    case "stop":
      return build.truth;
  }
}
/** Σ F·T = Σ over the points where T can differ from zero. */
export function restrictSums(e: Expression, supports: Supports): Expression {
  if (supports.size === 0) return e;
  return mapChildren(
    e.kind === "reduction" && e.name === "sum"
      ? { ...e, guard: build.and(e.guard, supportOf(e.body, supports)) }
      : e,
    { expression: (part) => restrictSums(part, supports) },
  );
}
