/** A text as numbers of its characters. */
export interface Text {
  /** Every character that occurs, in the order of their codes. */
  readonly letters: readonly string[];
  /** The text, each character by its place among the letters. */
  readonly codes: Int32Array;
}

export function readText(text: string): Text {
  const characters = Array.from(text);
  const letters = [...new Set(characters)].sort();
  const numbers = new Map(letters.map((letter, i) => [letter, i]));
  return { letters, codes: Int32Array.from(characters, (c) => numbers.get(c)!) };
}

/** Fills a batch with pieces of the text from random places, and with the same one character on. */
export function fillBatch(
  { codes }: Text,
  length: number,
  { text, next }: { readonly text: Int32Array; readonly next: Int32Array },
  random: () => number,
): void {
  for (let to = 0; to < text.length; to += length) {
    const from = Math.floor(random() * (codes.length - length));
    text.set(codes.subarray(from, from + length), to);
    next.set(codes.subarray(from + 1, from + length + 1), to);
  }
}
