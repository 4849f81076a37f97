/** How many points a sum ranges over, as a formula. */
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { namesInCondition } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import { proves, type Facts } from "../ranges/prove.js";
import { isPositive, simplifyInt } from "./integers.js";

/** Σ_ρ 1: the product of the lengths of the ranges, where each guard concerns one binder. */
export function countPoints(binders: readonly Binder[], guard: Condition, facts: Facts): Expression {
  const inside = factsInside(facts, binders);
  const lengths: Int[] = [];
  const kept: Binder[] = [];
  let rest = build.conjuncts(guard);
  for (const b of binders) {
    const names = new Set([b.name]);
    const own = rest.filter((c) => [...namesInCondition(c)].some((n) => names.has(n)));
    const free = !binders.some(
      (other) =>
        other !== b && (integer.mentions(other.lower, b.name) || integer.mentions(other.upper, b.name)),
    );
    const alone = own.every((c) => !binders.some((o) => o !== b && namesInCondition(c).has(o.name)));
    const dependent = binders.some(
      (o) => integer.mentions(b.lower, o.name) || integer.mentions(b.upper, o.name),
    );
    const length = free && alone && !dependent ? lengthOf(b, own, facts) : undefined;
    if (!length) {
      kept.push(b);
      continue;
    }
    lengths.push(simplifyInt(length, inside));
    rest = rest.filter((c) => !own.includes(c));
  }
  const product = build.ofInt(integer.times(integer.one, ...lengths));
  if (kept.length === 0) return product;
  return build.multiply(product, build.reduction("sum", kept, build.one, build.and(...rest)));
}

/** How many points lower <= r < upper satisfy conditions a·r + e >= 0: an interval's length, at least 0. */
function lengthOf(b: Binder, conditions: readonly Condition[], facts: Facts): Int | undefined {
  let [lower, upper] = [b.lower, b.upper];
  for (const c of conditions) {
    if (c.kind !== "nonnegative") return undefined;
    const parts = integer.affineIn(c.value, b.name);
    if (!parts) return undefined;
    const { coefficient: a, rest } = parts;
    if (isPositive(a, facts))
      lower = integer.extremum("max", lower, integer.ceilDivide(integer.negate(rest), a));
    else if (isPositive(integer.negate(a), facts)) {
      const end = integer.plus(integer.floorDivide(rest, integer.negate(a)), integer.one);
      upper = integer.extremum("min", upper, end);
    } else return undefined;
  }
  const length = integer.minus(upper, lower);
  return conditions.length === 0 && proves(facts, build.nonNegative(length))
    ? length
    : integer.extremum("max", integer.zero, length);
}
