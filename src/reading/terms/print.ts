/** Terms in the layer language. */
import { type Bound, isNumber, type Term } from "./term.js";

/** How a tensor is written: those of one name are told apart by what follows an @. */
export const written = (id: string): string => id.replace(/@\d+$/u, "");
export const same = (a: Term, b: Term): boolean => a === b || print(a) === print(b);
const levels = { "+": 1, "-": 1, "*": 2, "/": 2, "^": 4 } as const;

/** A term in the layer language. */
export function print(term: Term, level = 0): string {
  switch (term.kind) {
    case "number":
      return term.value < 0 && level > 0 ? `(${term.value})` : String(term.value);
    case "name":
      return term.name;
    case "read":
      return term.subs.length === 0
        ? written(term.tensor)
        : `${written(term.tensor)}[${term.subs.map((s) => print(s)).join(", ")}]`;
    case "gradient":
      return term.subs.length === 0
        ? `d${written(term.of)}`
        : `d${written(term.of)}[${term.subs.map((s) => print(s)).join(", ")}]`;
    case "operation": {
      const own = levels[term.op];
      if (term.op === "*" && isNumber(term.left, -1))
        return parenthesised(`-${print(term.right, 3)}`, level > 1);
      const right = own + (term.op === "+" || term.op === "*" ? 0 : 1);
      const text = `${print(term.left, term.op === "^" ? 5 : own)}${own === 4 ? "^" : ` ${term.op} `}${print(term.right, right)}`;
      return parenthesised(text, level > own);
    }
    case "call":
      return `${term.name}(${term.arguments.map((a) => print(a)).join(", ")})`;
    case "reduce":
      return `${term.op}[${term.binders.map((b) => printBound(b)).join(", ")}](${print(term.body)})`;
    case "where":
      return `where(${term.conditions.map(({ op, left, right }) => `${print(left)} ${op} ${print(right)}`).join(" and ")}, ${print(term.yes)}, ${print(term.no)})`;
  }
}
const parenthesised = (text: string, needed: boolean): string => (needed ? `(${text})` : text);

function printBound({ name: text, from, below }: Bound): string {
  const lower = from && !isNumber(from, 0) ? `${print(from)} <= ` : "";
  return lower + text + (below ? ` < ${print(below)}` : "");
}
