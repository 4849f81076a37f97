/**
 * Where a defined tensor's formula stands in another: T[i] = F(i) may be read for F(e) where one and the same e stands
 * for i in all of F, and lies in the range that T is defined over.
 */
import * as build from "../notation/construct.js";
import type { Expression, Read } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import type { Statement } from "../notation/layer.js";
import { readsIn, tensorsIn } from "../notation/traverse.js";
import { proves, type Facts } from "../ranges/prove.js";

/** What each index of a statement is in an instance of its formula. */
export type Binding = ReadonlyMap<string, Int>;

/** Whether the expression reads every tensor that the pattern reads: else it cannot be an instance. */
export function readsAllOf(e: Expression, pattern: Expression): boolean {
  const reads = tensorsIn(e);
  for (const tensor of tensorsIn(pattern)) if (!reads.has(tensor)) return false;
  return true;
}

/** One of a list of patterns, and where it stands there. */
export interface Candidate<P> {
  readonly at: number;
  readonly pattern: P;
}
/**
 * Those whose formula the expression may be an instance of, as it reads all that they read; in their order. The list may
 * grow: what came later is found too, and what was there is not looked at again.
 */
export function candidatesIn<P extends object>(
  e: Expression,
  patterns: readonly P[],
  formula: (pattern: P) => Expression,
): readonly Candidate<P>[] {
  const known = (indexes.get(patterns) as Index<P> | undefined) ?? { count: 0, first: new Map() };
  indexes.set(patterns, known);
  for (; known.count < patterns.length; known.count++) {
    const pattern = patterns[known.count]!;
    const [tensor = ""] = tensorsIn(formula(pattern));
    const alike = known.first.get(tensor) ?? [];
    alike.push({ at: known.count, pattern });
    known.first.set(tensor, alike);
  }
  const found = ["", ...tensorsIn(e)].flatMap((tensor) => known.first.get(tensor) ?? []);
  return found.filter(({ pattern }) => readsAllOf(e, formula(pattern))).sort((a, b) => a.at - b.at);
}
/** The patterns by the first tensor that they read, so many of them so far. */
interface Index<P> {
  count: number;
  readonly first: Map<string, Candidate<P>[]>;
}
const indexes = new WeakMap<readonly object[], Index<object>>();

/**
 * The bindings of the statement's indices under which each read of the pattern may be one of the candidate, within
 * what the statement defines. Whether all of the pattern is there is left to the caller.
 */
export function* bindingsOf(
  statement: Statement,
  pattern: Expression,
  candidate: Expression,
  facts: Facts,
): Generator<Binding> {
  const indices = new Set(statement.indices.map((i) => i.name));
  const isInside = (by: Binding): boolean =>
    by.size === indices.size &&
    statement.indices.every(({ name, extent }) =>
      proves(facts, build.within(by.get(name)!, integer.zero, extent)),
    );
  for (const by of extended(new Map(), readsIn(pattern), readsIn(candidate), indices))
    if (isInside(by)) yield by;
}

/** The tensor of the statement at an instance of its indices. */
export const readOf = ({ tensor, subscripts }: Statement, by: Binding): Read =>
  build.read(
    tensor,
    subscripts.map((s) => integer.substituteInt(s, by)),
  );

/** Only reads that bind another index are tried in every place; the others are compared with the whole. */
function* extended(
  by: Binding,
  [pattern, ...others]: readonly Read[],
  candidates: readonly Read[],
  indices: ReadonlySet<string>,
): Generator<Binding> {
  if (!pattern) {
    yield by;
    return;
  }
  const binds = pattern.subscripts.some((s) => openIn(s, by, indices) !== undefined);
  if (!binds) {
    yield* extended(by, others, candidates, indices);
    return;
  }
  const tried = new Set<string>();
  for (const candidate of candidates) {
    const key = keyOfExpression(candidate);
    if (candidate.tensor !== pattern.tensor || tried.has(key)) continue;
    tried.add(key);
    const next = unified(by, pattern, candidate, indices);
    if (next) yield* extended(next, others, candidates, indices);
  }
}

/** The one index in a subscript that nothing is bound to yet; undefined where there is none, or more than one. */
function openIn(subscript: Int, by: Binding, indices: ReadonlySet<string>): string | undefined {
  const [open, ...more] = [...integer.variablesOf(subscript)].filter(
    (name) => indices.has(name) && !by.has(name),
  );
  return more.length === 0 ? open : undefined;
}
/** i where a·i + b is the value. */
function solvedFor(name: string, subscript: Int, value: Int, by: Binding): Int | undefined {
  const parts = integer.affineIn(subscript, name);
  return (
    parts && integer.quotient(integer.minus(value, integer.substituteInt(parts.rest, by)), parts.coefficient)
  );
}

/** The binding under which the two reads are one; subscripts that settle no index are left open. */
function unified(
  by: Binding,
  pattern: Read,
  candidate: Read,
  indices: ReadonlySet<string>,
): Binding | undefined {
  const found = new Map(by);
  for (const [axis, subscript] of pattern.subscripts.entries()) {
    const value = candidate.subscripts[axis];
    const name = integer.plainVariable(subscript);
    if (value === undefined) return undefined;
    const known = name === undefined ? undefined : found.get(name);
    if (known && !integer.equal(known, value)) return undefined;
    const open = openIn(subscript, found, indices);
    const solved = open === undefined ? undefined : solvedFor(open, subscript, value, found);
    if (open !== undefined && solved) found.set(open, solved);
  }
  return found;
}
