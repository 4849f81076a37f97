/** Elements and slices of tensors and values. */
import type { Access } from "./access.js";
import type { Scope } from "../context/scope.js";
import type { Tensor } from "../context/context.js";
import type { Term } from "../terms/term.js";
import { printShape, type Value } from "../terms/value.js";
import { minus, name, num } from "../terms/make.js";
import { integer, sizeOfIndex } from "../context/integers.js";
import { partsOf, type Formula } from "../latex/formula.js";
import { namesIn } from "../terms/term.js";
import { substitute } from "../terms/rewrite.js";
import { valueAt } from "../terms/number.js";
import { indexName } from "../context/names.js";
import { print } from "../terms/print.js";
import { Unreadable } from "../document/unreadable.js";

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
    const place = minus(integer(sub, scope), num(scope.base));
    const undone = scope.undone && undoneBy(sub, place, scope);
    if (undone !== undefined) scope.undone!.add(undone);
    return place;
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

/**
 * `Σ_p O(h + pad - r) W(r)` where only h = p - pad + r is said: put in for r, it makes p of the subscript again, whatever sum is
 * meant. The index that was solved for, where it cancels so.
 */
function undoneBy(sub: Formula, place: Term, { context, indices }: Scope): string | undefined {
  if (indexName(sub) !== undefined) return undefined;
  const solved = context.maps.flatMap(({ left, right }) => lettersIn(left).concat(lettersIn(right)));
  const inverted = lettersIn(sub).find(
    (letter) =>
      /^\p{Ll}/u.test(letter) &&
      !indices.has(letter) &&
      solved.includes(letter) &&
      !context.maps.some(({ left }) => indexName(left) === letter),
  );
  if (inverted === undefined) return undefined;
  const bound = [...indices.values()].flatMap((term) => [...namesIn(term)]);
  const points = [1, 2, 3].map(
    (seed) => new Map([...namesIn(place), ...bound].map((text, i) => [text, num(((i * 7 + seed * 5) % 11) + 1.25 * seed)])), // prettier-ignore
  );
  const isOne = bound.some((text) =>
    points.every((values) => {
      const [own, other] = [valueAt(substitute(place, values)), valueAt(values.get(text)!)];
      return own !== undefined && other !== undefined && Math.abs(own - other) < 1e-9;
    }),
  );
  return isOne ? inverted : undefined;
}
const lettersIn = (formula: Formula): readonly string[] =>
  formula.kind === "symbol"
    ? [indexName(formula)].filter((letter) => letter !== undefined)
    : partsOf(formula).flatMap(lettersIn);

/** `[…]_{i,j}` */
export function elementOf(
  value: Value,
  subs: readonly Formula[],
  scope: Scope,
  at: number,
): Value | undefined {
  if (subs.length > value.shape.length || (subs.length < value.shape.length && subs.length > 1))
    throw new Unreadable(`${subs.length} subscripts of a value of ${value.shape.length} axes`, at);
  const place = subs.map((sub) =>
    sub.kind === "slice" ? undefined : minus(integer(sub, scope), num(scope.base)),
  );
  return {
    shape: value.shape.filter((_, axis) => !place[axis]),
    ...(subs.length < value.shape.length ? { implied: true } : {}),
    at: (rest) => {
      const queue = [...rest];
      return value.at(value.shape.map((_, axis) => place[axis] ?? queue.shift()!));
    },
  };
}
