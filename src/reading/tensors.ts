/** Names of tensors and of their gradients → values: which tensor is meant, and which element or slice of it. */
import { inView, type Context, type Tensor } from "./context.js";
import type { Formula, Symbol_ } from "./formula.js";
import { indexName, isTransposition, named } from "./names.js";
import { integer, sizeName, sizeOfIndex, type Scope } from "./scope.js";
import { minus, name, num, power, print, type Term } from "./term.js";
import { Unreadable } from "./unreadable.js";
import { elementwise, isOne, printShape, scalar, transpose, type Value } from "./value.js";
import { meanings } from "./meaning.js";

/** A tensor with the subscripts that a formula gives it, in brackets or in parentheses. */
export interface Access {
  readonly tensor: Tensor;
  /** One for each axis; undefined where the axis is not spoken of. */
  readonly subs: readonly (Formula | undefined)[];
}

/** All readings of a name, with its arguments if it has any; none where it is no tensor, index or size. */
export function symbolValues(
  symbol: Symbol_,
  list: readonly Formula[] | undefined,
  scope: Scope,
  wanted?: readonly Term[],
): readonly Value[] {
  const { context } = scope;
  const index = list ? undefined : indexName(symbol);
  const bound = index === undefined ? undefined : scope.indices.get(index);
  if (bound) return [scalar(bound)];
  const accented = withAccent(symbol, list, scope);
  if (accented) return accented;
  const marked = gradientMark(symbol, list, scope);
  if (marked) return marked;
  if (isTransposition(symbol.sup) && !list)
    return symbolValues({ ...symbol, sup: undefined }, undefined, scope).flatMap(
      (value) => transpose(value) ?? [],
    );
  if (symbol.primes > 0) return primed(symbol, list, scope);
  const found = named(symbol, context.survey.layerLetters);
  if (!found) return raised(symbol, list, scope);
  const alias = inView(context.aliases.filter((a) => a.name === found.name), scope.at)[0]; // prettier-ignore
  const subs = list ?? found.subs;
  if (alias) return gradientOf(withSubs(alias.of, subs), scope);
  const access = accessTo(found.name, symbol, subs, list !== undefined, scope, wanted);
  if (access)
    return [valueOf(access, scope, (tensor, place) => ({ kind: "read", tensor: tensor.id, subs: place }))];
  if (subs) {
    if (list && !isElementary(list)) return [];
    if (!scope.introduces) throw new Unreadable(`${found.name} is not defined by a formula`, symbol.at);
    return [valueOf(declareByUse(found.name, subs, scope, symbol.at), scope, readOf)];
  }
  const size = sizeName(symbol, context);
  if (size !== undefined && isScalarName(symbol, size, context)) return [scalar(name(size))];
  if (scope.introduces) return [valueOf(byLetter(found.name, symbol, scope), scope, readOf)];
  throw new Unreadable(`the shape of ${found.name} is not given`, symbol.at);
}
/** By custom a capital is a matrix and a small letter a vector, where nothing is said. */
export function byLetter(text: string, symbol: Symbol_, scope: Scope): Access {
  if (symbol.letter.length > 1) throw new Unreadable(`the shape of ${text} is not given`, symbol.at);
  const rank = /^\p{Lu}/u.test(symbol.letter) ? 2 : 1;
  const { context, at } = scope;
  const shape = Array.from({ length: rank }, (_, axis) => context.invent(`${text.toUpperCase()}_${axis}`));
  scope.notes.add(`the shape of ${text} is not given: it is read as a ${rank === 2 ? "matrix" : "vector"}`);
  const tensor = context.declare({ name: text, shape, weight: /^[WKUVwb]/u.test(text), at, declared: false });
  return { tensor, subs: tensor.shape.map(() => undefined) };
}
const readOf = (tensor: Tensor, place: readonly Term[]): Term => ({
  kind: "read",
  tensor: tensor.id,
  subs: place,
});

/** ∂L/∂ what the formula names. */
export function gradientOf(formula: Formula, scope: Scope): readonly Value[] {
  const access = accessOf(formula, scope);
  return [valueOf(access, scope, (tensor, place) => ({ kind: "gradient", of: tensor.id, subs: place }))];
}

