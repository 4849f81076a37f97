/** Rows of tokens, split and trimmed outside brackets. */
import type { Token } from "./token.js";

export const isSymbol = (token: Token | undefined, ...texts: readonly string[]): boolean =>
  token?.kind === "symbol" && texts.includes(token.text);
const leadIn = /^(?:let|then|and|where|with|so|thus|hence|therefore|similarly|we|shape)\b/iu;

export function trim(row: readonly Token[]): Token[] {
  let from = 0;
  let to = row.length;
  const isEmpty = (token: Token | undefined): boolean =>
    isSymbol(token, "quad") ||
    (token?.kind === "group" && token.parts[0]?.length === 0 && !token.sub && !token.sup);
  const isWord = (token: Token | undefined): boolean =>
    token?.kind === "text" ||
    (token?.kind === "name" && token.text.length > 1 && leadIn.test(token.text) && token.text !== "shape");
  while (from < to && (isEmpty(row[from]) || isWord(row[from]))) from++;
  while (
    to > from &&
    (isEmpty(row[to - 1]) || isSymbol(row[to - 1], ",", ".", ";") || row[to - 1]?.kind === "text")
  )
    to--;
  // (chain rule)
  for (;;) {
    const open = isSymbol(row[to - 1], ")") ? remarkFrom(row, from, to) : undefined;
    if (open === undefined) return row.slice(from, to);
    to = open;
    while (to > from && isEmpty(row[to - 1])) to--;
  }
}

/** Where a bracket that holds nothing but words begins, if one ends here. */
function remarkFrom(row: readonly Token[], from: number, to: number): number | undefined {
  for (let i = to - 2; i > from; i--) {
    const token = row[i]!;
    if (isSymbol(token, "(")) return i < to - 2 ? i : undefined;
    // \text{definition} is a name as far as it goes
    const word = token.kind === "name" && token.text.length > 3 && isSymbol(row[i - 2], "quad", ",");
    if (token.kind !== "text" && !word) return undefined;
  }
  return undefined;
}

/** Splits at tokens outside brackets. */
export function splitAt(tokens: readonly Token[], separates: (token: Token) => boolean): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, "(", "[", "{", "⟨")) depth++;
    else if (isSymbol(token, ")", "]", "}", "⟩")) depth = Math.max(0, depth - 1);
    if (isSymbol(token, "<") && opensInner(parts.at(-1)!)) depth++;
    else if (isSymbol(token, ">") && depth > 0) depth--;
    if (depth === 0 && separates(token)) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

/** `<` begins an inner product where no operand stands before it. */
const opensInner = (before: readonly Token[]): boolean => {
  const last = before.at(-1);
  return !last || (last.kind === "symbol" && !isSymbol(last, ")", "]"));
};
