/** Formulas as a line of text, for what a reader is shown in place of what is written. */
import { isTransposition } from "./names.js";
import type { Formula } from "../latex/formula.js";

/** Plain text of a formula: `W^T ∂L/∂y`. */
export function printFormula(formula: Formula, level = 0): string {
  const inner = (part: Formula, at = 0): string => printFormula(part, at);
  const enclosed = (text: string, needed: boolean): string => (needed ? `(${text})` : text);
  switch (formula.kind) {
    case "number":
      return String(formula.value);
    case "symbol": {
      const subs = formula.subs?.map((sub) => inner(sub)).join(",") ?? "";
      const name = formula.letter + formula.marks.map((mark) => combining[mark] ?? "").join("") + "'".repeat(formula.primes); // prettier-ignore
      const sup = formula.sup ? `^${isTransposition(formula.sup) ? "T" : enclosed(inner(formula.sup), formula.sup.kind !== "number")}` : ""; // prettier-ignore
      return `${name}${subs === "" ? "" : `_${subs.length > 1 ? `{${subs}}` : subs}`}${sup}`;
    }
    case "application":
      return `${inner(formula.of)}(${formula.arguments.map((one) => inner(one)).join(", ")})`;
    case "negative":
      return enclosed(`-${inner(formula.of, 2)}`, level > 1);
    case "sum":
      return enclosed(`${inner(formula.left, 1)} ${formula.sign} ${inner(formula.right, 2)}`, level > 1);
    case "product":
      return enclosed(
        `${inner(formula.left, 2)} ${formula.sign === "" ? "" : `${formula.sign} `}${inner(formula.right, 2)}`,
        level > 2,
      );
    case "quotient":
      return enclosed(`${inner(formula.left, 3)}/${inner(formula.right, 3)}`, level > 2);
    case "power":
      return isTransposition(formula.exponent)
        ? `${enclosed(inner(formula.base, 3), formula.base.kind === "partial")}^T`
        : `${inner(formula.base, 3)}^${inner(formula.exponent, 3)}`;
    case "root":
      return `sqrt(${inner(formula.of)})`;
    case "floor":
    case "ceil":
      return `${formula.kind}(${inner(formula.of)})`;
    case "partial":
      return `∂${inner(formula.of, 3)}/∂${inner(formula.by, 3)}`;
    case "differential":
      return `d${inner(formula.of, 3)}`;
    case "inner":
      return `⟨${inner(formula.left)}, ${inner(formula.right)}⟩`;
    case "reduction":
      return enclosed(`${formula.op === "sum" ? "Σ" : formula.op}_${formula.binders.map((b) => inner(b.index)).join(",")} ${inner(formula.body, 2)}`, level > 1); // prettier-ignore
    case "element":
      return `[${inner(formula.of)}]_{${formula.subs.map((sub) => inner(sub)).join(",")}}`;
    case "either":
      return inner(formula.readings[0]!, level);
    case "comparison":
      return formula.terms.map((term, i) => `${i > 0 ? ` ${formula.relations[i - 1]} ` : ""}${inner(term)}`).join(""); // prettier-ignore
    case "cases":
      return "{…}";
    case "tuple":
      return `(${formula.entries.map((one) => inner(one)).join(", ")})`;
    case "slice":
      return ":";
    case "text":
      return formula.text;
  }
}
const combining: Readonly<Record<string, string>> = {
  hat: "\u0302",
  tilde: "\u0303",
  bar: "\u0304",
  prime: "'",
};
