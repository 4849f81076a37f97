/** Tensors whose shapes are not said: by the indices that they are used with, or by their letters. */
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { type Access, split, spread } from "./access.js";
import { Unreadable } from "../document/unreadable.js";
import { indexName } from "../context/names.js";
import type { Term } from "../terms/term.js";
import { sizeOfIndex } from "../context/integers.js";

/** By custom a capital is a matrix and a small letter a vector, where nothing is said. */
export function byLetter(text: string, symbol: Symbol_, scope: Scope, wanted?: readonly Term[]): Access {
  if (symbol.letter.length > 1) throw new Unreadable(`the shape of ${text} is not given`, symbol.at);
  const { context, at } = scope;
  const weight = /^[WKUVwb\u03b1-\u03c9]/u.test(text);
  // y beside ŷ has its shape
  const sibling = context.tensors.findLast((tensor) => plainName(tensor.name) === plainName(text));
  const given = sibling?.shape ?? (wanted?.length === 0 ? [] : undefined);
  if (given) {
    if (!sibling) scope.notes.add(`the shape of ${text} is not given: it is read as a number`);
    const tensor = context.declare({ name: text, shape: given, weight, at, declared: false });
    return { tensor, subs: tensor.shape.map(() => undefined) };
  }
  const rank = /^\p{Lu}/u.test(symbol.letter) ? 2 : 1;
  const shape = Array.from({ length: rank }, (_, axis) => context.invent(`${text.toUpperCase()}_${axis}`));
  scope.notes.add(`the shape of ${text} is not given: it is read as a ${rank === 2 ? "matrix" : "vector"}`);
  const tensor = context.declare({ name: text, shape, weight, at, declared: false });
  return { tensor, subs: tensor.shape.map(() => undefined) };
}

const plainName = (text: string): string => text.replaceAll(/\p{M}/gu, "");

/** A tensor whose shape is not said has that of the indices that it is used with, and `more` axes that have none. */
export function declareByUse(
  text: string,
  given: readonly Formula[],
  scope: Scope,
  at: number,
  more: readonly Term[] = [],
): Access {
  const { context } = scope;
  const isIndex = (sub: Formula): boolean => {
    const index = indexName(sub);
    return (
      index !== undefined &&
      (scope.indices.has(index) || context.survey.indices.has(index)) &&
      index.length === 1
    );
  };
  const apart = split(given);
  const subs = apart.length > given.length && apart.every(isIndex) ? apart : given;
  const shape = subs.map((sub, axis): Term => {
    const index = indexName(sub);
    if (index === undefined) return context.invent(`${text.toUpperCase()}_${axis}`);
    return (
      scope.ranges.get(index) ??
      sizeOfIndex(index, context) ??
      context.invent(index.replaceAll("'", "").toUpperCase())
    );
  });
  const weight = /^[WKUVwkb]/u.test(text);
  const whole = [...shape, ...more];
  const declared = more.length > 0;
  const tensor = context.declare({ name: text, shape: whole, weight, at: scope.at, declared });
  return { tensor, subs: spread(tensor, subs, at) };
}
