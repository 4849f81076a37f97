/**
 * The canonical form of a statement: formulas that are equal for reasons of notation alone become one formula, and
 * their values stay what they are. Patterns are looked for in it, and claims can be compared in it.
 *
 * Statements come with explicit bounds (as after ranges/bounds.ts); in the result the bounds that reads imply are
 * left to the boundary rule again.
 */
import { freeNamesIn, renameAllBinders, substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Expression, Reduction } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import type { Statement } from "../notation/layer.js";
import { mapChildren, namesIn, rewrite, walk, walkCondition } from "../notation/traverse.js";
import { simplifyInt } from "../algebra/integers.js";
import { distribute, splitSums, simplifySums } from "../algebra/sums.js";
import { divisionsToBinders, floorsToDivisions, solveDigit, solveEquality } from "./equalities.js";
import { withoutImpliedGuards } from "./guards.js";
import { joinDigits, splitDigit, type Regrouping } from "./mixed-radix.js";
import { orderBinders, orderGuard, orderParts } from "./order.js";
import { insideReduction, insideStatement, type Scope } from "./scope.js";
import { boundsToGuards, plainKernel, plainSense, plainWeight, upwards } from "./senses.js";
import { tidy } from "./substitution.js";

/** @param statement with explicit bounds */
export function canonicalStatement(statement: Statement, scope: Scope): Statement {
  const names = [...namesIn(statement.body), ...statement.indices.map((i) => i.name)];
  const fresh = freshNames([...names, ...scope.extentNames]);
  const apart = { ...statement, body: renameAllBinders(statement.body, fresh.index) };
  const solved = solve(regroupIndices(apart, fresh, scope), fresh, scope);
  const joined = joinIndices({ ...solved, body: rewrite(solved.body, expand) });
  return { ...joined, body: finished(joined.body, insideStatement(scope, joined)) };
}

/** Every sum by the rules; once more where they take a left-hand index apart. */
function solve(statement: Statement, fresh: Fresh, scope: Scope, fuel = 3): Statement {
  const inside = insideStatement(scope, statement);
  const expanded = splitSums(rewrite(statement.body, expand), inside.facts);
  const body = canonicalSums(renameAllBinders(expanded, fresh.index), inside, fresh);
  const split = regroupIndices({ ...statement, body }, fresh, scope);
  return fuel > 0 && split.indices.length > statement.indices.length
    ? solve(split, fresh, scope, fuel - 1)
    : split;
}
/** a·(b + c) = a·b + a·c, a·where(c, b, 0) = where(c, a·b, 0), where(c, a + b, 0) = where(c, a, 0) + where(c, b, 0). */
function expand(e: Expression): Expression {
  if (e.kind === "select" && build.isConstant(e.whenFalse, 0) && e.whenTrue.kind === "add")
    return build.add(...e.whenTrue.terms.map((term) => build.select(e.condition, term, build.zero)));
  if (e.kind !== "multiply") return distribute(e);
  const spread = distribute(e);
  if (spread.kind === "add") return build.add(...spread.terms.map(expand));
  const branch = e.factors.find((f) => f.kind === "select" && build.isConstant(f.whenFalse, 0));
  if (branch?.kind !== "select") return spread;
  const rest = e.factors.filter((f) => f !== branch);
  return expand(build.select(branch.condition, expand(build.multiply(...rest, branch.whenTrue)), build.zero));
}
const namesOf = (value: Int): string[] => [...integer.variablesOf(value)];

/** The same string for statements whose canonical forms are equal up to the names of the left-hand indices. */
export function canonicalKey(canonical: Statement): string {
  const by = new Map(canonical.indices.map((index, at) => [index.name, integer.variable(`#${at}`)]));
  const spell = (value: Int): string => integer.keyOf(integer.substituteInt(value, by));
  const extents = canonical.indices.map((i) => spell(i.extent)).join(",");
  const subscripts = canonical.subscripts.map(spell).join(",");
  return `${canonical.tensor}[${subscripts}] (${extents}) ${keyOfExpression(substitute(canonical.body, by))}`;
}

/** Each rule rewrites one reduction, or leaves it (undefined). */
const rules: readonly ((e: Reduction, scope: Scope) => Reduction | undefined)[] = [
  floorsToDivisions,
  boundsToGuards,
  solveEquality,
  solveDigit,
  plainSense,
  divisionsToBinders,
  plainWeight,
  plainKernel,
  upwards,
];

