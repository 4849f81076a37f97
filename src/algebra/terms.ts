/** Rules for sums of terms. */
import * as build from "../notation/construct.js";
import type { Expression, Select } from "../notation/expression.js";
import { keyOfCondition, keyOfExpression } from "../notation/key.js";
import { holdsReduction } from "../notation/traverse.js";
import { assuming, proves, type Facts } from "../ranges/prove.js";
import { factorsOf, isPart, powerOf, powersIn, type Power } from "./powers.js";
import { rewriteWithin } from "./within.js";

/** Both rules below, everywhere. */
export const collectTerms = (e: Expression, facts: Facts): Expression =>
  rewriteWithin(e, facts, (part, here) =>
    part.kind === "add" ? commonFactors(joinBranches(part.terms, here)) : part,
  );

/**
 * where(c, a, 0) + where(not c, b, 0) = where(c, a, b); where(c, a, 0) + where(c, b, 0) = where(c, a + b, 0);
 * where(c, k·S, 0) + where(d, l·S, 0) = where(c, where(d, k + l, k)·S, 0) for a sum S, where d implies c.
 */
function joinBranches(terms: readonly Expression[], facts: Facts): readonly Expression[] {
  const result: Expression[] = [];
  for (const term of terms) {
    const at = result.findIndex((other) => joined(other, term, facts) !== undefined);
    const other = result[at];
    const join = other && joined(other, term, facts);
    if (join) result[at] = join;
    else result.push(term);
  }
  return result;
}
function joined(a: Expression, b: Expression, facts: Facts): Expression | undefined {
  if (a.kind !== "select" || b.kind !== "select") return undefined;
  if (!build.isConstant(a.whenFalse, 0) || !build.isConstant(b.whenFalse, 0)) return undefined;
  const [key, other] = [keyOfCondition(a.condition), keyOfCondition(b.condition)];
  if (key === other) return build.select(a.condition, commonFactors([a.whenTrue, b.whenTrue]), build.zero);
  if (key === keyOfCondition(build.not(b.condition)))
    return build.select(a.condition, a.whenTrue, b.whenTrue);
  if (keyOfCondition(build.not(a.condition)) === other)
    return build.select(a.condition, a.whenTrue, b.whenTrue);
  return nested(a, b, facts) ?? nested(b, a, facts);
}
function nested(wide: Select, narrow: Select, facts: Facts): Expression | undefined {
  const [k, sum] = build.splitCoefficient(wide.whenTrue);
  const [l, other] = build.splitCoefficient(narrow.whenTrue);
  if (!holdsReduction(sum) || keyOfExpression(sum) !== keyOfExpression(other)) return undefined;
  if (!proves(assuming(facts, narrow.condition), wide.condition)) return undefined;
  const times = build.select(narrow.condition, build.add(k, l), k);
  return build.select(wide.condition, build.multiply(times, sum), build.zero);
}

/** f·a + f·b = f·(a + b), with powers: what all terms share is taken out, and the sign that all have. */
function commonFactors(terms: readonly Expression[]): Expression {
  const sum = build.add(...terms);
  if (sum.kind !== "add") return sum;
  const [first, ...others] = sum.terms.map(powersIn);
  if (!first) return sum;
  const shared = new Map<string, Power>();
  for (const [key, { base, exponent }] of first) {
    const exponents = [exponent, ...others.map((powers) => powers.get(key)?.exponent ?? 0)];
    const common = exponents.every((n) => n > 0)
      ? Math.min(...exponents)
      : exponents.every((n) => n < 0)
        ? Math.max(...exponents)
        : 0;
    if (exponents.every((n) => isPart(common, n))) shared.set(key, { base, exponent: common });
  }
  if (shared.size === 0) return sum;
  const parts = sum.terms.map((term) => quotient(term, shared));
  const sign = parts.every((term) => build.valueOf(build.splitCoefficient(term)[0]) < 0)
    ? build.minusOne
    : build.one;
  const rest = build.add(...parts.map((term) => build.multiply(sign, term)));
  const taken = [...shared.values()].map(({ base, exponent }) => build.raise(base, build.rational(exponent)));
  return build.multiply(sign, ...taken, rest);
}

/** The term without the powers that it shares with others. */
const quotient = (term: Expression, shared: ReadonlyMap<string, Power>): Expression =>
  build.multiply(
    ...factorsOf(term).map((factor) => {
      const { base, exponent } = powerOf(factor);
      const common = shared.get(keyOfExpression(base));
      return common ? build.raise(base, build.rational(exponent - common.exponent)) : factor;
    }),
  );
