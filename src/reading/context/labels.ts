/** Subscripts that belong to names: `d_k` where it is a size, `W_h` beside a tensor h, `z_1` where 1 counts layers. */
import { partsOf, type Formula, type Symbol_ } from "../latex/formula.js";
import { labelled } from "./names.js";

/**
 * Names whose one subscript is no index.
 * @param lefts left sides of equations
 * @param shapes extents that the document states
 * @param sizes letters of upper limits and shapes
 */
export function labelsOf(
  formulas: readonly Formula[],
  lefts: readonly Formula[],
  shapes: readonly Formula[],
  sizes: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const shape of shapes) sizeLabels(shape, found);
  const use = usesOf(formulas);
  for (const limit of use.limits) sizeLabels(limit, found);
  const defined = new Set(lefts.flatMap((left) => (left.kind === "symbol" ? [left.letter] : [])));
  const isTensor = (letter: string): boolean =>
    (use.elements.has(letter) || defined.has(letter)) && !use.indices.has(letter);
  // z_1 = W_1 x + b_1: layers are counted in subscripts
  const stacked = lefts.some(
    (left) => left.kind === "symbol" && left.subs?.length === 1 && left.subs[0]!.kind === "number",
  );
  for (const { letter, subs, sup } of use.symbols) {
    const [sub, ...rest] = subs ?? [];
    if (!sub || rest.length > 0) continue;
    const written = lettersOf(sub);
    const capital = written?.length === 1 && /^[A-Z]$/u.test(written[0]!);
    const ofTensors = written?.every(isTensor) === true && !written.includes(letter);
    const batch = capital && (/^[\u03b1-\u03c9]$/u.test(letter) || !sizes.has(written[0]!));
    const counted = sub.kind === "number" && stacked && !sup && use.numbered(letter);
    if (batch || ofTensors || counted) found.add(labelled(letter, sub));
  }
  return found;
}

/** The letters of a subscript that is a letter, or several side by side. */
function lettersOf(sub: Formula): readonly string[] | undefined {
  if (sub.kind === "symbol")
    return sub.letter.length === 1 && !sub.subs && !sub.sup && sub.primes === 0 && sub.marks.length === 0
      ? [sub.letter]
      : undefined;
  if (sub.kind !== "product" || sub.sign !== "") return undefined;
  const [left, right] = [lettersOf(sub.left), lettersOf(sub.right)];
  return left && right ? [...left, ...right] : undefined;
}

function sizeLabels(extent: Formula, found: Set<string>): void {
  if (extent.kind === "symbol" && extent.subs?.length === 1 && !extent.sup)
    found.add(labelled(extent.letter, extent.subs[0]!));
  else if (extent.kind !== "symbol") for (const part of partsOf(extent)) sizeLabels(part, found);
}

/** How letters are used: as tensors with elements, as indices, with which subscripts. */
function usesOf(formulas: readonly Formula[]): {
  readonly symbols: readonly Symbol_[];
  readonly elements: ReadonlySet<string>;
  readonly indices: ReadonlySet<string>;
  readonly limits: readonly Formula[];
  readonly numbered: (letter: string) => boolean;
} {
  const symbols: Symbol_[] = [];
  const limits: Formula[] = [];
  const indices = new Set<string>();
  const addIndices = (sub: Formula): void => {
    if (sub.kind === "symbol") indices.add(sub.letter);
    else for (const part of partsOf(sub)) addIndices(part);
  };
  const visit = (formula: Formula): void => {
    if (formula.kind === "symbol") {
      symbols.push(formula);
      const { subs = [] } = formula;
      // x_{h+i}, x_{n,c}: indices; x_h and W_{xh} may be names
      if (subs.length > 1 || subs.some((sub) => lettersOf(sub) === undefined)) subs.forEach(addIndices);
      return;
    }
    if (formula.kind === "reduction") {
      for (const { index, from, to } of formula.binders) {
        addIndices(index);
        if (from) addIndices(from);
        if (to) limits.push(to);
      }
      visit(formula.body);
      return;
    }
    for (const part of partsOf(formula)) visit(part);
  };
  formulas.forEach((formula) => visit(formula));
  const elements = new Set(symbols.flatMap(({ letter, subs }) => (subs ? [letter] : [])));
  const numbered = (letter: string): boolean =>
    symbols.every(
      (one) =>
        one.letter !== letter || !one.subs || (one.subs.length === 1 && one.subs[0]!.kind === "number"),
    );
  return { symbols, elements, indices, limits, numbered };
}
