/** Runs of tokens: operands, terms, arguments, counted in tokens and without a tree, since what is written has none yet. */
import type { Token } from "../tokens.js";

/** Tokens from the first up to, and without, the second. */
export type Run = readonly [from: number, to: number];
type Tokens = readonly Token[];

const closing = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);
export const opens = (t: Token | undefined): boolean => t !== undefined && closing.has(t.text);
export const closes = (t: Token | undefined): boolean => t !== undefined && /^[)\]}]$/.test(t.text);
export const isWord = (t: Token | undefined, ...texts: readonly string[]): boolean =>
  t?.kind === "name" && (texts.length === 0 || texts.includes(t.text));
export const isSign = (t: Token | undefined, ...texts: readonly string[]): boolean =>
  t !== undefined && t.kind !== "name" && texts.includes(t.text);

/** Where the bracket that opens at `open` is closed; undefined where it is not. */
export function closeOf(tokens: Tokens, open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (opens(tokens[i])) depth++;
    if (closes(tokens[i]) && --depth === 0) return i;
  }
  return undefined;
}
function openOf(tokens: Tokens, close: number): number | undefined {
  let depth = 0;
  for (let i = close; i >= 0; i--) {
    if (closes(tokens[i])) depth++;
    if (opens(tokens[i]) && --depth === 0) return i;
  }
  return undefined;
}

/** The end of the operand that begins at `from`: a name or a number or brackets, with the brackets that follow it. */
export function operandEnd(tokens: Tokens, from: number): number | undefined {
  let at = isSign(tokens[from], "-") ? from + 1 : from;
  const first = tokens[at];
  if (!first) return undefined;
  if (isSign(first, "(")) at = (closeOf(tokens, at) ?? tokens.length) + 1;
  else if (first.kind === "name" || first.kind === "number") at++;
  else return undefined;
  // LaTeX's x_{n} too
  while (isSign(tokens[at], "(", "[") || (isSign(tokens[at], "{") && tokens[at - 1]?.text.endsWith("_")))
    at = (closeOf(tokens, at) ?? tokens.length) + 1;
  return at <= tokens.length ? at : undefined;
}
/** Where the operand begins whose last token stands before `to`. */
export function operandStart(tokens: Tokens, to: number): number | undefined {
  let at = to - 1;
  while (isSign(tokens[at], ")", "]")) {
    const open = openOf(tokens, at);
    if (open === undefined) return undefined;
    const before = tokens[open - 1];
    if (before?.kind !== "name" && !isSign(before, "]")) return isSign(tokens[open], "(") ? open : undefined;
    at = open - 1;
  }
  const first = tokens[at];
  return first?.kind === "name" || first?.kind === "number" ? at : undefined;
}

/** Back from `to` to the token after one that `ends` what is wanted, brackets passed over. */
function back(tokens: Tokens, to: number, ends: (t: Token) => boolean): number {
  let depth = 0;
  for (let i = to - 1; i >= 0; i--) {
    const token = tokens[i];
    if (!token) return i + 1;
    if (closes(token)) depth++;
    else if (opens(token) && --depth < 0) return i + 1;
    else if (depth === 0 && ends(token)) return i + 1;
  }
  return 0;
}
function forth(tokens: Tokens, from: number, ends: (t: Token) => boolean): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token) return i;
    if (opens(token)) depth++;
    else if (closes(token) && --depth < 0) return i;
    else if (depth === 0 && i > from && ends(token)) return i;
  }
  return tokens.length;
}
const endsArgument = (t: Token): boolean => /^(?:,|[-+*/:]?=|;)$/.test(t.text);
const endsTerm = (t: Token): boolean =>
  endsArgument(t) || /^(?:[-+]|[<>]=?|[=!]=)$/.test(t.text) || isWord(t, "and", "or", "if", "else");
/** The argument, or the side of the statement, around a place. */
export const argumentStart = (tokens: Tokens, to: number): number => back(tokens, to, endsArgument);
export const argumentEnd = (tokens: Tokens, from: number): number => forth(tokens, from, endsArgument);
/** The product around a place: what + and - and comparisons part. */
export const termStart = (tokens: Tokens, to: number): number => back(tokens, to, endsTerm);
export const termEnd = (tokens: Tokens, from: number): number => forth(tokens, from, endsTerm);

/** What stands between the brackets that open at `open`, parted at commas. */
export function argumentsOf(tokens: Tokens, open: number): readonly Run[] | undefined {
  const close = closeOf(tokens, open);
  if (close === undefined) return undefined;
  const runs: Run[] = [];
  for (let from = open + 1; from < close;) {
    const to = forth(tokens, from, (t) => t.text === ",");
    runs.push([from, to]);
    from = to + 1;
  }
  return runs;
}
