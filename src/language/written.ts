/**
 * Formulas as they are written, where simplifying them would lose a read: `x[i] - x[i]` and `0*x[i]` tell how far i runs, and
 * which points of a reduction take part. `ranges/bounds.ts` simplifies them once both are known.
 */
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { readsIn, tensorsInCondition } from "../notation/traverse.js";

export const add = (...terms: readonly Expression[]): Expression =>
  unlessLossy(build.add(...terms), { kind: "add", terms }, terms);
export const multiply = (...factors: readonly Expression[]): Expression =>
  unlessLossy(build.multiply(...factors), { kind: "multiply", factors }, factors);
export const negate = (e: Expression): Expression => multiply(build.minusOne, e);
export const raise = (base: Expression, exponent: Expression): Expression =>
  unlessLossy(build.raise(base, exponent), { kind: "raise", base, exponent }, [base, exponent]);
/** A condition that is known leaves one branch, and the reads of the other count nowhere. */
export const select = (condition: Condition, whenTrue: Expression, whenFalse: Expression): Expression => {
  const simplified = build.select(condition, whenTrue, whenFalse);
  return simplified.kind !== "select" && tensorsInCondition(condition).size > 0
    ? { kind: "select", condition, whenTrue, whenFalse }
    : simplified;
};

/** `i == i or x[i + 1] > 0` is true, and reads x[i + 1] all the same. */
export const join = (kind: "and" | "or", parts: readonly Condition[]): Condition =>
  unlessLossyCondition((kind === "and" ? build.and : build.or)(...parts), { kind, parts }, parts);

function unlessLossyCondition(
  simplified: Condition,
  asWritten: Condition,
  parts: readonly Condition[],
): Condition {
  const kept = tensorsInCondition(simplified);
  return parts.every((part) => [...tensorsInCondition(part)].every((name) => kept.has(name)))
    ? simplified
    : asWritten;
}

function unlessLossy(
  simplified: Expression,
  asWritten: Expression,
  parts: readonly Expression[],
): Expression {
  const kept = readKeys(simplified);
  return parts.every((part) => [...readKeys(part)].every((key) => kept.has(key))) ? simplified : asWritten;
}

/** What the formula reads and where; remembered, as formulas are built from the inside. */
function readKeys(e: Expression): ReadonlySet<string> {
  let keys = known.get(e);
  if (!keys) {
    keys = new Set(readsIn(e).map(keyOfExpression));
    known.set(e, keys);
  }
  return keys;
}
const known = new WeakMap<Expression, ReadonlySet<string>>();
