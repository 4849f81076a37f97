/** `\mathbf{1}`: an indicator where a condition belongs to it, a vector of ones beside a matrix, else the number. */
import { ones, type Formula, type Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { num } from "../terms/make.js";
import { summed, scalar, type Value } from "../terms/value.js";
import { isTransposition } from "../context/names.js";
import { Unreadable } from "../document/unreadable.js";
import { indicator } from "./conditions.js";

/** `\mathbf{1}_{z > 0}`, `\mathbb{1}[i = j]`, `\mathbb{I}(z > 0)`; undefined where no indicator is written. */
export function indicated(
  symbol: Symbol_,
  list: readonly Formula[] | undefined,
  scope: Scope,
): Value | undefined {
  if (symbol.letter !== ones && !(["I", "χ"].includes(symbol.letter) && (list ?? symbol.subs)))
    return undefined;
  const [condition, ...rest] = list ?? symbol.subs ?? [];
  if (!condition) return symbol.sup ? undefined : scalar(num(1));
  if (condition.kind === "comparison" && rest.length === 0) return indicator(condition, scope);
  if (symbol.letter === ones && !list) throw new Unreadable("this is no condition", condition.at);
  return undefined;
}

const isOnes = (formula: Formula): boolean =>
  formula.kind === "symbol" && formula.letter === ones && !formula.subs && !formula.sup;
const isRowOfOnes = (formula: Formula): boolean =>
  (formula.kind === "power" && isOnes(formula.base) && isTransposition(formula.exponent)) ||
  (formula.kind === "symbol" && isTransposition(formula.sup) && isOnes({ ...formula, sup: undefined }));

/** `\mathbf{1}^\top M` and `M \mathbf{1}`: sums over the first axis and the last. */
export function timesOnes(
  { left, right, sign }: Formula & { kind: "product" },
  read: (formula: Formula) => readonly Value[],
): readonly Value[] | undefined {
  if (!["", "·"].includes(sign)) return undefined;
  if (isRowOfOnes(left))
    return read(right).map(({ shape, at }) => {
      const [first, ...rest] = shape;
      if (!first) throw new Unreadable("ones times a number", left.at);
      return { shape: rest, at: (place) => summed([first], (k) => at([...k, ...place])) };
    });
  if (isOnes(right))
    return read(left).map((value) => {
      const { shape, at } = value;
      const last = shape.at(-1);
      if (!last) return value;
      if (shape.length === 1 && value.row !== true)
        throw new Unreadable("a column times a column of ones", right.at);
      return { shape: shape.slice(0, -1), at: (place) => summed([last], (k) => at([...place, ...k])) };
    });
  if (isRowOfOnes(right)) throw new Unreadable("how many ones there are is not said", right.at);
  return undefined;
}
