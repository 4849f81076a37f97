/**
 * The chain rule and what follows from it, as formulas of the target's indices m:
 *
 *     Σ_α dT[α] · Σ_ρ [f(α,ρ) = m] · ∂T/∂X    as the papers write it, over all elements of what reads X
 *     Σ_{α,ρ} [f(α,ρ) = m] · dT[α] · ∂T/∂X    one sum with an indicator
 *     Σ_{what is free} dT[…] · ∂T/∂X          the indicator solved: a gather
 */
import { sum } from "../algebra/sums.js";
import { rebind, renameBinders, substitute, substituteCondition } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index } from "../notation/layer.js";
import { mapChildren, namesIn } from "../notation/traverse.js";
import { provesNonNegative, type Facts } from "../ranges/prove.js";
import { putCotangent, type Contribution } from "./adjoint.js";
import { withoutClamps } from "./clamps.js";
import { solve, type Replacement } from "./solve.js";

/** What is asked for: the indices m of X, and the names that no index may take. */
export interface Target {
  readonly indices: readonly Index[];
  readonly reserved: ReadonlySet<string>;
}

/** dT · partial, with dT called by its name or written out. */
type Product<C extends Contribution> = (c: C, subscripts: readonly Int[], partial: Expression) => Expression;
const byName = (c: Contribution, subscripts: readonly Int[], partial: Expression): Expression =>
  build.multiply(build.read(c.cotangent, subscripts), partial);

/** Σ over every T that reads X, and over all its elements, of dT · ∂T/∂X. */
export function chainRule<C extends Contribution>(
  contributions: readonly C[],
  target: Target,
  product: Product<C> = byName,
): Expression {
  const readers = [...new Set(contributions.map((c) => c.cotangent))];
  const terms = readers.map((cotangent) => {
    const own = contributions.filter((c) => c.cotangent === cotangent);
    const [first] = own;
    if (!first) return build.zero;
    const partial = build.add(...own.map((c) => partialOf(c, target.indices)));
    const body = product(first, subscriptsOfCotangent(first), partial);
    return overall(first.scope.slice(0, first.outer), build.truth, body);
  });
  return niceNames(build.add(...terms), [...target.indices.map((i) => i.name), ...target.reserved]);
}

/** ∂T[α]/∂X[m] = Σ_ρ [f(α,ρ) = m] · ∂(body)/∂X. */
function partialOf(c: Contribution, indices: readonly Index[]): Expression {
  const body = putCotangent(c.adjoint, c.cotangent, () => build.one);
  return overall(c.scope.slice(c.outer), build.and(c.guard, ...indicator(c, indices)), body);
}
const overall = (binders: readonly Binder[], guard: Condition, body: Expression): Expression =>
  binders.length === 0 ? build.select(guard, body, build.zero) : build.reduction("sum", binders, body, guard);

function subscriptsOfCotangent({ adjoint, cotangent }: Contribution): readonly Int[] {
  let found: readonly Int[] = [];
  putCotangent(adjoint, cotangent, (subscripts) => ((found = subscripts), build.one));
  return found;
}

const indicator = (c: Contribution, indices: readonly Index[]): readonly Condition[] =>
  c.subscripts.map((s, i) => build.equals(s, integer.variable(indices[i]?.name ?? "")));

/** Σ_{scope} [f = m] · adjoint. */
export function withIndicator(c: Contribution, target: Target): Expression {
  const guard = build.and(c.guard, ...indicator(c, target.indices));
  const problem = { binders: c.scope, guard, body: c.adjoint, replaced: [] };
  const { binders, guard: named, body } = restoreNames(problem, target).solution;
  return overall(binders, named, body);
}

/** Σ over what the equations f = m leave free. */
export function solved(
  c: Contribution,
  target: Target,
  facts: Facts,
  fresh: Fresh,
): { readonly formula: Expression; readonly replaced: readonly Replacement[] } {
  const parts = withoutClamps(c, facts).map((part) => solvedPart(part, target, facts, fresh));
  return { formula: build.add(...parts.map((p) => p.formula)), replaced: parts.flatMap((p) => p.replaced) };
}

