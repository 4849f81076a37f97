/** Names of tensors → which tensor is meant, and the subscripts of its axes. */
import type { Context } from "../context/context.js";
import { type Tensor } from "../context/context.js";
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { Unreadable } from "../document/unreadable.js";
import { indexName, named } from "../context/names.js";
import type { Term } from "../terms/term.js";
import { sizeOfIndex } from "../context/integers.js";
import { isOne } from "../terms/value.js";

/** A tensor with the subscripts that a formula gives it, in brackets or in parentheses. */
export interface Access {
  readonly tensor: Tensor;
  /** One for each axis; undefined where the axis is not spoken of. */
  readonly subs: readonly (Formula | undefined)[];
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
  const found = symbol.primes > 0 ? undefined : named(symbol, context.survey);
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
  const found = named(formula.base, survey);
  const tensor = found && tensors.findLast((t) => t.name === `${found.name}2`);
  return tensor && { tensor, subs: found.subs };
}

/** The tensor of this name whose axes the subscripts fit. Elements of a matrix W are also written w. */
export function accessTo(
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
    : all.find((tensor) => isKnown(tensor, context) && tensor.shape.length > given.length);
  return partial && { tensor: partial, subs: spread(partial, given, symbol.at) };
}

const isKnown = ({ declared, id }: Tensor, { definitions }: Context): boolean =>
  declared || definitions.some(({ tensor }) => tensor.id === id);

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
export const split = (subs: readonly Formula[]): readonly Formula[] =>
  subs.flatMap((sub) => (sub.kind === "product" && sub.sign === "" ? split([sub.left, sub.right]) : [sub]));

/** Subscripts to axes; axes of one element have none where there are too few. */
export function spread(
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
