/** What messages are made of. */
export interface Text {
  readonly message: string;
  readonly hint?: string;
  /** What to write in place of a name. */
  readonly instead?: { readonly name: string; readonly meant: string };
  /** What is put around what stands at the place. */
  readonly around?: readonly [before: string, after: string];
  /** The name that is wrong, which is told once a file. */
  readonly about?: string;
}

export const text = (message: string, hint?: string): Text =>
  hint === undefined ? { message } : { message, hint };
/** With the name that was likely meant, where there is one. */
export const near = (told: Text, name: string, meant: string | undefined): Text =>
  meant === undefined
    ? { ...told, about: name }
    : { ...told, about: name, hint: `did you mean ${meant}?`, instead: { name, meant } };
export const suggest = (near: string | undefined): string | undefined =>
  near === undefined ? undefined : `did you mean ${near}?`;
export const count = (n: number, noun: string): string =>
  `${n === 0 ? "no" : n} ${noun}${n === 1 ? "" : "s"}`;
/** User text in a message: control characters shown, long pieces cut. */
export const quote = (piece: string): string => {
  const shown = piece.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return `\`${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}\``;
};
