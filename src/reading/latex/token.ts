/** Tokens of a formula: letters, numbers, symbols, and what encloses others. */

export interface Token {
  readonly kind:
    | "name" // a letter, or a word of several
    | "number"
    | "symbol" // operators, brackets, relations, punctuation
    | "big" // Σ, ∏, max: what takes limits
    | "fraction" // parts: numerator, denominator
    | "root" // parts: radicand, index
    | "group" // parts: body
    | "array" // rows of cells
    | "text"
    | "break"; // the end of a row
  readonly text: string;
  readonly at: number;
  readonly end: number;
  /** Accents, innermost first: `hat`, `tilde`. */
  readonly marks: readonly string[];
  readonly primes: number;
  /** Set bold: a vector or a matrix, never an element. */
  readonly bold?: boolean;
  readonly sub?: readonly Token[] | undefined;
  readonly sup?: readonly Token[] | undefined;
  readonly parts: readonly (readonly Token[])[];
  readonly rows: readonly (readonly (readonly Token[])[])[];
}

/** Words that are set letter by letter where `\mathrm` was forgotten. */
const words = new Set(
  (
    "stride strides pad padding dil dilate dilation eps var mean std softmax relu tanh sigmoid exp log sqrt max min shape " +
    "kernel size in out old new mask patch step groups einsum otherwise if act " +
    "net total target loss err error grad input output hidden cost bias weight relu conv pool logits pred true train test"
  ).split(" "),
);

/** Digits that stand together are a number, letters that stand together and make a known word a name. */
export function joined(tokens: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (let i = 0; i < tokens.length;) {
    const run = runAt(tokens, i);
    if (run > 1) {
      const parts = tokens.slice(i, i + run);
      const { sub, sup, primes } = parts.at(-1)!;
      result.push({
        ...parts[0]!,
        text: parts.map(({ text }) => text).join(""),
        ...spanOf(parts),
        sub,
        sup,
        primes,
      });
    } else result.push(tokens[i]!);
    i += run;
  }
  return result;
}

function runAt(tokens: readonly Token[], from: number): number {
  const first = tokens[from]!;
  if ((first.kind !== "number" && first.kind !== "name") || first.text.length > 1) return 1;
  let to = from + 1;
  while (to < tokens.length && touches(tokens[to - 1]!, tokens[to]!, tokens[to + 1])) to++;
  if (first.kind === "number") return to - from;
  const before = tokens[from - 1];
  if (before && touches(before, first, undefined)) return 1;
  const word = tokens.slice(from, to).map(({ text }) => text).join(""); // prettier-ignore
  return words.has(word) ? to - from : 1;
}

/** Whether two tokens belong to one number or word. A point between digits does. */
const touches = (a: Token, b: Token, next: Token | undefined): boolean =>
  (a.kind === b.kind ||
    (a.kind === "number" && b.text === "." && next?.kind === "number") ||
    (a.text === "." && b.kind === "number")) &&
  a.end === b.at && !a.sub && !a.sup && a.primes === 0 && a.marks.length === 0 &&
  b.marks.length === 0 && a.text.length === 1 && b.text.length === 1; // prettier-ignore

export const spanOf = (tokens: readonly Token[]): { at: number; end: number } => ({
  at: tokens[0]!.at,
  end: tokens.at(-1)!.end,
});
