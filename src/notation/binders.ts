/**
 * Bound names. A reduction, `any` and `all` bind their indices in their guard, in their body and in the bounds of later
 * binders; what a bound index is called means nothing. Whatever substitutes under binders, or puts a formula under other
 * ones, goes through here.
 */
import type { Binder, Condition, Expression, Quantified, Reduction } from "./expression.js";
import { freshNames, type Fresh } from "./fresh.js";
import { mentions, substituteInt, variable, variablesOf, type Int } from "./integer.js";
import {
  eachChild,
  eachConditionChild,
  mapChildren,
  mapConditionChildren,
  namesIn,
  namesInCondition,
  type Constructors,
  type Mapper,
  type Parts,
} from "./traverse.js";

type Replacements = ReadonlyMap<string, Int>;
type Names = ReadonlySet<string>;
type Binding = Reduction | Quantified;
const isQuantified = (c: Condition): c is Quantified => c.kind === "any" || c.kind === "all";

// --- free names ------------------------------------------------------------------------------------------

/** The integer names (indices, sizes, params) that the value depends on: bound ones are left out where they are bound. */
export function freeNamesIn(e: Expression): Names {
  let names = knownFree.get(e);
  if (!names) {
    names = e.kind === "reduction" ? freeInBinding(e, freeNamesIn(e.body)) : freeInParts(e, eachChild);
    knownFree.set(e, names);
  }
  return names;
}
export function freeNamesInCondition(c: Condition): Names {
  let names = knownFree.get(c);
  if (!names) {
    names = isQuantified(c)
      ? freeInBinding(c, freeNamesInCondition(c.body))
      : freeInParts(c, eachConditionChild);
    knownFree.set(c, names);
  }
  return names;
}
const knownFree = new WeakMap<Expression | Condition, Names>();

function freeInParts<F>(formula: F, eachPart: (formula: F, parts: Parts) => void): Names {
  const names = new Set<string>();
  const take = (more: Names): void => more.forEach((name) => names.add(name));
  eachPart(formula, {
    expression: (part) => take(freeNamesIn(part)),
    condition: (part) => take(freeNamesInCondition(part)),
    int: (value) => void variablesOf(value, names),
  });
  return names;
}
function freeInBinding({ binders, guard }: Binding, inBody: Names): Names {
  const names = new Set([...freeNamesInCondition(guard), ...inBody]);
  for (const b of binders.toReversed()) {
    names.delete(b.name);
    variablesOf(b.upper, variablesOf(b.lower, names));
  }
  return names;
}

// --- binders changed -------------------------------------------------------------------------------------

/** Binders, and what the names they had before are in all that they bind. */
export interface Rebinding {
  readonly binders: readonly Binder[];
  readonly by: Replacements;
}
/** Each binder, its bounds told in terms of those before it, as what `change` makes of it: a binder, and what its index is by it. */
export function changeBinders(
  binders: readonly Binder[],
  change: (b: Binder, at: number) => readonly [Binder, Int?],
): Rebinding {
  const by = new Map<string, Int>();
  const changed = binders.map((b, at) => {
    const [binder, value] = change(withBounds(b, by), at);
    if (value) by.set(b.name, value);
    return binder;
  });
  return { binders: changed, by };
}
/** The binders under other names, which nothing that they bind mentions. */
export const renameBinders = (
  binders: readonly Binder[],
  name: (old: string, at: number) => string,
): Rebinding =>
  changeBinders(binders, (b, at) => {
    const own = name(b.name, at);
    return own === b.name ? [b] : [{ ...b, name: own }, variable(own)];
  });

export const rebind = (e: Reduction, { binders, by }: Rebinding, construct?: Constructors): Reduction => ({
  ...e,
  binders,
  guard: substituteCondition(e.guard, by, construct),
  body: substitute(e.body, by, construct),
});
export const rebindCondition = (
  c: Quantified,
  { binders, by }: Rebinding,
  construct?: Constructors,
): Quantified => ({
  ...c,
  binders,
  guard: substituteCondition(c.guard, by, construct),
  body: substituteCondition(c.body, by, construct),
});

export function withBounds(b: Binder, by: Replacements): Binder {
  const [lower, upper] = [substituteInt(b.lower, by), substituteInt(b.upper, by)];
  return lower === b.lower && upper === b.upper ? b : { ...b, lower, upper };
}

// --- substitution ----------------------------------------------------------------------------------------

/**
 * Replaces free variables by integer polynomials, everywhere at once. A variable that a binder hides stays; a binder
 * whose name stands in a value that comes under it gets another: (Σ_i x[i, j])[j := i + 1] = Σ_i' x[i', i + 1].
 */
export function substitute(e: Expression, by: Replacements, construct?: Constructors): Expression {
  return by.size === 0 ? e : substituted(e, by, substitution(by, construct));
}
export function substituteCondition(c: Condition, by: Replacements, construct?: Constructors): Condition {
  return by.size === 0 ? c : substitutedCondition(c, by, substitution(by, construct));
}
/** One for all parts of a formula. */
function substitution(by: Replacements, construct: Constructors | undefined): Mapper {
  const map: Mapper = {
    expression: (part) => substituted(part, by, map),
    condition: (part) => substitutedCondition(part, by, map),
    int: (value) => substituteInt(value, by),
    construct,
  };
  return map;
}
function substituted(e: Expression, by: Replacements, map: Mapper): Expression {
  if (e.kind !== "reduction") return mapChildren(e, map);
  const inside = enter(e, by, () => freeNamesIn(e.body));
  return isKept(e, inside) ? e : rebind(e, inside, map.construct);
}
function substitutedCondition(c: Condition, by: Replacements, map: Mapper): Condition {
  if (!isQuantified(c)) return mapConditionChildren(c, map);
  const inside = enter(c, by, () => freeNamesInCondition(c.body));
  return isKept(c, inside) ? c : rebindCondition(c, inside, map.construct);
}
const isKept = (e: Binding, { binders, by }: Rebinding): boolean =>
  by.size === 0 && binders.every((b, i) => b === e.binders[i]);

