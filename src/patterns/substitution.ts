/** Changes of variable in a reduction, and guards tidied after them. */
import { rebind, withBounds } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { rewrite, rewriteCondition } from "../notation/traverse.js";
import { cancelQuotients, isPositive, simplifyCondition, simplifyInt } from "../algebra/integers.js";
import { factsInside } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import type { Scope } from "./scope.js";

/**
 * Σ_ρ F(ρ) = Σ_σ [lower <= e(σ) < upper] F(e(σ)), where ρ = e(σ) is one-to-one and σ's range covers ρ's.
 * @param value e, in terms of the new binder
 */
export function changeVariable(
  e: Reduction,
  old: Binder,
  value: Int,
  binder: Binder,
  scope: Scope,
): Reduction {
  const by = new Map([[old.name, value]]);
  const binders = e.binders.map((b) => (b === old ? binder : withBounds(b, by)));
  const changed = rebind(e, { binders, by });
  return tidy({ ...changed, guard: build.and(changed.guard, rangeOf(value, old, scope)) }, scope);
}
/** lower <= value < upper, divisions cleared. */
function rangeOf(value: Int, { lower, upper }: Binder, { facts }: Scope): Condition {
  const positive = (d: Int): boolean => isPositive(d, facts);
  return build.and(
    build.nonNegative(integer.minus(value, lower), positive),
    build.nonNegative(integer.minus(integer.minus(upper, value), integer.one), positive),
  );
}

/** Σ_ρ [ρ = e] F(ρ) = Σ [lower <= e < upper] F(e): the binder is gone. */
export function removeBinder(
  e: Reduction,
  old: Binder,
  value: Int,
  guard: Condition,
  scope: Scope,
): Reduction {
  const by = new Map([[old.name, value]]);
  const binders = e.binders.filter((b) => b !== old).map((b) => withBounds(b, by));
  const changed = rebind({ ...e, guard }, { binders, by });
  return tidy({ ...changed, guard: build.and(changed.guard, rangeOf(value, old, scope)) }, scope);
}

/** Subscripts and guard simplified by what is known inside the reduction. */
export function tidy(e: Reduction, scope: Scope): Reduction {
  const facts = factsInside(scope.facts, e.binders);
  const guard = build.and(
    ...build.conjuncts(simplifyCondition(e.guard, facts)).map((c) => withoutCommonFactor(c, facts)),
  );
  const inside = factsInside(facts, [], guard);
  const simple = (value: Int): Int => simplifyInt(cancelQuotients(value), inside);
  return {
    ...e,
    guard: rewriteCondition(guard, (part) => part, simple),
    body: rewrite(e.body, (part) => part, simple),
  };
}

/** d·e >= 0 ⇔ e >= 0 and d·e = 0 ⇔ e = 0, for d >= 1. */
function withoutCommonFactor(c: Condition, facts: Facts): Condition {
  if (c.kind !== "nonnegative" && c.kind !== "zero") return c;
  const [first] = c.value.monomials;
  for (const atom of first?.factors ?? []) {
    const factor: Int = { kind: "int", monomials: [{ coefficient: 1, factors: [atom] }] };
    const rest = integer.quotient(c.value, factor);
    if (!rest || !isPositive(factor, facts)) continue;
    return withoutCommonFactor(c.kind === "zero" ? build.isZero(rest) : build.nonNegative(rest), facts);
  }
  return c;
}