function canonicalSums(e: Expression, scope: Scope, fresh: Fresh): Expression {
  if (e.kind !== "reduction")
    return mapChildren(e, { expression: (part) => canonicalSums(part, scope, fresh) });
  if (e.name === "argmax" || e.name === "argmin") return e;
  const body = canonicalSums(e.body, insideReduction(scope, e), fresh);
  let current = tidy(regroupBinders({ ...e, body }, fresh, scope), scope);
  for (let fuel = 8 * current.binders.length + 8; fuel > 0; fuel--) {
    const next = rules.reduce<Reduction | undefined>((done, rule) => done ?? rule(current, scope), undefined);
    if (!next) break;
    current = regroupBinders(next, fresh, scope);
  }
  // a rule may have left a sum without binders, or an equality solved
  if (current.name !== "sum") return current;
  // the rules of sums write a guard as a bound where they can, depending on the order of the binders
  return rewriteInside(simplifySums(current, scope.facts), scope, (part, outer) => {
    for (let next: Reduction | undefined = part; next; next = boundsToGuards(next, outer)) part = next;
    return part;
  });
}

/** Implied guards dropped and everything in order: done last, inside out. */
function finished(e: Expression, scope: Scope): Expression {
  const bare = rewriteInside(e, scope, (part, outer) => {
    const isFixed = part.name === "argmax" || part.name === "argmin";
    const open = part.name === "count" ? part : withoutImpliedGuards(part, outer);
    const guarded = { ...open, guard: orderGuard(open.guard) };
    return isFixed ? guarded : orderBinders(guarded);
  });
  const taken = freshNames([...freeNamesIn(bare), ...scope.indices]);
  return orderParts(renameAllBinders(bare, (old) => taken.index(old.replace(/'+$/u, ""))));
}
function rewriteInside(
  e: Expression,
  scope: Scope,
  change: (e: Reduction, outer: Scope) => Reduction,
): Expression {
  if (e.kind !== "reduction")
    return mapChildren(e, { expression: (part) => rewriteInside(part, scope, change) });
  return change({ ...e, body: rewriteInside(e.body, insideReduction(scope, e), change) }, scope);
}

// --- indices taken apart and joined -----------------------------------------------------------------------

/** Binders with closed ranges from 0, regrouped while there is something to regroup. */
function regroupBinders(e: Reduction, fresh: Fresh, scope: Scope, fuel = 8): Reduction {
  if (fuel === 0) return e;
  const values = intsIn(e.body, (visit) => walkCondition(e.guard, { int: visit }));
  const own = new Set(e.binders.map((b) => b.name));
  const closed = e.binders.filter(
    (b) => integer.literal(b.lower) === 0 && !namesOf(b.upper).some((name) => own.has(name)),
  );
  const others = e.binders.filter((b) => !closed.includes(b));
  if (others.some((b) => [...namesOf(b.lower), ...namesOf(b.upper)].some((name) => own.has(name)))) return e;
  const digits = closed.map((b) => ({ name: b.name, extent: b.upper }));
  const split = splitDigit(digits, values, fresh);
  const change = split ?? joinDigits(digits, values);
  if (!change) return e;
  const binders = change.digits.map((d) => ({ name: d.name, lower: integer.zero, upper: d.extent }));
  const replaced = substitute({ ...e, binders: [], body: e.body }, change.by) as Reduction;
  const regroupedSum = { ...replaced, binders: [...binders, ...others] };
  return regroupBinders(split ? tidy(regroupedSum, scope) : regroupedSum, fresh, scope, fuel - 1);
}

/** A left-hand index that the right-hand side takes apart is two. */
function regroupIndices(s: Statement, fresh: Fresh, scope: Scope, fuel = 8): Statement {
  const change = splitDigit(s.indices, intsIn(s.body), fresh);
  return change && fuel > 0 ? regroupIndices(regrouped(s, change, scope), fresh, scope, fuel - 1) : s;
}
/** Left-hand indices that stand only as one number are one. */
function joinIndices(s: Statement): Statement {
  const change = joinDigits(s.indices, [...intsIn(s.body), ...s.subscripts]);
  return change ? joinIndices(regrouped(s, change)) : s;
}
function regrouped(s: Statement, { digits, by }: Regrouping, scope?: Scope): Statement {
  const replaced = {
    ...s,
    indices: digits,
    subscripts: s.subscripts.map((value) => integer.substituteInt(value, by)),
    body: substitute(s.body, by),
  };
  if (!scope) return replaced;
  const { facts } = insideStatement(scope, replaced);
  return {
    ...replaced,
    body: rewrite(
      replaced.body,
      (e) => e,
      (value) => simplifyInt(value, facts),
    ),
  };
}

function intsIn(e: Expression, more?: (visit: (value: Int) => void) => void): readonly Int[] {
  const values: Int[] = [];
  const visit = (value: Int): void => void values.push(value);
  walk(e, { int: visit });
  more?.(visit);
  return values;
}