/** Which tensor, and which part of it, a formula names. */
export function accessOf(formula: Formula, scope: Scope): Access {
  const { context } = scope;
  const squared = squareOf(formula, context);
  if (squared) return { tensor: squared.tensor, subs: spread(squared.tensor, squared.subs, formula.at) };
  const symbol = formula.kind === "application" ? formula.of : formula;
  if (symbol.kind !== "symbol")
    throw new Unreadable("a derivative is by a tensor or an element of one", formula.at);
  const list = formula.kind === "application" ? formula.arguments : undefined;
  const found = symbol.primes > 0 ? undefined : named(symbol, context.survey.layerLetters);
  if (!found) throw new Unreadable("this name is not understood", symbol.at);
  const subs = list ?? found.subs;
  const access = accessTo(found.name, symbol, subs, list !== undefined, scope);
  if (!access)
    throw new Unreadable(
      `${found.name}${subs ? ` with ${subs.length} subscripts` : ""} is not defined`,
      symbol.at,
    );
  return access;
}

/** `σ^2` where a tensor is the square itself: the variance. */
export function squareOf(
  formula: Formula,
  { tensors, survey }: Context,
): { tensor: Tensor; subs: readonly Formula[] | undefined } | undefined {
  if (
    formula.kind !== "power" ||
    formula.base.kind !== "symbol" ||
    formula.exponent.kind !== "number" ||
    formula.exponent.value !== 2
  )
    return undefined;
  const found = named(formula.base, survey.layerLetters);
  const tensor = found && tensors.findLast((t) => t.name === `${found.name}2`);
  return tensor && { tensor, subs: found.subs };
}

/** A name with an accent that the document explains in words, where no formula defines it. */
function withAccent(
  symbol: Symbol_,
  list: readonly Formula[] | undefined,
  scope: Scope,
): readonly Value[] | undefined {
  const { context } = scope;
  const [mark, ...more] = symbol.marks;
  const accent = mark === undefined || more.length > 0 ? undefined : context.accents.get(mark);
  const found = named(symbol, context.survey.layerLetters);
  const subs = list ?? found?.subs;
  if (!accent || !found || !subs || context.tensors.some((tensor) => tensor.name === found.name))
    return undefined;
  const plain: Symbol_ = { ...symbol, marks: [], subs: undefined };
  const rank = subs.length;
  const alias = named(plain, context.survey.layerLetters)?.name;
  const isAlias = context.aliases.some((one) => one.name === alias);
  const bases = isAlias
    ? gradientOf(withSubs(context.aliases.find((one) => one.name === alias)!.of, slices(subs)), scope)
    : symbolValues({ ...plain, subs: slices(subs) }, undefined, scope);
  scope.notes.add(`the accent of ${found.name} is read by the words beside it`);
  return bases.flatMap((base) => {
    if (base.shape.length !== rank || rank < 2) return [];
    const shape = accent.exchanged ? [base.shape[1]!, base.shape[0]!, ...base.shape.slice(2)] : base.shape;
    const padding = accent.padding && integer(accent.padding, { ...scope, indices: new Map() });
    const at = (place: readonly Term[]): Term => {
      const [first, second, ...rest] = place;
      const inner = rest.map((one, axis) => {
        const turned = accent.rotated ? minus(minus(shape[axis + 2]!, num(1)), one) : one;
        return padding ? minus(turned, padding) : turned;
      });
      return base.at(accent.exchanged ? [second!, first!, ...inner] : [first!, second!, ...inner]);
    };
    return elementOf({ shape, at }, subs, scope, symbol.at) ?? [];
  });
}
const slices = (subs: readonly Formula[]): readonly Formula[] =>
  subs.map(({ at }) => ({ kind: "slice", at }));

