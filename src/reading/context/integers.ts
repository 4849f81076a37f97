/** Integers of indices, sizes and params, as a document writes them. */
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Scope } from "./scope.js";
import type { Term } from "../terms/term.js";
import { call, minus, name, negative, num, over, plus, power, times } from "../terms/make.js";
import { Unreadable } from "../document/unreadable.js";
import { indexName, named } from "./names.js";
import { solve } from "./relations.js";
import type { Context } from "./context.js";

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
    case "cases":
    case "comparison":
    case "differential":
    case "either":
    case "element":
    case "inner":
    case "partial":
    case "reduction":
    case "root":
    case "slice":
    case "text":
    case "tuple":
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
  const found = named(symbol, survey);
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

/** By custom h runs below H, where the document has a size H. */
export function sizeOfIndex(index: string, { survey, sizes }: Context): Term | undefined {
  const capital = index.replaceAll("'", "").toUpperCase();
  const known = survey.sizes.has(capital) || sizes.some((size) => size.name === capital);
  return known && !survey.indices.has(capital) ? name(capital) : undefined;
}
