/**
 * Data-dependent subscripts: dtable[v, d] = Σ_n [t[n] = v] dz[n, d] runs over n and adds to row t[n], instead of
 * testing every n for every v.
 */
import { extremeOver } from "../algebra/integers.js";
import { distribute } from "../algebra/sums.js";
import { renameBinders, substitute, substituteCondition } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import { conjuncts } from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement } from "../notation/layer.js";
import type { Facts } from "../ranges/prove.js";

/** For all indices left, binders and points of the guard: tensor[subscripts] += value. */
export interface Scatter {
  readonly indices: readonly Index[];
  readonly binders: readonly Binder[];
  readonly guard: Condition;
  readonly subscripts: readonly Int[];
  readonly value: Expression;
}

/**
 * The statement's terms that scatter, and what is left to be computed in place (or zero). The saved position of
 * a max (`gathered`) is no reason to scatter: its gradient gathers over the windows that hold the element.
 */
export function splitScatters(
  statement: Statement,
  gathered: ReadonlySet<string>,
  facts: Facts,
): { scatters: readonly Scatter[]; rest: Expression } {
  const terms = termsOf(statement.body);
  const scatters: Scatter[] = [];
  const rest: Expression[] = [];
  for (const term of terms) {
    const scatter = asScatter(statement, term, gathered, facts);
    if (scatter) scatters.push(scatter);
    else rest.push(term);
  }
  return { scatters, rest: scatters.length === 0 ? statement.body : build.add(...rest) };
}
function termsOf(body: Expression): readonly Expression[] {
  const spread = distribute(body);
  return spread.kind === "add" ? spread.terms : [spread];
}

function asScatter(
  statement: Statement,
  term: Expression,
  gathered: ReadonlySet<string>,
  facts: Facts,
): Scatter | undefined {
  const factors = term.kind === "multiply" ? term.factors : [term];
  const sum = factors.find((f) => f.kind === "reduction" && f.name === "sum");
  if (sum?.kind !== "reduction") return undefined;
  const outside = factors.filter((f) => f !== sum);
  const solved = new Map<string, Int>();
  const kept: Condition[] = [];
  for (const c of conjuncts(sum.guard)) {
    const match = statement.indices
      .map((i) => solvedBy(c, i.name, solved, gathered))
      .find((m) => m !== undefined);
    if (match) solved.set(match.name, match.value);
    else kept.push(c);
  }
  if (solved.size === 0) return undefined;
  const inRange = statement.indices
    .filter((i) => solved.has(i.name))
    .map((i) => build.within(integer.variable(i.name), integer.zero, i.extent));
  const { binders, guards } = freeOf(solved, statement.indices, sum.binders, facts);
  return {
    indices: statement.indices.filter((i) => !solved.has(i.name)),
    binders,
    guard: substituteCondition(build.and(...kept, ...guards, ...inRange), solved),
    subscripts: statement.subscripts.map((s) => integer.substituteInt(s, solved)),
    value: substitute(build.multiply(...outside, sum.body), solved),
  };
}

/** The scatter with its binders called by `name`. */
export function renameScatter(scatter: Scatter, name: (base: string) => string): Scatter {
  const { binders, by } = renameBinders(scatter.binders, name);
  return {
    ...scatter,
    binders,
    guard: substituteCondition(scatter.guard, by),
    subscripts: scatter.subscripts.map((s) => integer.substituteInt(s, by)),
    value: substitute(scatter.value, by),
  };
}

/** Bounds that depend on a solved index become guards over the whole box. */
function freeOf(
  solved: ReadonlyMap<string, Int>,
  indices: readonly Index[],
  binders: readonly Binder[],
  facts: Facts,
) {
  const ranges = indices.map((i) => ({ name: i.name, lower: integer.zero, upper: i.extent }));
  const guards: Condition[] = [];
  const freed = binders.map((b) => {
    if (![b.lower, b.upper].some((v) => [...integer.variablesOf(v)].some((n) => solved.has(n)))) return b;
    guards.push(build.within(integer.variable(b.name), b.lower, b.upper));
    const lower = extremeOver(b.lower, "lower", ranges, facts) ?? b.lower;
    const upper = extremeOver(b.upper, "upper", ranges, facts) ?? b.upper;
    return { ...b, lower, upper };
  });
  return { binders: freed, guards };
}

/** name = value, where the condition is an equality of the index with something data-dependent. */
function solvedBy(
  c: Condition,
  name: string,
  solved: ReadonlyMap<string, Int>,
  gathered: ReadonlySet<string>,
) {
  if (c.kind !== "zero" || solved.has(name)) return undefined;
  const parts = integer.affineIn(c.value, name);
  const unit = parts && integer.literal(parts.coefficient);
  if (!parts || (unit !== 1 && unit !== -1)) return undefined;
  const dataDependent = integer.someAtom(
    parts.rest,
    (atom) => atom.kind === "element" && !gathered.has(atom.tensor),
  );
  return dataDependent ? { name, value: integer.scale(parts.rest, -unit) } : undefined;
}
