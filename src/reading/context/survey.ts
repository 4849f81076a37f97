/** What the whole of a document says about its notation, before any equation is read. */
import { type Formula, partsOf, type Symbol_ } from "../latex/formula.js";
import { labelsOf } from "./labels.js";
import { indexName, isWord, type Naming } from "./names.js";

export interface Survey extends Naming {
  /** Letters of the loss. */
  readonly losses: ReadonlySet<string>;
  /** `Y'` is the gradient of Y; else a prime on a matrix transposes it. */
  readonly primesAreGradients: boolean;
  /** Indices of sums and subscripts. */
  readonly indices: ReadonlySet<string>;
  /** Letters of upper limits and shapes. */
  readonly sizes: ReadonlySet<string>;
  /** Letters of what the loss is differentiated by: no constants, even where they are Greek. */
  readonly differentiated: ReadonlySet<string>;
}
const lossLetters = new Set(["L", "ℓ", "J", "E", "C", "loss", "Loss", "cost", "l"]);

export function survey(
  formulas: readonly Formula[],
  lefts: readonly Formula[],
  shapes: readonly Formula[],
): Survey {
  const plainSups = new Set<string>();
  const shiftedSups = new Set<string>();
  const losses = new Set<string>();
  const indices = new Set<string>();
  const sizes = new Set<string>();
  const differentiated = new Set<string>();
  let primed = lefts.some(
    (left) => left.kind === "symbol" && left.primes > 0 && /^[A-Z]$/u.test(left.letter),
  );
  const addIndex = (formula: Formula): void => {
    const text = indexName(formula);
    if (text !== undefined) indices.add(text);
    else for (const part of partsOf(formula)) if (formula.kind !== "symbol") addIndex(part);
  };
  const addSize = (formula: Formula): void => {
    if (formula.kind === "symbol") sizes.add(formula.letter);
    else for (const part of partsOf(formula)) addSize(part);
  };
  const visit = (formula: Formula): void => {
    if (formula.kind === "symbol") {
      const { sup, subs, primes, letter } = formula;
      const plain = sup?.kind === "tuple" ? sup.entries[0] : sup;
      if (plain?.kind === "symbol") plainSups.add(plain.letter);
      if (sup?.kind === "sum" && sup.left.kind === "symbol" && sup.right.kind === "number")
        shiftedSups.add(sup.left.letter);
      for (const sub of subs ?? []) addIndex(sub);
      if (primes > 0 && subs && /^[A-Z]$/u.test(letter)) primed = true;
    }
    if (formula.kind === "application") {
      const { of, arguments: list } = formula;
      if (list.length > 1) for (const argument of list) if (argument.kind === "symbol") addIndex(argument);
      if (of.primes > 0 && list.length > 1 && /^[A-Z]$/u.test(of.letter)) primed = true;
    }
    if (formula.kind === "reduction")
      for (const { index, to } of formula.binders) {
        addIndex(index);
        if (to) addSize(to);
      }
    if (formula.kind === "partial") {
      const of = formula.of.kind === "application" ? formula.of.of : formula.of;
      const total = of.kind === "symbol" && (!of.subs || of.subs.every(isWord));
      if (total && lossLetters.has(of.letter)) {
        losses.add(of.letter);
        if (formula.by.kind === "symbol") differentiated.add(formula.by.letter);
      }
    }
    for (const part of partsOf(formula)) visit(part);
  };
  formulas.forEach((formula) => visit(formula));
  shapes.forEach((shape) => addSize(shape));
  const layerLetters = new Set([
    "l",
    "ℓ",
    ...[...shiftedSups].filter((v) => plainSups.has(v) && !indices.has(v)),
  ]);
  if (losses.size === 0) losses.add("L");
  const labels = labelsOf(formulas, lefts, shapes, sizes);
  return { layerLetters, labels, losses, primesAreGradients: primed, indices, sizes, differentiated };
}

/** `L`, `L(p, q)`: the loss. */
export const isLoss = (formula: Formula, { losses }: Survey): boolean => {
  const symbol: Formula = formula.kind === "application" ? formula.of : formula;
  if (symbol.kind !== "symbol" || !losses.has(symbol.letter) || symbol.marks.length > 0) return false;
  return !symbol.subs || symbol.subs.every(isWord);
};
export const symbolIn = (formula: Formula): Symbol_ | undefined =>
  formula.kind === "symbol" ? formula : formula.kind === "application" ? formula.of : undefined;
