/** What names stand for inside one statement. */
import type { Context } from "./context.js";
import type { Term } from "../terms/term.js";
import { name, num, plus } from "../terms/make.js";

export interface Scope {
  readonly context: Context;
  /** The place in the document, which says what is known. */
  readonly at: number;
  /** How far back relations between indices are looked for. */
  readonly mapsBefore: number;
  /** 1 where the statement counts from 1. */
  readonly base: 0 | 1;
  /** The value of an index as the document counts it: `i + 1` in a document that counts from 1. */
  readonly indices: ReadonlyMap<string, Term>;
  /** How far indices run: `0 <= i < E`, by their names here. */
  readonly ranges: ReadonlyMap<string, Term>;
  /** Whether names that are new here are inputs. In a gradient they have to be known. */
  readonly introduces: boolean;
  /** Where axes are told by their indices: the orders met. */
  readonly orders?: Set<string> | undefined;
  /** Subscripts in which an index that a relation gives was put in and cancelled: a mistake may be undone by that. */
  readonly undone?: Set<string>;
  /** In ∂y/∂x what y is written with beside x is held fixed; else all paths from x to y count. */
  readonly local?: boolean;
  /** What was assumed, to be told to the reader. */
  readonly notes: Set<string>;
  /** Indices that are being solved for, which must not be asked again. */
  readonly solving?: ReadonlySet<string>;
}

/** A scope in which these indices are bound, counted from 0. */
export function bind(
  scope: Scope,
  names: readonly string[],
  ranges: ReadonlyMap<string, Term | undefined>,
): Scope {
  const indices = new Map(scope.indices);
  const all = new Map(scope.ranges);
  for (const text of names) {
    indices.set(text, plus(name(text), num(scope.base)));
    const range = ranges.get(text);
    if (range) all.set(text, range);
    else all.delete(text);
  }
  return { ...scope, indices, ranges: all };
}
export const scopeAt = (context: Context, at: number, base: 0 | 1 = 0): Scope => ({
  context,
  at,
  mapsBefore: at,
  base,
  indices: new Map(),
  ranges: new Map(),
  introduces: true,
  notes: new Set(),
});
