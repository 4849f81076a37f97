/** The binders of a reduction: `c`, `r < R`, `1 <= j <= i`. */
import type { Binder } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { toInt } from "./integers.js";
import { say } from "./messages.js";
import { isTakenForIndices } from "./names.js";
import { fail, unknownExtent, type Scope, type Symbols } from "./scope.js";
import type { NameTree, ReductionTree, Tree } from "./tree.js";

/** Bounds as written: `from (<|<=) name (<|<=) to`. */
interface Range {
  readonly name: NameTree;
  readonly lower?: { readonly tree: Tree; readonly strict: boolean };
  readonly upper?: { readonly tree: Tree; readonly strict: boolean };
}

/** The binders, and the scope of the body: the names bound, inside a reduction. */
export function bindersOf(tree: ReductionTree, scope: Scope): { binders: readonly Binder[]; inner: Scope } {
  const indices = new Map(scope.indices);
  // one map that grows: a later binder sees the earlier ones
  const inner: Scope = { ...scope, indices };
  const binders: Binder[] = [];
  if (tree.binders.length === 0) fail(scope, tree, say.noBinders(tree.name));
  for (const written of tree.binders) {
    const range = rangeOf(written, inner);
    if (!range) {
      fail(scope, written, say.binderForm());
      continue;
    }
    const { name } = range;
    checkBinderName(name, inner);
    const bound = (side: { tree: Tree; strict: boolean }, add: boolean): Int => {
      const value = toInt(side.tree, inner);
      return add ? integer.plus(value, integer.one) : value;
    };
    const lower = range.lower ? bound(range.lower, range.lower.strict) : integer.zero;
    const upper = range.upper
      ? bound(range.upper, !range.upper.strict)
      : unknownExtent(scope.symbols, name.name);
    binders.push({ name: name.name, lower, upper, at: { start: written.start, end: written.end } });
    indices.set(name.name, { lower, upper });
  }
  return { binders, inner };
}

function rangeOf(tree: Tree, scope: Scope): Range | undefined {
  if (tree.kind === "name") return { name: tree };
  if (tree.kind !== "compare" || tree.operators.some((o) => o !== "<" && o !== "<=")) return undefined;
  const [first, second, third] = tree.operands;
  const [one, two] = tree.operators.map((o) => o === "<");
  if (!first || !second || one === undefined) return undefined;
  if (third && two !== undefined)
    return second.kind === "name"
      ? { name: second, lower: { tree: first, strict: one }, upper: { tree: third, strict: two } }
      : undefined;
  // `j <= i` binds its left name; `1 <= j` its right one, from 1 on
  const bindsRight =
    second.kind === "name" &&
    !isKnown(second.name, scope) &&
    (first.kind !== "name" || isKnown(first.name, scope));
  if (bindsRight) return { name: second, lower: { tree: first, strict: one } };
  return first.kind === "name" ? { name: first, upper: { tree: second, strict: one } } : undefined;
}
const isKnown = (name: string, { indices, symbols }: Scope): boolean =>
  indices.has(name) || symbols.values.has(name);

function checkBinderName(tree: NameTree, scope: Scope): void {
  const { name } = tree;
  if (isTakenForIndices(name)) return fail(scope, tree, say.taken(name));
  const hidden = scope.indices.has(name) ? "an index" : valueCalled(name, scope.symbols);
  if (hidden) fail(scope, tree, say.hides(name, hidden));
}

/** What a value of this name is, in words. */
export function valueCalled(name: string, symbols: Symbols): string | undefined {
  const value = symbols.values.get(name);
  if (value) return value.kind === "derived" ? "a size" : `a ${value.kind}`;
  return symbols.tensors.get(name)?.rank === 0 ? "a scalar" : undefined;
}
