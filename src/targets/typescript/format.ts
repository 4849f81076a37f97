/** Prettier with only what TypeScript and JavaScript need: the whole of it takes longer to load than to run. */
import * as babel from "prettier/plugins/babel";
import * as estree from "prettier/plugins/estree";
import type { Options } from "prettier";
import { format as formatWith } from "prettier/standalone";

/** How wide a line of generated code may be. */
export const lineWidth = 100;

export const format = (text: string, options: Options): Promise<string> =>
  formatWith(text, { ...options, plugins: [babel, estree] });

/** TypeScript formatted, once for each text and width: files share much. */
export function formatTypeScript(text: string, printWidth = lineWidth): Promise<string> {
  const key = `${printWidth} ${text}`;
  const known = formattedTexts.get(key) ?? format(text, { parser: "babel-ts", printWidth });
  formattedTexts.set(key, known);
  return known;
}
const formattedTexts = new Map<string, Promise<string>>();
