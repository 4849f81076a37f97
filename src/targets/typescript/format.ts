/** Prettier with only what TypeScript and JavaScript need: the whole of it takes longer to load than to run. */
import * as babel from "prettier/plugins/babel";
import * as estree from "prettier/plugins/estree";
import type { Options } from "prettier";
import { format as formatWith } from "prettier/standalone";

export const format = (text: string, options: Options): Promise<string> =>
  formatWith(text, { ...options, plugins: [babel, estree] });
