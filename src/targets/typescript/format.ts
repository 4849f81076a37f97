/** Prettier with only what TypeScript and JavaScript need: the whole of it takes longer to load than to run. */
import * as babel from "prettier/plugins/babel";
import * as estree from "prettier/plugins/estree";
import type { Options } from "prettier";
import { format as formatWith } from "prettier/standalone";

/** How wide a line of generated code may be. */
export const lineWidth = 100;

export const format = (text: string, options: Options): Promise<string> =>
  formatWith(text, { ...options, plugins: [babel, estree] });

export const formatTypeScript = (text: string, printWidth = lineWidth): Promise<string> =>
  format(text, { parser: "babel-ts", printWidth });

/** A text that many files have, formatted once. */
export function formatShared(text: string): Promise<string> {
  const known = sharedTexts.get(text) ?? formatTypeScript(text);
  sharedTexts.set(text, known);
  return known;
}
const sharedTexts = new Map<string, Promise<string>>();
