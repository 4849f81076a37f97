/** Products whose factors do not fit: the order and the transposes that would. */
import { isTransposition } from "../context/names.js";
import type { Formula } from "../latex/formula.js";

/** A formula that fits, and how many of its products were changed. */
interface Variant {
  readonly formula: Formula;
  readonly changes: number;
}
const most = 200;

/** The formula with factors of its matrix products transposed or exchanged, the fewest changes first. */
export const variantsOf = (formula: Formula): readonly Formula[] =>
  changed(formula)
    .filter(({ changes }) => changes > 0)
    .toSorted((a, b) => a.changes - b.changes)
    .map((variant) => variant.formula);

function changed(formula: Formula): readonly Variant[] {
  const same: Variant = { formula, changes: 0 };
  switch (formula.kind) {
    case "negative":
      return changed(formula.of).map(({ formula: of, changes }) => ({
        formula: { ...formula, of },
        changes,
      }));
    case "sum":
    case "quotient":
      return both(formula.left, formula.right, (left, right) => [{ ...formula, left, right }]);
    case "product":
      return ["", "·", "×", "@"].includes(formula.sign)
        ? both(formula.left, formula.right, (left, right) => [
            { ...formula, left, right },
            { ...formula, left: transposed(left), right },
            { ...formula, left, right: transposed(right) },
            { ...formula, left: right, right: left },
            { ...formula, left: transposed(right), right: left },
            { ...formula, left: right, right: transposed(left) },
          ])
        : both(formula.left, formula.right, (left, right) => [{ ...formula, left, right }]);
    default:
      return [same];
  }
}

function both(
  left: Formula,
  right: Formula,
  make: (left: Formula, right: Formula) => readonly Formula[],
): readonly Variant[] {
  const found: Variant[] = [];
  for (const a of changed(left))
    for (const b of changed(right))
      make(a.formula, b.formula).forEach((formula, i) => {
        if (found.length < most)
          found.push({ formula, changes: a.changes + b.changes + (i > 2 ? 2 : i > 0 ? 1 : 0) });
      });
  return found;
}

/** A formula with a T above it, or without the one that it has. */
function transposed(formula: Formula): Formula {
  if (formula.kind === "power" && isTransposition(formula.exponent)) return formula.base;
  if (formula.kind === "symbol" && isTransposition(formula.sup)) return { ...formula, sup: undefined };
  const { at } = formula;
  return {
    kind: "power",
    base: formula,
    exponent: { kind: "symbol", letter: "T", marks: [], primes: 0, at },
    at,
  };
}
