/** Products and powers: matrices, convolutions, element by element, by what the shapes allow. */
import type { Formula } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import type { Term } from "../terms/term.js";
import {
  chain,
  correlation,
  elementwise,
  matrixProduct,
  summed,
  transpose,
  type Value,
} from "../terms/value.js";
import { meanings } from "./meaning.js";
import { productOf } from "./calls.js";
import { isActivation } from "./activations.js";
import { timesOnes } from "./ones.js";
import { pairs } from "./pairs.js";
import { plus, power, times } from "../terms/make.js";
import { accessOf, squareOf } from "./access.js";
import { print } from "../terms/print.js";
import { valueOf } from "./elements.js";
import { isTransposition } from "../context/names.js";
import { Unreadable } from "../document/unreadable.js";

export function products(
  formula: Formula & { kind: "product" },
  scope: Scope,
  wanted?: readonly Term[],
): readonly Value[] {
  const { sign, at } = formula;
  const star = sign === "*" || sign === "⊛" || sign === "⋆";
  const counted = timesOnes(formula, (part) => meanings(part, scope));
  if (counted) return counted;
  if (
    sign === "⊙" &&
    [formula.left, formula.right].every((one) => one.kind === "symbol" && isActivation(one, scope))
  )
    throw new Unreadable("functions are composed here, and no formula defines them", at);
  const lefts = meanings(formula.left, scope);
  const rights = meanings(formula.right, scope);
  return pairs(
    lefts,
    rights,
    (a, b, fits) => {
      const scaled = a.shape.length === 0 || b.shape.length === 0;
      const each = elementwise(a, b, times);
      if (sign === "⊙") return [elementwise(a, b, times, fits)];
      // H_j^T z_i: a row times a column
      if (a.row === true && b.row !== true && b.shape.length === 1 && a.shape.length === 1)
        return [matrixProduct(a, b, fits)];
      if (each && (a.implied === true || b.implied === true) && a.shape.length === 1 && b.shape.length === 1)
        return [each];
      // an empty chain: ∂L/∂y_i ∂y_i/∂w_j of numbers
      if (b.of !== undefined && !(scaled && b.of === 0)) return [chain(a, b)];
      if (a.of !== undefined && !scaled) return [undefined];
      if (scaled) return [each && { ...each, row: a.row ?? b.row ?? false }];
      const plain =
        star && scope.context.starConvolves ? mapsConvolved(formula, a, b, scope, wanted) : undefined;
      if (plain) return [plain];
      const convolved =
        star && wanted
          ? [correlation(a, b, wanted), sign === "*" ? undefined : correlation(b, a, wanted)]
          : [];
      if (sign === "⊛" || sign === "⋆") return convolved;
      return [...convolved, matrixProduct(a, b, star ? undefined : fits), each];
    },
    at,
    "cannot be multiplied",
    scope,
  );
}

/** `Z = K * X` where the document says that * is a convolution and no shape is given: maps of two axes, no channels. */
function mapsConvolved(
  formula: Formula & { kind: "product" },
  a: Value,
  b: Value,
  scope: Scope,
  wanted?: readonly Term[],
): Value | undefined {
  const { context, introduces } = scope;
  const open = [...a.shape, ...b.shape].every((extent) => context.isInvented(extent));
  if (!introduces || !open || a.shape.length !== 2 || b.shape.length !== 2) return undefined;
  const first = formula.left.kind === "symbol" && /^[WKFk]$/u.test(formula.left.letter);
  const [kernel, map] = first ? [a, b] : [b, a];
  scope.notes.add("the shapes are not given: read as maps of two axes without channels");
  const shape = wanted?.length === 2 ? wanted : map.shape.map((_, axis) => context.invent(`P_${axis}`));
  return {
    shape,
    at: (place) =>
      summed(kernel.shape, (tap) => times(kernel.at(tap), map.at(place.map((p, i) => plus(p, tap[i]!))))),
  };
}

/**
 * A product of factors that do not fit as matrices in the order written, in a definition whose result has a declared
 * shape: the axis of the size that both have and the result lacks is summed.
 */
export function byNames(
  a: Value,
  b: Value,
  wanted: readonly Term[] | undefined,
  scope: Scope,
): Value | undefined {
  if (!wanted || !scope.introduces) return undefined;
  const [left, right, result] = [a.shape, b.shape, wanted].map((shape) =>
    shape.map((extent) => print(extent)),
  );
  const distinct = [left!, right!, result!].every((list) => new Set(list).size === list.length);
  const common = left!.filter((extent) => right!.includes(extent) && !result!.includes(extent));
  const whole = [...left!, ...right!].every((extent) => result!.includes(extent) || common.includes(extent));
  if (
    !distinct ||
    common.length !== 1 ||
    !whole ||
    !result!.every((extent) => left!.includes(extent) || right!.includes(extent))
  )
    return undefined;
  scope.notes.add("read by the shapes: as matrices the factors do not fit in this order");
  const extent = a.shape[left!.indexOf(common[0]!)]!;
  const pick = (list: readonly string[], place: readonly Term[], k: Term): readonly Term[] =>
    list.map((one) => (one === common[0] ? k : place[result!.indexOf(one)]!));
  return {
    shape: wanted,
    at: (place) =>
      summed([extent], ([k]) => times(a.at(pick(left!, place, k!)), b.at(pick(right!, place, k!)))),
  };
}

export function powers(formula: Formula & { kind: "power" }, scope: Scope): readonly Value[] {
  const { base, exponent, at } = formula;
  if (squareOf(formula, scope.context))
    return [
      valueOf(accessOf(formula, scope), scope, ({ id: tensor }, subs) => ({ kind: "read", tensor, subs })),
    ];
  // δ(a)^T is δ · a^T
  const product = base.kind === "application" ? productOf(base, scope) : undefined;
  if (product) return meanings({ ...product, right: { ...formula, base: product.right } }, scope);
  const values = meanings(base, scope);
  if (isTransposition(exponent))
    return values.map((value) => {
      const turned = transpose(value);
      if (!turned || value.of !== undefined) throw new Unreadable("this cannot be transposed", at);
      return turned;
    });
  return pairs(
    values,
    meanings(exponent, scope),
    (a, b) => [b.shape.length === 0 ? elementwise(a, b, power) : undefined],
    at,
    "make no power",
  );
}
