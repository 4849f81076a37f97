/**
 * Formulas as they are written, where simplifying them would lose a read: `x[i] - x[i]` and `0*x[i]` tell how far i runs, and
 * which points of a reduction take part. `ranges/bounds.ts` simplifies them once both are known; of claims it keeps what
 * would lose a pole: `dy*x*s/s` is no number at s = 0.
 */
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { readsIn, tensorsInCondition, walk, type Constructors } from "../notation/traverse.js";

type Keys = (e: Expression) => ReadonlySet<string>;

/** The constructors, but a formula stays as it is written where simplifying would lose one of these keys of its parts. */
const keeping = (...all: readonly Keys[]) => {
  const unlessLossy = (simplified: Expression, asWritten: Expression, parts: readonly Expression[]) =>
    all.every((keys) => isWithin(parts, keys, keys(simplified))) ? simplified : asWritten;
  return {
    add: (...terms: readonly Expression[]): Expression =>
      unlessLossy(build.add(...terms), { kind: "add", terms }, terms),
    multiply: (...factors: readonly Expression[]): Expression =>
      unlessLossy(build.multiply(...factors), { kind: "multiply", factors }, factors),
    raise: (base: Expression, exponent: Expression): Expression =>
      unlessLossy(build.raise(base, exponent), { kind: "raise", base, exponent }, [base, exponent]),
  };
};
const isWithin = (parts: readonly Expression[], keys: Keys, kept: ReadonlySet<string>): boolean =>
  parts.every((part) => [...keys(part)].every((key) => kept.has(key)));

/** What the formula reads and where. */
const readKeys = remembered((e, into) => {
  for (const read of readsIn(e)) into.add(keyOfExpression(read));
});
/** What it divides by, and powers whose exponent is open: u is the pole of 1/u, of 1/u² and of u^a. */
const poleKeys = remembered((e, into) => {
  walk(e, {
    expression: (part) => {
      if (part.kind !== "raise" || (part.exponent.kind === "constant" && build.valueOf(part.exponent) >= 0))
        return;
      const factors = part.base.kind === "multiply" ? part.base.factors : [part.base];
      for (const factor of factors)
        if (factor.kind !== "constant")
          into.add(keyOfExpression(factor.kind === "raise" ? factor.base : factor));
    },
  });
});

export const { add, multiply, raise } = keeping(readKeys, poleKeys);
export const keepingPoles = keeping(poleKeys);
export const negate = (e: Expression): Expression => multiply(build.minusOne, e);
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

/** All of them, for who maps the parts of formulas whose bounds are not explicit yet. */
export const asWritten: Constructors = {
  add,
  multiply,
  raise,
  select,
  and: (...parts) => join("and", parts),
  or: (...parts) => join("or", parts),
};

/** Formulas are built from the inside: each tells its keys once. */
function remembered(collect: (e: Expression, into: Set<string>) => void): Keys {
  const known = new WeakMap<Expression, ReadonlySet<string>>();
  return (e) => {
    let keys = known.get(e);
    if (!keys) {
      const found = new Set<string>();
      collect(e, found);
      keys = found;
      known.set(e, keys);
    }
    return keys;
  };
}