/** `d_y`, `d_{y_i}` */
function gradientMark(
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
  const found = named(sub, scope.context.survey.layerLetters);
  const known = found && scope.context.tensors.some((tensor) => tensor.name === found.name);
  return known ? gradientOf(withSubs(sub, list ?? sub.subs), scope) : undefined;
}
function primed(symbol: Symbol_, list: readonly Formula[] | undefined, scope: Scope): readonly Value[] {
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
function raised(symbol: Symbol_, list: readonly Formula[] | undefined, scope: Scope): readonly Value[] {
  if (!symbol.sup || list) throw new Unreadable("this superscript is not understood", symbol.at);
  if (symbol.sup.kind === "symbol" && !scope.indices.has(symbol.sup.letter))
    throw new Unreadable(`the superscript ${symbol.sup.letter} is not explained by a formula`, symbol.sup.at);
  const bases = symbolValues({ ...symbol, sup: undefined }, undefined, scope);
  return bases.flatMap((a) =>
    meanings(symbol.sup!, scope).flatMap((b) =>
      b.shape.length === 0 ? (elementwise(a, b, power) ?? []) : [],
    ),
  );
}
const withSubs = (symbol: Symbol_, subs: readonly Formula[] | undefined): Formula => ({ ...symbol, subs });

/** Real numbers with a name of their own: ε, λ, α. */
function isScalarName(symbol: Symbol_, text: string, { survey, tensors }: Context): boolean {
  if (symbol.sup) return survey.sizes.has(symbol.letter);
  if (symbol.letter.length > 1 || symbol.subs) return true;
  if (/^[\u03b1-\u03c9]$/u.test(text)) return true;
  return (
    survey.sizes.has(text) ||
    tensors.some(({ shape }) => shape.some((e) => e.kind === "name" && e.name === text))
  );
}

/** The tensor of this name whose axes the subscripts fit. Elements of a matrix W are also written w. */
function accessTo(
  text: string,
  symbol: Symbol_,
  given: readonly Formula[] | undefined,
  called: boolean,
  scope: Scope,
  wanted?: readonly Term[],
): Access | undefined {
  const { context, at } = scope;
  const other = swapCase(text);
  const [own, cased] = [text, other].map((n) => context.tensorsOf(n, at));
  const all = [...own!, ...cased!];
  if (!given) {
    // only elements of W are written w: a whole w is another tensor
    const whole = own!.toSorted((a, b) => Number(fitsWanted(b, wanted)) - Number(fitsWanted(a, wanted)));
    return whole[0] && { tensor: whole[0], subs: whole[0].shape.map(() => undefined) };
  }
  for (const subs of [given, split(given)]) {
    const ranked = all.filter((tensor) => tensor.shape.length === subs.length);
    const exact = ranked.length > 0 ? ranked : all.filter((tensor) => notOnes(tensor) === subs.length);
    const fits = (custom: boolean) => (tensor: Tensor) =>
      fitsRanges({ tensor, subs: spread(tensor, subs, symbol.at) }, scope, custom);
    const fitting = exact.find(fits(true)) ?? exact.find(fits(false));
    // in a definition, indices of other ranges are those of another tensor
    const tensor = fitting ?? (scope.introduces ? undefined : exact[0]);
    if (tensor) return { tensor, subs: spread(tensor, subs, symbol.at) };
  }
  // x_i of a batch x: the rest of the axes is implied
  const partial = called
    ? undefined
    : all.find((tensor) => tensor.declared && tensor.shape.length > given.length);
  return partial && { tensor: partial, subs: spread(partial, given, symbol.at) };
}
/** Whether indices stand on axes of their range, or of the size that they run below by custom. */
const fitsRanges = ({ tensor, subs }: Access, scope: Scope, custom: boolean): boolean =>
  subs.every((sub, axis) => {
    const index = sub && indexName(sub);
    const range =
      index === undefined
        ? undefined
        : (scope.ranges.get(index) ?? (custom ? sizeOfIndex(index, scope.context) : undefined));
    return !range || scope.context.agree(range, tensor.shape[axis]!);
  });
const fitsWanted = (tensor: Tensor, wanted: readonly Term[] | undefined): boolean =>
  wanted !== undefined && tensor.shape.length === wanted.length;
const notOnes = ({ shape }: Tensor): number => shape.filter((extent) => !isOne(extent)).length;
const swapCase = (text: string): string => {
  const first = text[0] ?? "";
  return (first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase()) + text.slice(1);
};
/** `W_{ji}`: two indices. */
const split = (subs: readonly Formula[]): readonly Formula[] =>
  subs.flatMap((sub) => (sub.kind === "product" && sub.sign === "" ? split([sub.left, sub.right]) : [sub]));
/** Subscripts to axes; axes of one element have none where there are too few. */
function spread(
  tensor: Tensor,
  subs: readonly Formula[] | undefined,
  at: number,
): readonly (Formula | undefined)[] {
  if (!subs) return tensor.shape.map(() => undefined);
  const skips = subs.length < tensor.shape.length && notOnes(tensor) === subs.length;
  const queue = [...subs];
  return tensor.shape.map((extent) =>
    skips && isOne(extent) ? { kind: "number", value: NaN, at } : queue.shift(),
  );
}

const isElementary = (list: readonly Formula[]): boolean =>
  list.length > 1 && list.every((sub) => sub.kind !== "symbol" || sub.subs === undefined);

/** A tensor whose shape is not said has that of the indices that it is used with. */
export function declareByUse(text: string, given: readonly Formula[], scope: Scope, at: number): Access {
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
  const tensor = context.declare({ name: text, shape, weight, at: scope.at, declared: false });
  return { tensor, subs: spread(tensor, subs, at) };
}

/** The part of a tensor that an access names: axes without a subscript, and sliced ones, remain. */
export function valueOf(
  { tensor, subs }: Access,
  scope: Scope,
  make: (tensor: Tensor, place: readonly Term[]) => Term,
): Value {
  const { context } = scope;
  const shape = tensor.shape.map((extent) => context.settled(extent));
  const order = byCustom({ tensor, subs }, scope);
  if (order) return valueOf({ tensor, subs: order }, { ...scope, orders: undefined }, make);
  const fixed = subs.map((sub, axis): Term | undefined => {
    if (!sub || sub.kind === "slice") return undefined;
    if (sub.kind === "number" && Number.isNaN(sub.value)) return num(0);
    checkRange(sub, shape[axis]!, tensor, scope);
    return minus(integer(sub, scope), num(scope.base));
  });
  return {
    shape: shape.filter((_, axis) => !fixed[axis]),
    ...(subs.some((sub) => sub) && subs.includes(undefined) ? { implied: true } : {}),
    at: (place) => {
      const queue = [...place];
      return make(tensor, fixed.map((sub) => sub ?? queue.shift()!));
    },
  }; // prettier-ignore
}

/**
 * `A(c, h, w, n)` where A has the axes N, H, W, C: indices that run below the sizes of the axes, in another order, each its
 * own. Where they are written in the order of the axes there is nothing to do.
 */
export function byCustom({ tensor, subs }: Access, scope: Scope): readonly Formula[] | undefined {
  if (!scope.orders || subs.length < 3) return undefined;
  const shape = tensor.shape.map((extent) => scope.context.settled(extent));
  const sizes = subs.map((sub) => {
    const index = sub && indexName(sub);
    if (index === undefined) return undefined;
    return scope.context.settled(
      scope.ranges.get(index) ?? sizeOfIndex(index, scope.context) ?? name(index.toUpperCase()),
    );
  });
  const extents = shape.map((extent) => print(extent));
  const own = sizes.map((size) => size && print(size));
  const permuted =
    new Set(extents).size === extents.length && extents.every((extent) => own.includes(extent));
  scope.orders.add(permuted ? extents.map((extent) => own.indexOf(extent)).join() : "");
  if (!permuted || extents.every((extent, axis) => own[axis] === extent)) return undefined;
  scope.notes.add(
    `the axes of ${tensor.name} are told by its indices: it is declared as ${printShape(shape)}`,
  );
  return extents.map((extent) => subs[own.indexOf(extent)]!);
}

/** An index of known range may not stand on an axis of another extent: then the formula was misread, or is misprinted. */
function checkRange(sub: Formula, extent: Term, tensor: Tensor, scope: Scope): void {
  const index = indexName(sub);
  const range = index === undefined ? undefined : scope.ranges.get(index);
  if (!range || scope.context.unify(range, extent)) return;
  const [own, axis] = [scope.context.settled(range), extent].map((e) => printShape([e]).slice(1, -1));
  throw new Unreadable(
    `${index} runs below ${own} and stands on an axis of ${tensor.name} that has ${axis} elements`,
    sub.at,
  );
}

/** `[…]_{i,j}` */
export function elementOf(
  value: Value,
  subs: readonly Formula[],
  scope: Scope,
  at: number,
): Value | undefined {
  if (subs.length !== value.shape.length)
    throw new Unreadable(`${subs.length} subscripts of a value of ${value.shape.length} axes`, at);
  const place = subs.map((sub) =>
    sub.kind === "slice" ? undefined : minus(integer(sub, scope), num(scope.base)),
  );
  return {
    shape: value.shape.filter((_, axis) => !place[axis]),
    at: (rest) => {
      const queue = [...rest];
      return value.at(place.map((sub) => sub ?? queue.shift()!));
    },
  };
}
