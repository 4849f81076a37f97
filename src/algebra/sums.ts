/** Rules for sums over indices. Each is one line of mathematics. */
import {
  freeNamesIn,
  freeNamesInCondition,
  renameApart,
  substitute,
  substituteCondition,
} from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression, Reduction, Select } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { keyOfCondition } from "../notation/key.js";
import type { Int } from "../notation/integer.js";
import { namesInCondition, readsIn } from "../notation/traverse.js";
import { assuming, proves, type Facts } from "../ranges/prove.js";
import { isFinite } from "./finite.js";
import { isOverIntegers, simplifyCondition } from "./integers.js";
import { countPoints } from "./points.js";
import { accessesIn } from "../ranges/accesses.js";
import { factsInside, isNeverEmpty } from "../ranges/facts.js";
import { rewriteWithin } from "./within.js";

export const mentionsAny = (names: ReadonlySet<string>, binders: readonly Binder[]): boolean =>
  binders.some((b) => names.has(b.name));

/** Σ_ρ a·F(ρ) = a·Σ_ρ F(ρ), Σ_ρ 0 = 0, Σ_∅ F = [guard] F; parts of the guard free of ρ come out as a `where`. */
export function sum(
  binders: readonly Binder[],
  guard: Condition,
  body: Expression,
  facts: Facts,
): Expression {
  if (build.isConstant(body, 0)) return build.zero;
  const [outer, inner] = splitGuard(binders, guard);
  // Σ over no points
  if ([outer, inner].some((c) => c.kind === "truth" && !c.value)) return build.zero;
  if (outer.kind !== "truth" || binders.length === 0)
    return build.select(
      outer,
      binders.length === 0 ? body : sum(binders, inner, body, assuming(facts, outer)),
      build.zero,
    );
  if (body.kind === "select" && build.isConstant(body.whenFalse, 0) && isOverIntegers(body.condition))
    // Σ where(c, F, 0) = Σ over the points where c
    return sum(binders, build.and(inner, body.condition), body.whenTrue, facts);
  const ranged = tightenRanges(binders, inner, body, facts);
  if (ranged) return sum(ranged.binders, ranged.guard, body, facts);
  const chosen = substituteEquality(binders, inner, body, facts);
  // Σ_r [r = e]·F(r) = [0 <= e < R]·F(e)
  if (chosen) return sum(chosen.binders, chosen.guard, substitute(body, chosen.by), facts);
  const live = body.kind === "select" ? liveBranch(body) : undefined;
  if (body.kind === "select" && live) {
    // Σ where(c, a·F, 0) = a·Σ where(c, F, 0)
    const branch = body[live];
    const parts = branch.kind === "multiply" ? branch.factors : [];
    const outside = parts.filter(
      (f) => !mentionsAny(freeNamesIn(f), binders) && isReadable(f, facts) && isFinite(f, facts),
    );
    if (outside.length > 0) {
      const rest = build.multiply(...parts.filter((f) => !outside.includes(f)));
      return build.multiply(...outside, sum(binders, inner, { ...body, [live]: rest }, facts));
    }
  }
  const outside = conditionOutside(body, binders, facts);
  if (outside) {
    // Σ_ρ where(c, F, G) = where(c, Σ_ρ F, Σ_ρ G) for a condition on data that is free of ρ
    const { condition, whenTrue, whenFalse } = outside;
    return build.select(
      condition,
      sum(binders, inner, whenTrue, facts),
      sum(binders, inner, whenFalse, facts),
    );
  }
  if (body.kind === "reduction" && body.name === "sum") {
    // Σ_ρ Σ_σ F = Σ_{ρ,σ} F
    const names = [...binders.map((b) => b.name), ...freeNamesInCondition(inner)];
    const own = renameApart(body, new Set(names));
    return sum([...binders, ...own.binders], build.and(inner, own.guard), own.body, facts);
  }
  const factors = body.kind === "multiply" ? body.factors : [body];
  const hasPoints = inner.kind === "truth" && isNeverEmpty(binders, facts);
  const free = factors.filter(
    (f) => !mentionsAny(freeNamesIn(f), binders) && isReadable(f, facts) && (hasPoints || isFinite(f, facts)),
  );
  if (free.length === 0) return build.reduction("sum", binders, body, inner);
  const bound = build.multiply(...factors.filter((f) => !free.includes(f)));
  const rest = build.isConstant(bound, 1)
    ? countPoints(binders, inner, facts)
    : sum(binders, inner, bound, facts);
  return build.multiply(...free, rest);
}

/**
 * Whether every read in it is in bounds wherever it is evaluated, whatever the binders are: only then may it leave the
 * guard that keeps it there, or a sum that may have no points.
 */
