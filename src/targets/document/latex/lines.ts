/** Long right-hand sides over several lines: broken before a term, else before a sum, else after an indicator. */
import { widthOf } from "./width.js";

/** Wider right-hand sides are broken, in widths of a letter. */
export const room = 76;

/** As many terms in a line as have room; a term that is too wide alone is broken where it can be. */
export function filled(terms: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const term of terms) {
    const joined = `${lines.at(-1) ?? ""} ${term}`.trim();
    if (lines.length > 0 && widthOf(joined) <= room) lines.splice(-1, 1, joined);
    else lines.push(...brokenProduct(term));
  }
  return lines;
}

/** Σ 𝕀[…] F over lines that begin with a sum or what follows the indicator. */
export function brokenProduct(text: string): readonly string[] {
  if (widthOf(text) <= room) return [text];
  const pieces = piecesOf(text);
  const lines: string[] = [];
  for (const piece of pieces) {
    const joined = `${lines.at(-1) ?? ""} ${piece}`.trim();
    if (lines.length > 0 && widthOf(joined) > room) lines.push(`\\cdot ${piece}`);
    else lines.splice(-1, 1, joined);
  }
  return lines;
}

/** The text cut before each run of sums that follows something else, and after each indicator. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  let [start, depth, afterSum] = [0, 0, true];
  const cut = (at: number): void => {
    const piece = text.slice(start, at).trim();
    if (piece !== "") pieces.push(piece);
    start = at;
  };
  for (const { index, 0: token } of text.matchAll(/\\[A-Za-z]+|[{}]|[^\s{}\\]/gu)) {
    if (depth === 0 && token === "\\sum" && !afterSum) cut(index);
    if (depth === 0 && !/^[_^{}]$/u.test(token)) afterSum = token === "\\sum";
    if (token === "{" || token === "\\left" || token === "\\begin") depth++;
    else if (token === "}" || token === "\\right" || token === "\\end") {
      depth--;
      const bracket = token === "\\right" && text.startsWith("]", index + token.length);
      if (depth === 0 && bracket) cut(index + token.length + 1);
    }
  }
  cut(text.length);
  return pieces;
}
