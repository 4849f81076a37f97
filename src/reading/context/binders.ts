/** Binders of sums, and the ranges that they give to indices. */
import type { Binder, Formula } from "../latex/formula.js";
import { bind, type Scope } from "./scope.js";
import type { Bound, Term } from "../terms/term.js";
import { indexName } from "./names.js";
import { Unreadable } from "../document/unreadable.js";
import { minus, num, plus } from "../terms/make.js";
import { integer, sizeOfIndex } from "./integers.js";

/** Binders of a sum, outermost first, and the scope of its body. */
export function bindAll(
  binders: readonly Binder[],
  scope: Scope,
): { readonly bounds: readonly Bound[]; readonly inner: Scope } {
  const bounds: Bound[] = [];
  let inner = scope;
  for (const { index, from, to, at } of binders) {
    const text = indexName(index);
    if (text === undefined) throw new Unreadable("this is no index to sum over", at);
    if (scope.indices.has(text))
      throw new Unreadable(`${text} is summed over and stands for something else already`, at);
    const first = from ? minus(integer(from, inner), num(scope.base)) : undefined;
    const below = to ? plus(upper(to, inner), num(1 - scope.base)) : sizeOfIndex(text, scope.context);
    bounds.push({ name: text, from: first, below });
    const fromZero = !first || (first.kind === "number" && first.value === 0);
    inner = bind(inner, [text], new Map([[text, fromZero ? below : undefined]]));
  }
  return { bounds, inner };
}

/** `R - l` is a misprint of `R - 1` where l is no size. */
function upper(to: Formula, scope: Scope): Term {
  if (
    to.kind === "sum" &&
    to.sign === "-" &&
    to.right.kind === "symbol" &&
    ["l", "I"].includes(to.right.letter)
  ) {
    const { letter, sup, subs } = to.right;
    const known =
      scope.indices.has(letter) ||
      scope.context.tensors.some(({ shape }) => shape.some((e) => e.kind === "name" && e.name === letter));
    if (!sup && !subs && !known) {
      scope.notes.add(`the limit’s ${letter} is read as the digit 1`);
      return minus(integer(to.left, scope), num(1));
    }
  }
  return integer(to, scope);
}
