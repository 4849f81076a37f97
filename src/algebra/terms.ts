/** Rules for sums of terms. */
import * as build from "../notation/construct.js";
import type { Expression, Select } from "../notation/expression.js";
import { keyOfCondition, keyOfExpression } from "../notation/key.js";
import { countNodes, holdsReduction } from "../notation/traverse.js";
import { assuming, proves, type Facts } from "../ranges/prove.js";
import { factorsOf, isPart, powerOf, powersIn, type Power } from "./powers.js";
import { rewriteWithin } from "./within.js";

/** The rules below, everywhere. */
export const collectTerms = (e: Expression, facts: Facts): Expression =>
  rewriteWithin(e, facts, (part, here) =>
    part.kind === "add" ? commonFactors(joinGroups(joinBranches(part.terms, here))) : part,
  );

/**
 * where(c, a, b) + where(c, d, g) = where(c, a + d, b + g); where(c, a, b) + where(not c, d, g) = where(c, a + g, b + d);
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
function joined(first: Expression, second: Expression, facts: Facts): Expression | undefined {
  const [a, b] = [choiceOf(first), choiceOf(second)];
  if (!a || !b) return undefined;
  const both = (x: Expression, y: Expression): Expression => commonFactors([x, y]);
  const [key, other] = [keyOfCondition(a.condition), keyOfCondition(b.condition)];
  if (key === other)
    return build.select(a.condition, both(a.whenTrue, b.whenTrue), both(a.whenFalse, b.whenFalse));
  if (key === keyOfCondition(build.not(b.condition)) || keyOfCondition(build.not(a.condition)) === other)
    return build.select(a.condition, both(a.whenTrue, b.whenFalse), both(a.whenFalse, b.whenTrue));
  if (!build.isConstant(a.whenFalse, 0) || !build.isConstant(b.whenFalse, 0)) return undefined;
  return nested(a, b, facts) ?? nested(b, a, facts);
}
/** k·where(c, a, b) = where(c, k·a, k·b) */
function choiceOf(term: Expression): Select | undefined {
  const [k, core] = build.splitCoefficient(term);
  if (core.kind !== "select") return undefined;
  if (build.isConstant(k, 1)) return core;
  const [whenTrue, whenFalse] = [core.whenTrue, core.whenFalse].map((part) => build.multiply(k, part));
  return { ...core, whenTrue: whenTrue ?? build.zero, whenFalse: whenFalse ?? build.zero };
}
function nested(wide: Select, narrow: Select, facts: Facts): Expression | undefined {
  const [k, sum] = build.splitCoefficient(wide.whenTrue);
  const [l, other] = build.splitCoefficient(narrow.whenTrue);
  if (!holdsReduction(sum) || keyOfExpression(sum) !== keyOfExpression(other)) return undefined;
  if (!proves(assuming(facts, narrow.condition), wide.condition)) return undefined;
  const times = build.select(narrow.condition, build.add(k, l), k);
  return build.select(wide.condition, build.multiply(times, sum), build.zero);
}

/** Sums of more terms than this are left as they are. */
const mostGrouped = 16;
/**
 * a·f + a·g + b·f + b·g = (a + b)·(f + g): terms in groups that share a factor, joined where what is left of two groups is the same.
 * So a derivative that a sum has split, σ(u) + u·σ(u)·(1 - σ(u)), is whole again.
 */
function joinGroups(terms: readonly Expression[]): readonly Expression[] {
  if (terms.length < 4 || terms.length > mostGrouped) return terms;
  const groups = new Map<
    string,
    { readonly shared: Expression[]; readonly rest: Expression; readonly whole: Expression[] }
  >();
  let left = terms;
  for (;;) {
    const whole = largestGroup(left);
    if (!whole) break;
    left = left.filter((term) => !whole.includes(term));
    const { shared, rest } = normalised(sharedFactors(whole));
    const key = keyOfExpression(rest);
    const group = groups.get(key) ?? { shared: [], rest, whole: [] };
    groups.set(key, group);
    group.shared.push(shared);
    group.whole.push(...whole);
  }
  const all = [...groups.values()];
  if (all.every(({ shared }) => shared.length < 2)) return terms;
  const joint = all.flatMap(({ shared, rest, whole }) =>
    shared.length < 2 ? whole : [build.multiply(commonFactors(shared), rest)],
  );
  return [...joint, ...left];
}
/** 2·(2·a - 4·b) = 4·(a - 2·b): the first term has no coefficient. */
function normalised({ shared, rest }: Shared): Shared {
  if (rest.kind !== "add") return { shared, rest };
  const [coefficient] = build.splitCoefficient(rest.terms[0] ?? build.zero);
  const inverse = build.divide(build.one, coefficient);
  return {
    shared: build.multiply(coefficient, shared),
    rest: build.add(...rest.terms.map((term) => build.multiply(inverse, term))),
  };
}
/** Of the terms those that share a factor, the longest one that two of them have. */
function largestGroup(terms: readonly Expression[]): readonly Expression[] | undefined {
  const byFactor = new Map<string, { readonly size: number; readonly terms: Expression[] }>();
  for (const term of terms)
    for (const [key, { base, exponent }] of powersIn(term)) {
      if (exponent < 1) continue;
      const known = byFactor.get(key) ?? { size: countNodes(base), terms: [] };
      known.terms.push(term);
      byFactor.set(key, known);
    }
  return [...byFactor.values()]
    .filter((group) => group.terms.length > 1)
    .toSorted((a, b) => b.size - a.size)[0]?.terms;
}

/** f·a + f·b = f·(a + b), with powers: what all terms share is taken out, and the sign that all have. */
function commonFactors(terms: readonly Expression[]): Expression {
  const { shared, rest } = sharedFactors(terms);
  return build.multiply(shared, rest);
}
interface Shared {
  readonly shared: Expression;
  readonly rest: Expression;
}
/** The sum as shared·rest. */
function sharedFactors(terms: readonly Expression[]): Shared {
  const sum = build.add(...terms);
  const alone = { shared: build.one, rest: sum };
  if (sum.kind !== "add") return alone;
  const [first, ...others] = sum.terms.map(powersIn);
  if (!first) return alone;
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
  if (shared.size === 0) return alone;
  const parts = sum.terms.map((term) => quotient(term, shared));
  const sign = parts.every((term) => build.valueOf(build.splitCoefficient(term)[0]) < 0)
    ? build.minusOne
    : build.one;
  const rest = build.add(...parts.map((term) => build.multiply(sign, term)));
  const taken = [...shared.values()].map(({ base, exponent }) => build.raise(base, build.rational(exponent)));
  return { shared: build.multiply(sign, ...taken), rest };
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
