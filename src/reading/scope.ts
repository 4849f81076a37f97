/** What names stand for inside one statement: its indices, and the integers made of them. */
import { inView, type Context } from "./context.js";
import type { Binder, Formula, Symbol_ } from "./formula.js";
import { indexName, named } from "./names.js";
import { call, minus, name, negative, num, over, plus, power, times, type Bound, type Term } from "./term.js";
import { Unreadable } from "./unreadable.js";

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

/** An integer of indices, sizes and params, as the document counts. */
export function integer(formula: Formula, scope: Scope): Term {
  const sub = (inner: Formula): Term => integer(inner, scope);
  switch (formula.kind) {
    case "number":
      return num(formula.value);
    case "symbol":
      return integerName(formula, scope);
    case "negative":
      return negative(sub(formula.of));
    case "sum":
      return (formula.sign === "+" ? plus : minus)(sub(formula.left), sub(formula.right));
    case "product":
      if (!["", "·", "*", "×"].includes(formula.sign)) break;
      return times(sub(formula.left), sub(formula.right));
    case "quotient":
      return over(sub(formula.left), sub(formula.right));
    case "power":
      return power(sub(formula.base), sub(formula.exponent));
    case "floor":
    case "ceil":
      return call(formula.kind, sub(formula.of));
    case "application": {
      const { letter } = formula.of;
      if (letter === "max" || letter === "min") return call(letter, ...formula.arguments.map(sub));
      const [only, ...rest] = formula.arguments;
      // S(h + 1)
      if (only && rest.length === 0) return times(integerName(formula.of, scope), sub(only));
      break;
    }
    default:
  }
  throw new Unreadable("this is no integer of indices and sizes", formula.at);
}

function integerName(symbol: Symbol_, scope: Scope): Term {
  const { context } = scope;
  const index = indexName(symbol);
  if (index !== undefined) {
    const bound = scope.indices.get(index);
    if (bound) return bound;
  }
  const size = sizeName(symbol, context);
  if (size !== undefined && isSize(symbol, size, context)) return name(size);
  const solved = index === undefined ? undefined : solve(index, scope);
  if (solved) return solved;
  if (size === undefined) throw new Unreadable("this superscript is not understood", symbol.at);
  throw new Unreadable(
    `${index ?? size} is neither summed over, nor an index on the left, nor a size`,
    symbol.at,
  );
}
export const sizeName = (symbol: Symbol_, { survey }: Context): string | undefined => {
  const found = named(symbol, survey.layerLetters);
  return found && !found.subs && symbol.primes === 0 ? found.name : undefined;
};
/** Sizes and params: words, capitals, names with a word or a layer, and what shapes and limits are made of. */
const isSize = (symbol: Symbol_, text: string, { survey, tensors }: Context): boolean =>
  symbol.letter.length > 1 ||
  symbol.subs !== undefined ||
  symbol.sup !== undefined ||
  /^\p{Lu}/u.test(text) ||
  tensors.some(
    ({ declared, shape }) =>
      declared && shape.some((extent) => extent.kind === "name" && extent.name === text),
  ) ||
  (survey.sizes.has(symbol.letter) && !survey.indices.has(symbol.letter));

/** An index by what the document says of how indices depend on each other: `h = p*stride - pad + r` gives h, p and r. */
function solve(index: string, scope: Scope): Term | undefined {
  if (scope.solving?.has(index)) return undefined;
  const { context, mapsBefore } = scope;
  const inner: Scope = { ...scope, solving: new Set([...(scope.solving ?? []), index]) };
  for (const map of inView(context.maps, mapsBefore)) {
    const found =
      attempt(() => solveOne(map.left, map.right, index, inner)) ??
      attempt(() => solveOne(map.right, map.left, index, inner));
    if (found) return found;
  }
  return undefined;
}
const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
};

/** Unwraps the side that holds the index until it stands alone. */
function solveOne(side: Formula, other: Formula, index: string, scope: Scope): Term | undefined {
  if (!holds(side, index)) return undefined;
  let value = integer(other, scope);
  let rest = side;
  for (;;) {
    if (indexName(rest) === index) return value;
    if (rest.kind === "sum") {
      const left = holds(rest.left, index);
      if (left === holds(rest.right, index)) return undefined;
      const known = integer(left ? rest.right : rest.left, scope);
      value = left
        ? rest.sign === "+"
          ? minus(value, known)
          : plus(value, known)
        : rest.sign === "+"
          ? minus(value, known)
          : minus(known, value);
      rest = left ? rest.left : rest.right;
    } else if (rest.kind === "product") {
      const left = holds(rest.left, index);
      if (left === holds(rest.right, index)) return undefined;
      value = over(value, integer(left ? rest.right : rest.left, scope));
      rest = left ? rest.left : rest.right;
    } else if (rest.kind === "quotient" && holds(rest.left, index) && !holds(rest.right, index)) {
      value = times(value, integer(rest.right, scope));
      rest = rest.left;
    } else return undefined;
  }
}
function holds(formula: Formula, index: string): boolean {
  if (indexName(formula) === index) return true;
  switch (formula.kind) {
    case "sum":
    case "product":
    case "quotient":
      return holds(formula.left, index) || holds(formula.right, index);
    case "negative":
      return holds(formula.of, index);
    default:
      return false;
  }
}

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

/** By custom h runs below H, where the document has a size H. */
export function sizeOfIndex(index: string, { survey, sizes }: Context): Term | undefined {
  const capital = index.replaceAll("'", "").toUpperCase();
  const known = survey.sizes.has(capital) || sizes.some((size) => size.name === capital);
  return known && !survey.indices.has(capital) ? name(capital) : undefined;
}
