/** Rules for sums of terms. */
import * as build from "../notation/construct.js";
import type { Expression, Select } from "../notation/expression.js";
import { keyOfCondition, keyOfExpression } from "../notation/key.js";
import { holdsReduction, rewrite } from "../notation/traverse.js";
import { assuming, noFacts, proves } from "../ranges/prove.js";

/** Both rules below, everywhere. */
export const collectTerms = (e: Expression): Expression =>
  rewrite(e, (part) => (part.kind === "add" ? commonFactors(joinBranches(part.terms)) : part));

/**
 * where(c, a, 0) + where(not c, b, 0) = where(c, a, b); where(c, a, 0) + where(c, b, 0) = where(c, a + b, 0);
 * where(c, k·S, 0) + where(d, l·S, 0) = where(c, where(d, k + l, k)·S, 0) for a sum S, where d implies c.
 */
function joinBranches(terms: readonly Expression[]): readonly Expression[] {
  const result: Expression[] = [];
  for (const term of terms) {
    const at = result.findIndex((other) => joined(other, term) !== undefined);
    const other = result[at];
    const join = other && joined(other, term);
    if (join) result[at] = join;
    else result.push(term);
  }
  return result;
}
function joined(a: Expression, b: Expression): Expression | undefined {
  if (a.kind !== "select" || b.kind !== "select") return undefined;
  if (!build.isConstant(a.whenFalse, 0) || !build.isConstant(b.whenFalse, 0)) return undefined;
  const [key, other] = [keyOfCondition(a.condition), keyOfCondition(b.condition)];
  if (key === other) return build.select(a.condition, build.add(a.whenTrue, b.whenTrue), build.zero);
  if (key === keyOfCondition(build.not(b.condition)))
    return build.select(a.condition, a.whenTrue, b.whenTrue);
  if (keyOfCondition(build.not(a.condition)) === other)
    return build.select(a.condition, a.whenTrue, b.whenTrue);
  return nested(a, b) ?? nested(b, a);
}
function nested(wide: Select, narrow: Select): Expression | undefined {
  const [k, sum] = build.splitCoefficient(wide.whenTrue);
  const [l, other] = build.splitCoefficient(narrow.whenTrue);
  if (!holdsReduction(sum) || keyOfExpression(sum) !== keyOfExpression(other)) return undefined;
  if (!proves(assuming(noFacts, narrow.condition), wide.condition)) return undefined;
  const times = build.select(narrow.condition, build.add(k, l), k);
  return build.select(wide.condition, build.multiply(times, sum), build.zero);
}

/** f·a + f·b = f·(a + b), with powers: what all terms share is taken out. */
function commonFactors(terms: readonly Expression[]): Expression {
  const sum = build.add(...terms);
  if (sum.kind !== "add") return sum;
  const [first, ...others] = sum.terms.map(powersOf);
  if (!first) return sum;
  const shared: Expression[] = [];
  for (const [key, { base, exponent }] of first) {
    const exponents = [exponent, ...others.map((powers) => powers.get(key)?.exponent ?? 0)];
    const common = exponents.every((n) => n > 0)
      ? Math.min(...exponents)
      : exponents.every((n) => n < 0)
        ? Math.max(...exponents)
        : 0;
    if (common !== 0) shared.push(build.raise(base, build.rational(common)));
  }
  if (shared.length === 0) return sum;
  const inverse = shared.map((f) => build.raise(f, build.minusOne));
  const rest = build.add(...sum.terms.map((term) => build.multiply(term, ...inverse)));
  return build.multiply(...shared, rest);
}

function powersOf(term: Expression): Map<string, { base: Expression; exponent: number }> {
  const factors = term.kind === "multiply" ? term.factors : [term];
  const powers = new Map<string, { base: Expression; exponent: number }>();
  for (const factor of factors) {
    if (factor.kind === "constant") continue;
    const raised = factor.kind === "raise" && factor.exponent.kind === "constant";
    const base = raised ? factor.base : factor;
    const exponent = raised && factor.exponent.kind === "constant" ? build.valueOf(factor.exponent) : 1;
    powers.set(keyOfExpression(base), { base, exponent });
  }
  return powers;
}
