/** What a generated module declares, and its text. */

/** What a module declares, as plain data: to be written as a file, or inside another. */
export interface Declarations {
  readonly imports: readonly string[];
  readonly declared: readonly Declared[];
}
export interface Declared {
  readonly comment: string;
  readonly exported: boolean;
  /** Whether it is of types alone, and need not be called declared. */
  readonly ofTypes: boolean;
  /** Without `export` and `declare`. */
  readonly text: string;
}

/** The text of a `.d.ts` file, or with `ambient` of what stands in a `declare module` of one. */
export function declarationText({ imports, declared }: Declarations, ambient = false): string {
  const texts = declared.map(({ comment, exported, ofTypes, text }) => {
    const words = [...(exported ? ["export"] : []), ...(ambient || ofTypes ? [] : ["declare"]), text];
    return `${comment === "" ? "" : `${comment}\n`}${words.join(" ")}\n`;
  });
  return [...imports.map((line) => `${line}\n`), ...texts].join("");
}
