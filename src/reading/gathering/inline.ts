/** What running text defines: `define $s = \sqrt{v + \epsilon}$`, `where $r = x + y$`, `$S = 1$`. */
import type { Piece } from "../document/pieces.js";
import type { ReadPiece } from "../latex/parsed.js";
import { partsOf, type Equality, type Formula } from "../latex/formula.js";
import type { Context } from "../context/context.js";
import type { Survey } from "../context/survey.js";
import { symbolIn } from "../context/survey.js";
import { named } from "../context/names.js";
import type { Kind } from "./kinds.js";

/** Words before a formula that introduce what it defines. */
const introduces =
  /\b(?:defin\w*|let|where|with|denot\w*|writ\w*|set(?:ting)?|put|call\w*|abbreviat\w*|introduc\w*|shorthand|use|using|namely|here|given\s+by|comput\w*)\s*(?:us\s+)?(?:also\s+)?(?:the\s+\w+\s+)?(?:as\s+|by\s+|:\s*|\$|\\\()?\s*$/iu;
/** Words before a formula that holds in a case only, or that follows from another. */
const supposes =
  /\b(?:if|when|whenever|unless|for|at|case|assum\w*|suppos\w*|provided|until|not|never|instead\s+of|than|because|since|as)\s*(?:that\s+)?\$?\s*$/iu;

/** The names that display equations define. */
export function displayedNames(read: readonly ReadPiece[], survey: Survey): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { piece, statements } of read)
    for (const statement of piece.kind === "display" ? statements : [])
      if (statement.kind === "equality") {
        const text = nameOf(statement.left, survey);
        if (text !== undefined) found.add(text);
      }
  return found;
}
const nameOf = (left: Formula, survey: Survey): string | undefined => {
  const symbol = left.kind === "power" ? symbolIn(left.base) : symbolIn(left);
  return symbol && named(symbol, survey)?.name;
};

/**
 * Whether an equation in the running text is a definition: where the words before it say so, or where nothing else defines
 * the name; never where it is said of a case.
 */
export function isDefined(
  { left, steps }: Equality,
  kind: Kind,
  piece: Piece,
  document: string,
  displayed: ReadonlySet<string>,
): boolean {
  if (kind !== "definition" && kind !== "function") return false;
  if (left.kind !== "symbol" && left.kind !== "application" && left.kind !== "power") return false;
  const right = steps[0]?.formula;
  if (!right || isPlain(right)) return false;
  const before = document.slice(Math.max(0, piece.at - 60), piece.at);
  if (supposes.test(before)) return false;
  const text = symbolIn(left.kind === "power" ? left.base : left)?.letter ?? "";
  return (
    introduces.test(before) || ![...displayed].some((name) => name === text || name.startsWith(`${text}_`))
  );
}
/** A number or a letter alone names a size or says a value. */
const isPlain = (formula: Formula): boolean =>
  formula.kind === "number" || (formula.kind === "symbol" && partsOf(formula).length === 0);

/** `$S = 1$`: a value that a param has from here on. */
export function noteNumber({ left, steps }: Equality, { at }: Piece, context: Context): void {
  const [only, ...rest] = steps;
  const text = left.kind === "symbol" ? named(left, context.survey) : undefined;
  if (only?.formula?.kind === "number" && rest.length === 0 && text && !text.subs)
    context.inline.push({ name: text.name, value: only.formula.value, at });
}
