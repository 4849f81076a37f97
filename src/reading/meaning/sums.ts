/** Sums and differences, with the biases that documents add to products of matrices and to maps. */
import type { Formula } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { minus, plus } from "../terms/make.js";
import { readsOf } from "../terms/derivative.js";
import type { Term } from "../terms/term.js";
import { elementwise, sameShape, type Value } from "../terms/value.js";
import { accessOf } from "./access.js";
import { meanings } from "./meaning.js";
import { pairs } from "./pairs.js";

type Sum = Formula & { readonly kind: "sum" };

export function sums(formula: Sum, scope: Scope, wanted?: readonly Term[]): readonly Value[] {
  // what is added to a number is one: b in w·x + b, y in y - a
  const beside = (values: readonly Value[]): readonly Term[] | undefined =>
    wanted === undefined && values.every(({ shape, at }) => shape.length === 0 && readsOf(at([])).size > 0)
      ? []
      : wanted;
  const single = formula.left.kind === "symbol" ? meanings(formula.right, scope, wanted) : undefined;
  const lefts = meanings(formula.left, scope, single ? beside(single) : wanted);
  return pairs(
    lefts,
    single ?? meanings(formula.right, scope, beside(lefts)),
    (a, b, fits) => [
      (lefts.every(({ shape }) => shape.length === 2) ? biasOfRows(formula, a, b, scope) : undefined) ??
        elementwise(a, b, formula.sign === "+" ? plus : minus, fits) ??
        biasOfMaps(formula, a, b, scope),
    ],
    formula.at,
    "cannot be added",
    scope,
  );
}

/** `Z = W X + b` where nothing is said of b: the samples are columns, and b is one. */
function biasOfRows({ left, right, sign }: Sum, a: Value, b: Value, scope: Scope): Value | undefined {
  const { context, introduces } = scope;
  const isWeight = (formula: Formula): boolean =>
    formula.kind === "symbol" && /^[WKUV\u0398]$/u.test(formula.letter);
  const columns =
    left.kind === "product" && ["", "·"].includes(left.sign) && isWeight(left.left) && !isWeight(left.right);
  const [rows] = a.shape;
  const [own] = b.shape;
  const open = own && context.isInvented(own) && right.kind === "symbol";
  if (
    !introduces ||
    sign !== "+" ||
    !columns ||
    a.shape.length !== 2 ||
    b.shape.length !== 1 ||
    !rows ||
    !open
  )
    return undefined;
  if (!context.fits(own, rows)) return undefined;
  scope.notes.add(`${right.letter} is read as a column: one number for each row of the product`);
  return { shape: a.shape, at: (place) => plus(a.at(place), b.at([place[0]!])) };
}

/** `Z = X * K + b` of maps: one number of b for each channel. */
function biasOfMaps(formula: Formula & { kind: "sum" }, a: Value, b: Value, scope: Scope): Value | undefined {
  const { left, right } = formula;
  const star = left.kind === "product" && ["*", "⊛", "⋆"].includes(left.sign);
  const channels = a.shape[1] && b.shape[0] && sameShape([a.shape[1]], b.shape);
  if (!(star || channels) || right.kind !== "symbol" || a.shape.length < 3 || b.shape.length !== 1)
    return undefined;
  const { context, at } = scope;
  const { name: text } = accessOf(right, scope).tensor;
  scope.notes.add(`${text} is read as one number for each channel`);
  const shape = [a.shape[1]!];
  const known = context.tensorsOf(text, at).find((tensor) => sameShape(tensor.shape, shape));
  const { id: tensor } = known ?? context.declare({ name: text, shape, weight: true, at, declared: true });
  return { shape: a.shape, at: (place) => plus(a.at(place), { kind: "read", tensor, subs: [place[1]!] }) };
}