const isReadable = (e: Expression, facts: Facts): boolean =>
  accessesIn(e).every(({ tensor, subscripts, scope, given, place }) => {
    const shape = facts.shapes?.get(tensor);
    const inside = factsInside(facts, scope, given);
    return (
      place === "padded" ||
      subscripts.every((s, axis) => {
        const extent = shape?.[axis];
        return extent !== undefined && proves(inside, build.within(s, integer.zero, extent));
      })
    );
  });

/** The body as a `where` whose condition is free of the binders: itself, or a·where(c, F, 0) = where(c, a·F, 0). */
function conditionOutside(body: Expression, binders: readonly Binder[], facts: Facts): Select | undefined {
  const factors = body.kind === "multiply" ? body.factors : [body];
  const found = factors.find(
    (f): f is Select =>
      f.kind === "select" &&
      (factors.length === 1 || build.isConstant(f.whenFalse, 0)) &&
      mentionsAny(freeNamesIn(f), binders) &&
      !mentionsAny(freeNamesInCondition(f.condition), binders) &&
      isReadable(build.select(f.condition, build.one, build.zero), facts),
  );
  if (!found) return undefined;
  const others = factors.filter((f) => f !== found);
  return { ...found, whenTrue: build.multiply(...others, found.whenTrue) };
}

/** The branch of a `where` that is 0 on the other. */
const liveBranch = ({ whenTrue, whenFalse }: Select): "whenTrue" | "whenFalse" | undefined =>
  build.isConstant(whenFalse, 0) ? "whenTrue" : build.isConstant(whenTrue, 0) ? "whenFalse" : undefined;

/** An equality in the guard that fixes a binder by what is free of it. */
function substituteEquality(binders: readonly Binder[], guard: Condition, body: Expression, facts: Facts) {
  for (const c of build.conjuncts(guard)) {
    if (c.kind !== "zero") continue;
    const binder = binders.find((b) => {
      const parts = integer.affineIn(c.value, b.name);
      const unit = parts && integer.literal(parts.coefficient);
      const usedInBounds = binders.some((o) => [o.lower, o.upper].some((v) => integer.mentions(v, b.name)));
      return (unit === 1 || unit === -1) && !usedInBounds;
    });
    const parts = binder && integer.affineIn(c.value, binder.name);
    if (!binder || !parts) continue;
    const value = integer.scale(parts.rest, -(integer.literal(parts.coefficient) ?? 1));
    const by = new Map([[binder.name, value]]);
    const rest = build.and(...build.conjuncts(guard).filter((o) => o !== c));
    const range = build.within(value, binder.lower, binder.upper);
    const left = binders.filter((b) => b !== binder);
    const inside = factsInside(facts, left);
    const remaining = simplifyCondition(build.and(substituteCondition(rest, by), range), inside);
    // a condition on data guards no read outside a reduction: F(t[n]) must be in bounds whatever t[n] is
    const isThere = proves(inside, range) && readsOnlyAt(binder.name, body);
    if (integer.holdsElement(value) && remaining.kind !== "truth" && !isThere) continue;
    return { by, binders: left, guard: remaining };
  }
  return undefined;
}
/** Whether the index stands alone wherever it is read at: another value of its range is in bounds then too. */
function readsOnlyAt(name: string, e: Expression): boolean {
  return readsIn(e).every(({ subscripts }) =>
    subscripts.every((s) => !integer.mentions(s, name) || integer.plainVariable(s) === name),
  );
}
/** A guard `j <= i` that stays within j's range is the range: Σ_{j < N, j <= i} = Σ_{j <= i} for i < N. */
function tightenRanges(binders: readonly Binder[], guard: Condition, body: Expression, facts: Facts) {
  const parts = build.conjuncts(guard);
  const isSaidByReads = (c: Condition): boolean =>
    boundsOfReads(body, facts).some((b) => keyOfCondition(b) === keyOfCondition(c));
  for (const [at, b] of binders.entries()) {
    const earlier = factsInside(facts, binders.slice(0, at));
    const later = new Set(binders.slice(at + 1).map((o) => o.name));
    for (const c of parts) {
      if (c.kind !== "nonnegative") continue;
      const affine = integer.affineIn(c.value, b.name);
      const unit = affine && integer.literal(affine.coefficient);
      if (!affine || (unit !== 1 && unit !== -1)) continue;
      if ([...integer.variablesOf(affine.rest)].some((name) => later.has(name))) continue;
      // unit 1: b >= -rest; unit -1: b < rest + 1
      const lower = unit === 1 ? integer.negate(affine.rest) : b.lower;
      const upper = unit === -1 ? integer.plus(affine.rest, integer.one) : b.upper;
      const stays =
        unit === 1
          ? proves(earlier, build.atMost(b.lower, lower))
          : proves(earlier, build.atMost(upper, b.upper));
      // ranges of a single index read well; anything longer stays a guard
      const names = affine.rest.monomials.filter((m) => m.factors.length > 0);
      const short =
        names.length > 0 && (affine.rest.monomials.length <= 2 || (names.length === 2 && !isSaidByReads(c)));
      if (!stays || !short) continue;
      return {
        binders: binders.map((o) => (o === b ? { ...b, lower, upper } : o)),
        guard: build.and(...parts.filter((o) => o !== c)),
      };
    }
  }
  return undefined;
}