/** The binders where the replacements come in, and what is to be replaced inside. */
function enter(e: Binding, by: Replacements, inBody: () => Names): Rebinding {
  const coming = namesOf(by);
  if (!e.binders.some((b) => by.has(b.name) || coming.has(b.name)))
    return { binders: e.binders.map((b) => withBounds(b, by)), by };
  const governed = new Set([...inBody(), ...freeNamesInCondition(e.guard), ...namesInBounds(e.binders)]);
  const inner = new Map([...by].filter(([name]) => governed.has(name)));
  const captured = (name: string): boolean => [...inner.values()].some((value) => mentions(value, name));
  const fresh = freshNames([...coming, ...namesInBinding(e)]);
  const binders = e.binders.map((b): Binder => {
    const bound = withBounds(b, inner);
    inner.delete(b.name);
    if (!captured(b.name)) return bound;
    const name = fresh.index(b.name);
    inner.set(b.name, variable(name));
    return { ...bound, name };
  });
  return { binders, by: inner };
}
/** The names in what is put in, found once for each substitution. */
function namesOf(by: Replacements): Names {
  let names = namesPutIn.get(by);
  if (!names) {
    const found = new Set<string>();
    for (const value of by.values()) variablesOf(value, found);
    names = found;
    namesPutIn.set(by, names);
  }
  return names;
}
const namesPutIn = new WeakMap<Replacements, Names>();

const namesInBounds = (binders: readonly Binder[]): Names => {
  const names = new Set<string>();
  for (const { lower, upper } of binders) variablesOf(upper, variablesOf(lower, names));
  return names;
};
const namesInBinding = (e: Binding): Names => (e.kind === "reduction" ? namesIn(e) : namesInCondition(e));

// --- names apart -----------------------------------------------------------------------------------------

/** The reduction with other names for those of its binders that are taken. */
export function renameApart(e: Reduction, taken: Names, fresh?: Fresh, construct?: Constructors): Reduction {
  return e.binders.some((b) => taken.has(b.name)) ? rebind(e, renamedApart(e, taken, fresh), construct) : e;
}
function renamedApart(
  e: Binding,
  taken: Names,
  fresh = freshNames([...taken, ...namesInBinding(e)]),
): Rebinding {
  return renameBinders(e.binders, (name) => (taken.has(name) ? fresh.index(name) : name));
}

/** The same value in which no binder hides an index of the scope, or one that is bound around it. */
export function withoutHiding(e: Expression, scope: Names, construct?: Constructors): Expression {
  return withoutHidingBy(e, scope, hidingNone(scope, construct));
}
function withoutHidingBy(e: Expression, scope: Names, map: Mapper): Expression {
  const { construct } = map;
  if (e.kind !== "reduction") return mapChildren(e, map);
  const own = renameApart(e, scope, undefined, construct);
  return mapChildren(own, hidingNone(withBinders(scope, own), construct));
}
export function withoutHidingIn(c: Condition, scope: Names, construct?: Constructors): Condition {
  if (!isQuantified(c)) return mapConditionChildren(c, hidingNone(scope, construct));
  const hides = c.binders.some((b) => scope.has(b.name));
  const own = hides ? rebindCondition(c, renamedApart(c, scope), construct) : c;
  return mapConditionChildren(own, hidingNone(withBinders(scope, own), construct));
}
function hidingNone(scope: Names, construct: Constructors | undefined): Mapper {
  const map: Mapper = {
    expression: (part) => withoutHidingBy(part, scope, map),
    condition: (part) => withoutHidingIn(part, scope, construct),
    construct,
  };
  return map;
}
const withBinders = (scope: Names, { binders }: Binding): Names =>
  new Set([...scope, ...binders.map((b) => b.name)]);

/** Every binder in it called by `name`, which is told the old name and gives one that stands nowhere else. */
export function renameAllBinders(e: Expression, name: (old: string) => string): Expression {
  // by way of names that nobody has: an inner binder may get the old name of an outer one
  const old: string[] = [];
  const apart = renamedInside(e, (own) => `@${old.push(own) - 1}`);
  return renamedInside(apart, (own) => name(old[Number(own.slice(1))] ?? own));
}
function renamedInside(e: Expression, name: (old: string) => string): Expression {
  const inside = mapChildren(e, renaming(name));
  return inside.kind === "reduction" ? rebind(inside, renameBinders(inside.binders, name)) : inside;
}
function renamedInsideCondition(c: Condition, name: (old: string) => string): Condition {
  const inside = mapConditionChildren(c, renaming(name));
  return isQuantified(inside) ? rebindCondition(inside, renameBinders(inside.binders, name)) : inside;
}
const renaming = (name: (old: string) => string): Mapper => ({
  expression: (part) => renamedInside(part, name),
  condition: (part) => renamedInsideCondition(part, name),
});