function solvedPart(c: Contribution, target: Target, facts: Facts, fresh: Fresh): ReturnType<typeof solved> {
  const equations = c.subscripts.map((s, i) =>
    integer.minus(s, integer.variable(target.indices[i]?.name ?? "")),
  );
  const solution = solve(
    { unknowns: c.scope, equations, guard: c.guard, body: c.adjoint },
    facts,
    (base) => `${fresh.index(base)}~`,
  );
  const { solution: named, by } = restoreNames(solution, target);
  const { binders, guard } = named;
  // f = m where f holds elements of integer tensors stays a condition, under which m stands for f
  const found = new Map(solution.replaced.map(({ name, value }) => [name, value]));
  const body = c.subscripts.reduce((e, s, i) => {
    const index = target.indices[i];
    if (!index || !integer.holdsElement(s)) return e;
    return atIndex(e, integer.substituteInt(integer.substituteInt(s, found), by), index, facts);
  }, named.body);
  const formula =
    binders.length === 0 ? build.select(guard, body, build.zero) : sum(binders, guard, body, facts);
  const taken = freshNames([...target.indices.map((i) => i.name), ...target.reserved]);
  const names = new Map(c.scope.map((b) => [b.name, taken.index(plain(b.name))]));
  const replaced = solution.replaced.map(({ name, value }) => ({
    name: names.get(name) ?? plain(name),
    value: integer.substituteInt(value, by),
  }));
  return { formula, replaced };
}

/** Where f = m: X[f] is X[m], which is in bounds by m's range, and no condition on data has to say so. */
function atIndex(e: Expression, f: Int, m: Index, facts: Facts): Expression {
  if (e.kind === "reduction" && e.binders.some((b) => integer.mentions(f, b.name) || b.name === m.name))
    return e;
  const inner = mapChildren(e, { expression: (part) => atIndex(part, f, m, facts) });
  if (inner.kind !== "read") return inner;
  const shape = facts.shapes?.get(inner.tensor) ?? [];
  const fits = (axis: number): boolean =>
    shape[axis] !== undefined && provesNonNegative(facts, integer.minus(shape[axis], m.extent));
  const subscripts = inner.subscripts.map((s, axis) =>
    integer.equal(s, f) && fits(axis) ? integer.variable(m.name) : s,
  );
  return { ...inner, subscripts };
}

type Solution = ReturnType<typeof solve>;
const plain = (name: string): string => name.replace(/['~].*$/u, "");

/** Temporary names `c~` back to `c`, with primes where that is taken. */
function restoreNames(
  solution: Solution,
  { indices, reserved }: Target,
): { readonly solution: Solution; readonly by: ReadonlyMap<string, Int> } {
  const names = freshNames([...indices.map((i) => i.name), ...reserved, ...namesIn(solution.body)]);
  const { binders, by } = renameBinders(solution.binders, (name) => names.index(plain(name)));
  const guard = substituteCondition(solution.guard, by);
  return { solution: { ...solution, binders, guard, body: substitute(solution.body, by) }, by };
}

/** The same for sums within sums: each temporary name gets one that is free where it is bound. */
function niceNames(e: Expression, taken: readonly string[]): Expression {
  if (e.kind !== "reduction") return mapChildren(e, { expression: (part) => niceNames(part, taken) });
  const kept = [...namesIn(e)].filter((name) => !name.endsWith("~"));
  const names = freshNames([...taken, ...kept]);
  const own = renameBinders(e.binders, (name) => (name.endsWith("~") ? names.index(plain(name)) : name));
  const { binders, guard, body } = rebind(e, own);
  return { ...e, binders, guard, body: niceNames(body, [...taken, ...binders.map((b) => b.name)]) };
}

/** Names of the scope that cannot meet the target's: `c` becomes `c~`. */
export function renameTemporarily(c: Contribution): Contribution {
  const { binders: scope, by } = renameBinders(c.scope, (name) => `${name}~`);
  return {
    ...c,
    subscripts: c.subscripts.map((s) => integer.substituteInt(s, by)),
    scope,
    guard: substituteCondition(c.guard, by),
    adjoint: substitute(c.adjoint, by),
  };
}
