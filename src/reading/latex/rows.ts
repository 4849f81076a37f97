/** A display equation → its statements: rows of aligned environments, chains of equalities, equations side by side. */
import type { Equality, Formula, Side } from "./formula.js";
import { tokenize } from "./tokenize.js";
import { shapeNote } from "./shape-notes.js";
import { isSymbol, splitAt, trim } from "./splitting.js";
import { parseFormula } from "./parse.js";
import type { Macros } from "../document/macros.js";
import { Unreadable } from "../document/unreadable.js";
import type { Token } from "./token.js";

/** What one row or part of a row says. */
export type Statement =
  | Equality
  | {
      readonly kind: "other";
      readonly formula?: Formula;
      readonly reason?: string;
      readonly at: number;
      readonly end: number;
    };

/** @throws Unreadable where the source is no LaTeX */
export function parseStatements(source: string, macros: Macros = {}): readonly Statement[] {
  const end = source.length;
  const tokens = tokenize(source, macros);
  // :=
  const plain = tokens.filter((token, i) => !(isSymbol(token, ":") && isSymbol(tokens[i + 1], "=")));
  const rows = wholeRows(rowsOf(plain)).flatMap((row) => sideBySide(row));
  const statements: Statement[] = [];
  for (const { row, condition } of rows) {
    const stepOf = (side: readonly Token[], rowEnd: number): Side => {
      const step = sideOf(side, rowEnd);
      const message = "this is said to hold in some cases only";
      return condition ? { at: step.at, end: step.end, reason: { message, at: condition.at } } : step;
    };
    const last = statements.at(-1);
    const note = shapeNote(row, end);
    if (note !== undefined) {
      if (note && last?.kind === "equality") statements[statements.length - 1] = { ...last, shapes: note };
      continue;
    }
    const sides = splitAt(row, isEquals);
    const [first = [], ...rest] = sides;
    const place = placeOf(row, end);
    if (first.length === 0 && last?.kind === "equality") {
      // a row that begins with = goes on with the row above
      statements[statements.length - 1] = {
        ...last,
        steps: [...last.steps, ...rest.map((side) => stepOf(side, place.end))],
        end: place.end,
      };
      continue;
    }
    try {
      const left = parseFormula(first, place.end);
      if (rest.length === 0) statements.push({ kind: "other", formula: left, ...place });
      else
        statements.push(
          equality(
            left,
            sideOf(first, place.end),
            rest.map((side) => stepOf(side, place.end)),
            place,
          ),
        );
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      statements.push({ kind: "other", reason: error.message, ...place, at: error.at });
    }
  }
  return statements;
}

/** `W * X = Z` defines Z. */
function equality(
  left: Formula,
  own: Side,
  steps: readonly Side[],
  place: { readonly at: number; readonly end: number },
): Equality {
  const [only, ...rest] = steps;
  const named = only?.formula?.kind === "symbol" && rest.length === 0;
  const made = ["product", "sum", "reduction", "quotient"].includes(left.kind);
  return named && made
    ? { kind: "equality", left: only.formula, steps: [own], ...place }
    : { kind: "equality", left, steps, ...place };
}

/** From the first place in tokens to the last. */
const placeOf = (
  tokens: readonly Token[],
  otherwise: number,
): { readonly at: number; readonly end: number } => {
  const placed = tokens.filter(({ kind }) => kind !== "break");
  if (placed.length === 0) return { at: otherwise, end: otherwise };
  return { at: Math.min(...placed.map(({ at }) => at)), end: Math.max(...placed.map(({ end }) => end)) };
};

function sideOf(tokens: readonly Token[], rowEnd: number): Side {
  const { at, end } = placeOf(tokens, rowEnd);
  try {
    return { formula: parseFormula(tokens, end), at, end };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { reason: { message: error.message, at: error.at }, at, end };
  }
}
const isEquals = (token: Token): boolean => isSymbol(token, "=");

/** Rows at breaks and of arrays that are whole equations. */
function rowsOf(tokens: readonly Token[]): Token[][] {
  return splitAt(tokens, ({ kind }) => kind === "break").flatMap((row) => {
    const trimmed = trim(row);
    const [only, ...rest] = trimmed.filter(
      ({ kind, parts }) => !(kind === "group" && parts[0]?.length === 0),
    );
    if (only?.kind === "array" && rest.every((token) => isSymbol(token, ".", ",")))
      return only.rows.flatMap((cells) => rowsOf(cells.flat()));
    return trimmed.length > 0 ? [trimmed] : [];
  });
}

/** `z = x W, \quad y = σ(z)`: parts that each hold an equality. Words that lead in are dropped. */
function sideBySide(row: readonly Token[]): { readonly row: Token[]; readonly condition?: Token }[] {
  const parts: Token[][] = [];
  let condition: Token | undefined;
  for (const part of splitAt(row, (token) => isSymbol(token, ",", ";", "quad"))) {
    const last = parts.at(-1);
    const words = part.every(({ kind, text }) => kind === "text" || /^(?:and|where|with)$/u.test(text));
    if (words || isNumbering(part)) continue;
    if (last && condition === undefined && isCondition(part)) condition = part[0];
    // what is said of indices after the equations
    if (condition) continue;
    if (last && !hasEquality(part))
      last.push(...row.slice(row.indexOf(last.at(-1)!) + 1, row.indexOf(part[0]!)), ...part);
    else parts.push(part);
  }
  const rest = condition ? row.slice(row.indexOf(condition)) : [];
  const restricts =
    rest.some((token) => isSymbol(token, "≠", "<", ">", "≤", "≥", "=")) &&
    !rest.some((token) => isSymbol(token, "…", "∀", "∈"));
  return parts
    .map(trim)
    .filter((part) => part.length > 0)
    .map((part) => (restricts ? { row: part, condition: condition! } : { row: part }));
}
/** `for i ≠ j`, `if x > 0` */
const isCondition = ([first]: readonly Token[]): boolean =>
  first !== undefined &&
  (isSymbol(first, "∀") ||
    (["text", "name"].includes(first.kind) &&
      /^(?:for|if|when|whenever|unless|provided)\b/iu.test(first.text.trim())));

/** Rows that begin with an operator go on with the row above. */
function wholeRows(rows: readonly Token[][]): Token[][] {
  const whole: Token[][] = [];
  for (const row of rows) {
    const last = whole.at(-1);
    const goesOn =
      isSymbol(row[0], "+", "·", "×", "⊙", "*", "/") || (isSymbol(row[0], "-") && !hasEquality(row));
    const open = isSymbol(last?.at(-1), "+", "-", "·", "×", "⊙", "*", "/");
    if (last && (goesOn || open)) last.push(...row);
    else whole.push([...row]);
  }
  return whole;
}

/** `(1)` at the end of a row */
const isNumbering = (part: readonly Token[]): boolean =>
  part.length === 3 && isSymbol(part[0], "(") && part[1]!.kind === "number" && isSymbol(part[2], ")");
const hasEquality = (tokens: readonly Token[]): boolean => splitAt(tokens, isEquals).length > 1;
