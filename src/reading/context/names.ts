/** Names as they are written → names of the layer language. */
import type { Formula, Symbol_ } from "../latex/formula.js";
import { isTaken } from "../../language/names.js";

const combining: Readonly<Record<string, string>> = {
  hat: "\u0302", tilde: "\u0303", bar: "\u0304", breve: "\u0306", dot: "\u0307", ddot: "\u0308", check: "\u030C",
  vec: "\u20D7", acute: "\u0301", grave: "\u0300", under: "\u0332",
}; // prettier-ignore

/** Words under a letter that belong to its name: `C_{in}`, `d_{model}`, `stride_H`. */
export const isWord = (formula: Formula): boolean =>
  formula.kind === "symbol" && formula.letter.length > 1 && /^\p{L}/u.test(formula.letter);

/** What names are read by. */
export interface Naming {
  /** Letters that count layers in superscripts. */
  readonly layerLetters: ReadonlySet<string>;
  /** Names whose one subscript is no index: `d_k`, `W_h`. */
  readonly labels: ReadonlySet<string>;
}

export interface Named {
  readonly name: string;
  /** Subscripts that are no part of the name. */
  readonly subs: readonly Formula[] | undefined;
}

/**
 * The name without its subscripts.
 * @param survey which letters count layers in superscripts, and which subscripts belong to names
 * @returns undefined where a superscript is neither a layer's nor a mark that is known
 */
export function named(symbol: Symbol_, survey: Naming): Named | undefined {
  const layer = symbol.sup ? layerSuffix(symbol.sup, survey.layerLetters) : "";
  if (layer === undefined) return undefined;
  const words: string[] = [];
  const subs = (symbol.subs ?? []).filter((sub) => {
    if (!isPartOfName(symbol, sub, survey)) return true;
    words.push(wordOf(sub));
    return false;
  });
  const marks = symbol.marks.map((mark) => combining[mark] ?? `_${mark}`).join("");
  const text = identifier([symbol.letter + marks, ...words].join("_") + layer);
  return { name: text, subs: symbol.subs && subs.length > 0 ? subs : undefined };
}
const identifier = (text: string): string => {
  const tidy = text.replaceAll(/[^\p{L}\p{M}\p{N}_]/gu, "_");
  return isTaken(tidy) ? `${tidy}_` : tidy;
};

function isPartOfName({ letter, subs, bold }: Symbol_, sub: Formula, { labels }: Naming): boolean {
  if (isWord(sub)) return true;
  // a bold x_1 is a vector
  if (bold === true && sub.kind === "number") return true;
  if (subs?.length !== 1) return false;
  if (labels.has(labelled(letter, sub))) return true;
  // stride_H, d_H, pad_w: a direction
  const direction = sub.kind === "symbol" && /^[A-Z]$/u.test(sub.letter) && !sub.subs && !sub.sup;
  if (direction) return letter.length > 1 || /^[a-z]$/u.test(letter);
  if (letter.length > 1 && sub.kind === "symbol" && /^[a-z]$/u.test(sub.letter))
    return /^(?:stride|pad|dil|kernel)/u.test(letter);
  // C_1, W_2 of stacked layers
  return sub.kind === "number" && /^[A-Z]$/u.test(letter);
}
const wordOf = (sub: Formula): string =>
  sub.kind === "symbol"
    ? sub.letter
    : sub.kind === "number"
      ? String(sub.value)
      : sub.kind === "product"
        ? wordOf(sub.left) + wordOf(sub.right)
        : "";
/** A name with its subscript, as one word. */
export const labelled = (letter: string, sub: Formula): string => `${letter}_${wordOf(sub)}`;

/** `^l` is this layer, `^{l-1}` the one before. */
export function layerSuffix(sup: Formula, layerLetters: ReadonlySet<string>): string | undefined {
  if (sup.kind === "tuple") {
    const [only] = sup.entries;
    if (only?.kind === "number") return `_${only.value}`;
    return only && isLayer(only, layerLetters) ? "" : undefined;
  }
  if (isLayer(sup, layerLetters)) return "";
  if (sup.kind === "sum" && isLayer(sup.left, layerLetters) && sup.right.kind === "number") {
    const { value } = sup.right;
    return (sup.sign === "+" ? "_next" : "_prev") + (value === 1 ? "" : String(value));
  }
  return undefined;
}
const isLayer = (formula: Formula, layerLetters: ReadonlySet<string>): boolean =>
  formula.kind === "symbol" && !formula.subs && layerLetters.has(formula.letter);

/** An index as it is written: a letter and its primes. */
export const indexName = (formula: Formula): string | undefined =>
  formula.kind === "symbol" && !formula.subs && !formula.sup && formula.marks.length === 0
    ? (isTaken(formula.letter) ? `${formula.letter}_` : formula.letter) + "'".repeat(formula.primes)
    : undefined;
export const isTransposition = (formula: Formula | undefined): boolean =>
  formula?.kind === "symbol" &&
  ["T", "t", "⊤", "tr", "intercal", "Tr", "texttt"].includes(formula.letter) &&
  !formula.subs &&
  !formula.sup;
