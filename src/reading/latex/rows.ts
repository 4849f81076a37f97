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

/**
 * @param before the last equation of the display before: a display that begins with `=` goes on with it
 * @throws Unreadable where the source is no LaTeX
 */
export function parseStatements(
  source: string,
  macros: Macros = {},
  before?: Equality,
): readonly Statement[] {
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
    if (first.length === 0 && rest.length > 0 && before && statements.length === 0) {
      const steps = rest.map((side) => stepOf(side, place.end));
      statements.push({ kind: "equality", left: before.left, steps, ...place, continued: true });
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

/** `W x \in \mathbb{R}^m`: which space it is in is said of shapes, no part of the formula. */
function withoutSpace(tokens: readonly Token[]): readonly Token[] {
  const at = tokens.findIndex((token, i) => isSymbol(token, "∈") && tokens[i + 1]?.text === "R");
  return at > 0 && depthAt(tokens, at) === 0 ? tokens.slice(0, at) : tokens;
}
const depthAt = (tokens: readonly Token[], end: number): number =>
  tokens
    .slice(0, end)
    .reduce((depth, t) => depth + (isSymbol(t, "(", "[", "{") ? 1 : isSymbol(t, ")", "]", "}") ? -1 : 0), 0);

/** From the first place in tokens to the last. */
const placeOf = (
  tokens: readonly Token[],
  otherwise: number,
): { readonly at: number; readonly end: number } => {
  const placed = tokens.filter(({ kind }) => kind !== "break");
  if (placed.length === 0) return { at: otherwise, end: otherwise };
  return { at: Math.min(...placed.map(({ at }) => at)), end: Math.max(...placed.map(({ end }) => end)) };
};

function sideOf(written: readonly Token[], rowEnd: number): Side {
  const tokens = withoutSpace(written);
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
  const all = apart(row);
  for (let i = 0; i < all.length; i++) {
    const part = all[i]!;
    const last = parts.at(-1);
    const remark = last ? rangeAt(all, i) : 0;
    if (remark > 0) {
      i += remark - 1;
      continue;
    }
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
/** Parts between commas, wide spaces and words that join statements; a condition begins a part of its own. */
function apart(row: readonly Token[]): Token[][] {
  const parts: Token[][] = [];
  for (const part of splitAt(row, (token) => isSymbol(token, ",", ";", "quad") || joins(token))) {
    let from = 0;
    let depth = 0;
    part.forEach((token, i) => {
      if (isSymbol(token, "(", "[", "{")) depth++;
      if (isSymbol(token, ")", "]", "}")) depth--;
      if (i === from || depth > 0 || !isCondition([token])) return;
      parts.push(part.slice(from, i));
      from = i;
    });
    parts.push(part.slice(from));
  }
  return parts;
}
const joins = ({ kind, text }: Token): boolean =>
  ["text", "name"].includes(kind) && /^(?:and|where|with|so that|hence|thus|while)$/iu.test(text.trim());

/** How many parts from here only say how far an index runs: `k = 1, …, D`, `1 ≤ k ≤ D`, `k ∈ {1, …, D}`, `W ∈ ℝ^{m × n}`. */
function rangeAt(parts: readonly (readonly Token[])[], from: number): number {
  const part = trim(parts[from]!);
  const isDots = (one: readonly Token[] | undefined): boolean =>
    one !== undefined && one.length > 0 && one.every((token) => isSymbol(token, "…", "."));
  const isName = (one: readonly Token[] | undefined): boolean =>
    one?.length === 1 && ["name", "number"].includes(one[0]!.kind);
  if (part.some((token) => isSymbol(token, "∈"))) return hasEquality(part) ? 0 : rest(parts, from);
  if (part.filter((token) => isSymbol(token, "≤", "<")).length === 2 && !hasEquality(part)) return 1;
  // i, j = 1, 2, …, n
  let at = from;
  while (isName(parts[at])) at++;
  const [index, sign, first] = parts[at] ?? [];
  if (index?.kind !== "name" || !sign || !isSymbol(sign, "=") || first?.kind !== "number") return 0;
  if (parts[at]!.some((token) => isSymbol(token, "…"))) return at + 1 - from;
  at++;
  while (isName(parts[at])) at++;
  return isDots(parts[at]) ? at + 2 - from : 0;
}
/** A set in braces has commas of its own. */
function rest(parts: readonly (readonly Token[])[], from: number): number {
  let depth = 0;
  for (let i = from; i < parts.length; i++) {
    depth = parts[i]!.reduce((d, t) => d + (isSymbol(t, "{") ? 1 : isSymbol(t, "}") ? -1 : 0), depth);
    if (depth <= 0) return i + 1 - from;
  }
  return parts.length - from;
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
