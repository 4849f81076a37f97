/** How a sweep runs: its inner loop, and the order of the loops around it. */
import { isPositive, simplifyCondition, simplifyInt } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import { conjuncts } from "../../notation/construct.js";
import type { Binder, Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { namesInCondition, rewrite, rewriteCondition } from "../../notation/traverse.js";
import { factsInside } from "../../ranges/facts.js";
import type { Facts } from "../../ranges/prove.js";
import type { Sweep } from "./sweep.js";

/** How the inner loop runs: its index and range, and where in the row each of its points lies. */
export interface Course {
  readonly binder: Binder;
  readonly position: Int;
  readonly conditions: readonly Condition[];
  readonly body: Expression;
}

/**
 * Along the row itself; or, where only every d-th point a·w + e ≡ 0 (mod d), a = ±1, takes part, along the quotient
 * q = (a·w + e)/d, so w = a·(d·q − e). `name` gives a fresh name for q.
 */
export function courseOf({ along, reduction }: Sweep, facts: Facts, name: () => string): Course {
  const { name: w, extent } = along;
  const binder = { name: w, lower: integer.zero, upper: extent };
  const conditions = conjuncts(reduction.guard);
  const plain = { binder, position: integer.variable(w), conditions, body: reduction.body };
  const stride = conditions.flatMap((c) => strideOf(c, w) ?? []);
  const [only] = stride;
  if (!only || stride.length > 1 || !isPositive(only.d, facts)) return plain;
  const { sign, e, d } = only;
  const q = name();
  const position = integer.scale(integer.minus(integer.times(d, integer.variable(q)), e), sign);
  // until its conditions say more, q is bounded by 0 <= w < W
  const last = integer.plus(extent, integer.constant(-1));
  const [least, most] = sign > 0 ? [e, integer.plus(last, e)] : [integer.minus(e, last), e];
  const wide: Binder = {
    name: q,
    lower: integer.ceilDivide(least, d),
    upper: integer.plus(integer.floorDivide(most, d), integer.one),
  };
  const inside = factsInside(facts, [...reduction.binders, wide]);
  const by = new Map([[w, position]]);
  const int = (value: Int): Int => simplifyInt(integer.substituteInt(value, by), inside);
  const same = (part: Expression): Expression => part;
  const mapped = conditions
    .map((c) => reduced(simplifyCondition(rewriteCondition(c, same, int), inside), d))
    .filter((c) => !(c.kind === "truth" && c.value));
  const body = rewrite(reduction.body, same, int);
  const box = boxOf(q, mapped, reduction.binders);
  if (!box) return { binder: wide, position, conditions: mapped, body };
  return {
    binder: box,
    position,
    conditions: [...mapped, ...conjuncts(build.within(position, integer.zero, extent))],
    body,
  };
}

/** d·x >= 0 is x >= 0. */
function reduced(c: Condition, d: Int): Condition {
  const quotient = c.kind === "nonnegative" ? integer.quotient(c.value, d) : undefined;
  return quotient ? build.nonNegative(quotient) : c;
}

/** The range 0 <= q < Q that conditions give q whatever the window's indices are: tables by q are that long. */
function boxOf(q: string, conditions: readonly Condition[], binders: readonly Binder[]): Binder | undefined {
  const bounds = conditions.flatMap((c) => {
    const affine = c.kind === "nonnegative" ? integer.affineIn(c.value, q) : undefined;
    return affine && !binders.some((b) => integer.mentions(affine.rest, b.name)) ? [affine] : [];
  });
  const low = bounds.some((b) => integer.literal(b.coefficient) === 1 && integer.literal(b.rest) === 0);
  const high = bounds.find((b) => integer.literal(b.coefficient) === -1 && !integer.holdsElement(b.rest));
  return low && high
    ? { name: q, lower: integer.zero, upper: integer.plus(high.rest, integer.one) }
    : undefined;
}

/** a·w + e ≡ 0 (mod d) with a = ±1. */
function strideOf(c: Condition, w: string): { sign: 1 | -1; e: Int; d: Int } | undefined {
  if (c.kind !== "zero" || !namesInCondition(c).has(w)) return undefined;
  const [m] = c.value.monomials;
  const [atom] = m?.factors ?? [];
  if (c.value.monomials.length !== 1 || m?.factors.length !== 1 || atom?.kind !== "modulo") return undefined;
  const affine = integer.affineIn(atom.value, w);
  const a = affine && integer.literal(affine.coefficient);
  if (!affine || (a !== 1 && a !== -1) || integer.holdsElement(atom.value)) return undefined;
  return integer.mentions(atom.modulus, w) ? undefined : { sign: a, e: affine.rest, d: atom.modulus };
}

/** The binders in the order of their loops: those that limit the inner loop first, the others inside them. */
export function orderOf(
  { reduction }: Sweep,
  course: Course,
): { readonly outer: readonly Binder[]; readonly joined?: Binder } {
  const { binders, name } = reduction;
  const limiting = course.conditions.filter((c) => namesInCondition(c).has(course.binder.name));
  const ends = [course.binder.lower, course.binder.upper];
  const limits = (b: Binder): boolean =>
    limiting.some((c) => namesInCondition(c).has(b.name)) || ends.some((v) => integer.mentions(v, b.name));
  const dependent = binders.some((b) =>
    binders.some((o) => [b.lower, b.upper].some((v) => integer.mentions(v, o.name))),
  );
  // the first of equal values is found in the binders' own order
  if (name !== "sum" || dependent) return { outer: binders };
  const free = binders.filter((b) => !limits(b));
  // an index over its whole range before one with limits of its own
  const joined =
    free.find((b) => !course.conditions.some((c) => namesInCondition(c).has(b.name))) ?? free.at(-1);
  const outer = [...binders.filter(limits), ...free.filter((b) => b !== joined)];
  return joined ? { outer, joined } : { outer };
}
