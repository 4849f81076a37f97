/** Accents, primes, superscripts and the like, which make another value of a tensor. */
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { elementwise, sameShape, transpose, type Value } from "../terms/value.js";
import { accessOf } from "./access.js";
import { elementOf, valueOf } from "./elements.js";
import { indexName, named } from "../context/names.js";
import { minus, num, over, plus, power } from "../terms/make.js";
import { symbolValues } from "./tensors.js";
import { integer } from "../context/integers.js";
import type { Term } from "../terms/term.js";
import { Unreadable } from "../document/unreadable.js";
import { meanings } from "./meaning.js";

/** ∂L/∂ what the formula names. */
export function gradientOf(formula: Formula, scope: Scope): readonly Value[] {
  const access = accessOf(formula, scope);
  return [valueOf(access, scope, (tensor, place) => ({ kind: "gradient", of: tensor.id, subs: place }))];
}

/** A name with an accent that the document explains in words, where no formula defines it. */
export function withAccent(
  symbol: Symbol_,
  list: readonly Formula[] | undefined,
  scope: Scope,
): readonly Value[] | undefined {
  const { context } = scope;
  const mark = symbol.marks.at(-1);
  const accent = mark === undefined ? undefined : context.accents.get(mark);
  const found = named(symbol, context.survey);
  const subs = list ?? found?.subs;
  if (!accent || !found || !subs || context.tensors.some((tensor) => tensor.name === found.name))
    return undefined;
  const plain: Symbol_ = { ...symbol, marks: symbol.marks.slice(0, -1), subs: undefined };
  const rank = subs.length;
  const alias = named(plain, context.survey)?.name;
  const isAlias = context.aliases.some((one) => one.name === alias);
  const bases = isAlias
    ? gradientOf(withSubs(context.aliases.find((one) => one.name === alias)!.of, slices(subs)), scope)
    : symbolValues({ ...plain, subs: slices(subs) }, undefined, scope);
  scope.notes.add(`the accent of ${found.name} is read by the words beside it`);
  return bases.flatMap((base) => {
    if (base.shape.length !== rank || rank < 2) return [];
    const shape = accent.exchanged ? [base.shape[1]!, base.shape[0]!, ...base.shape.slice(2)] : base.shape;
    const outside = { ...scope, indices: new Map() };
    const padding = accent.padding && integer(accent.padding, outside);
    const step = accent.zeros && plus(integer(accent.zeros, outside), num(1));
    const inserted = symbol.marks.some((one) => context.accents.get(one)?.zeros);
    if (inserted) checkInserted(subs, base.shape, scope);
    if (inserted && accent.rotated)
      throw new Unreadable("a map with zeros inserted is rotated: how large it is is not said", symbol.at);
    const at = (place: readonly Term[]): Term => {
      const [first, second, ...rest] = place;
      const inner = rest.map((one, axis) => {
        const turned = accent.rotated ? minus(minus(shape[axis + 2]!, num(1)), one) : one;
        const inside = padding ? minus(turned, padding) : turned;
        return step ? over(inside, step) : inside;
      });
      return base.at(accent.exchanged ? [second!, first!, ...inner] : [first!, second!, ...inner]);
    };
    return elementOf({ shape, at }, subs, scope, symbol.at) ?? [];
  });
}
/** The map with zeros between its elements is larger: an index that runs below the old size leaves open what is meant. */
function checkInserted(subs: readonly Formula[], shape: readonly Term[], { context, ranges }: Scope): void {
  subs.slice(2).forEach((sub, i) => {
    const index = indexName(sub);
    const range = index === undefined ? undefined : ranges.get(index);
    if (range && sameShape([context.settled(range)], [context.settled(shape[i + 2]!)]))
      throw new Unreadable(`how far ${index} runs in the map with zeros inserted is not said`, sub.at);
  });
}

const slices = (subs: readonly Formula[]): readonly Formula[] =>
  subs.map(({ at }) => ({ kind: "slice", at }));

/** `d_y`, `d_{y_i}` */
export function gradientMark(
  symbol: Symbol_,
  list: readonly Formula[] | undefined,
  scope: Scope,
): readonly Value[] | undefined {
  const [sub, ...rest] = symbol.subs ?? [];
  if (
    symbol.letter !== "d" ||
    sub?.kind !== "symbol" ||
    rest.length > 0 ||
    symbol.primes > 0 ||
    symbol.marks.length > 0
  )
    return undefined;
  const found = named(sub, scope.context.survey);
  const known = found && scope.context.tensors.some((tensor) => tensor.name === found.name);
  return known ? gradientOf(withSubs(sub, list ?? sub.subs), scope) : undefined;
}

export function primed(
  symbol: Symbol_,
  list: readonly Formula[] | undefined,
  scope: Scope,
): readonly Value[] {
  const plain: Symbol_ = { ...symbol, primes: symbol.primes - 1 };
  if (symbol.primes > 1) throw new Unreadable("what the primes mean is not said", symbol.at);
  if (scope.context.survey.primesAreGradients)
    return gradientOf(
      list ? { kind: "application", of: plain, arguments: list, at: symbol.at } : plain,
      scope,
    );
  if (list || symbol.subs) throw new Unreadable("what the prime means is not said", symbol.at);
  return symbolValues(plain, undefined, scope).flatMap((value) => transpose(value) ?? []);
}

/** A superscript that is no layer: a power. */
export function raised(
  symbol: Symbol_,
  list: readonly Formula[] | undefined,
  scope: Scope,
): readonly Value[] {
  if (!symbol.sup || list) throw new Unreadable("this superscript is not understood", symbol.at);
  if (symbol.sup.kind === "symbol" && !scope.indices.has(symbol.sup.letter))
    throw new Unreadable(`the superscript ${symbol.sup.letter} is not explained by a formula`, symbol.sup.at);
  const plain = named({ ...symbol, sup: undefined }, scope.context.survey)?.name;
  if (symbol.sup.kind === "symbol" && scope.context.tensors.some((tensor) => tensor.name === plain))
    throw new Unreadable(`whether ${symbol.sup.letter} is a power or an index is not said`, symbol.sup.at);
  const bases = symbolValues({ ...symbol, sup: undefined }, undefined, scope);
  return bases.flatMap((a) =>
    meanings(symbol.sup!, scope).flatMap((b) =>
      b.shape.length === 0 ? (elementwise(a, b, power) ?? []) : [],
    ),
  );
}
export const withSubs = (symbol: Symbol_, subs: readonly Formula[] | undefined): Formula => ({
  ...symbol,
  subs,
});
