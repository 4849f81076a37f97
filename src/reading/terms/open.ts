/** Functions that a document uses and does not define: `f` is one function throughout, `f'` its derivative. */
import { call } from "./make.js";
import { mapParts } from "./rewrite.js";
import { slope } from "./slopes.js";
import type { Term } from "./term.js";

const mark = "?";

/** f(u), and with `order` 1 f′(u), of a function that is left open. */
export const openCall = (letter: string, argument: Term, order: 0 | 1 = 0): Term =>
  call(mark + letter + "'".repeat(order), argument);

/** The letter of such a function, by the name of its call. */
export const openFunction = (name: string): { letter: string; order: 0 | 1 } | undefined =>
  name.startsWith(mark)
    ? { letter: name.slice(1).replaceAll("'", ""), order: name.endsWith("'") ? 1 : 0 }
    : undefined;

/** A term in which every open function is the one named. */
export function settledTerm(term: Term, as: string): Term {
  const parts = mapParts(term, (part) => settledTerm(part, as));
  const open = parts.kind === "call" ? openFunction(parts.name) : undefined;
  if (!open || parts.kind !== "call") return parts;
  const [argument] = parts.arguments;
  return (open.order === 0 ? call(as, argument!) : slope(as, argument!)) ?? parts;
}