/** What goes without saying where the body's reads are in bounds. */
const boundsOfReads = (body: Expression, facts: Facts): readonly Condition[] =>
  readsIn(body).flatMap(({ tensor, subscripts }) =>
    subscripts.flatMap((s, axis) => {
      const extent = facts.shapes?.get(tensor)?.[axis];
      return extent ? build.conjuncts(build.within(s, integer.zero, extent)) : [];
    }),
  );

function splitGuard(binders: readonly Binder[], guard: Condition): [Condition, Condition] {
  const parts = build.conjuncts(guard);
  const inner = parts.filter((c) => mentionsAny(namesInCondition(c), binders));
  return [build.and(...parts.filter((c) => !inner.includes(c))), build.and(...inner)];
}

/** Σ (F + G) = Σ F + Σ G, with independent factors taken out of each. */
export const splitSums = (e: Expression, facts: Facts): Expression =>
  rewriteWithin(e, facts, (part, here) =>
    part.kind === "reduction" && part.name === "sum" ? splitSum(part, here) : part,
  );

function splitSum(e: Reduction, facts: Facts): Expression {
  const body = distribute(e.body);
  const terms = body.kind === "add" ? body.terms : [body];
  return build.add(...terms.map((term) => sum(e.binders, e.guard, term, facts)));
}

/** Σ_σ a·Σ_ρ F = Σ_{σ,ρ} a·F. */
export const flattenSums = (e: Expression, facts: Facts): Expression =>
  rewriteWithin(e, facts, (part) => {
    if (part.kind !== "reduction" || part.name !== "sum") return part;
    const factors = part.body.kind === "multiply" ? part.body.factors : [part.body];
    const found = factors.find((f) => f.kind === "reduction" && f.name === "sum");
    if (found?.kind !== "reduction") return part;
    const others = build.multiply(...factors.filter((f) => f !== found));
    const taken = new Set([...freeNamesIn(others), ...part.binders.map((b) => b.name)]);
    const inner = renameApart(found, taken);
    return {
      ...part,
      binders: [...part.binders, ...inner.binders],
      guard: build.and(part.guard, inner.guard),
      body: build.multiply(others, inner.body),
    };
  });

/** a·(b + c) = a·b + a·c, for whole non-negative powers of sums too small to explode. */
export function distribute(e: Expression): Expression {
  if (e.kind === "add") return build.add(...e.terms.map(distribute));
  if (e.kind === "raise" && e.base.kind === "add" && build.isConstant(e.exponent, 2))
    return distribute({ kind: "multiply", factors: [e.base, e.base] });
  if (e.kind !== "multiply") return e;
  let products: Expression[] = [build.one];
  for (const factor of e.factors.map(distribute)) {
    const terms = factor.kind === "add" ? factor.terms : [factor];
    if (products.length * terms.length > 64) return e;
    products = products.flatMap((p) => terms.map((t) => build.multiply(p, t)));
  }
  return build.add(...products);
}

/** Every sum in the expression rebuilt by the rules above, innermost first. */
export const simplifySums = (e: Expression, facts: Facts): Expression =>
  rewriteWithin(e, facts, (part, here) => {
    if (part.kind === "reduction" && part.name === "sum")
      return sum(part.binders, part.guard, part.body, here);
    return part.kind === "call" ? integerCall(part) : part;
  });

/** The least or greatest of two integers is an integer; products of integers too. */
function integerCall(e: Extract<Expression, { kind: "call" }>): Expression {
  const [a, b] = e.arguments.map(asInt);
  return (e.name === "max" || e.name === "min") && a && b ? build.ofInt(integer.extremum(e.name, a, b)) : e;
}
function asInt(e: Expression): Int | undefined {
  if (e.kind === "integer") return e.value;
  if (e.kind === "constant")
    return Number.isInteger(build.valueOf(e)) && !e.exact ? integer.constant(e.numerator) : undefined;
  if (e.kind !== "multiply") return undefined;
  const factors = e.factors.map(asInt).filter((f) => f !== undefined);
  return factors.length === e.factors.length ? integer.times(...factors) : undefined;
}
