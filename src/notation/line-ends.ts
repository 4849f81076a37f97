/**
 * Text of the user's, a comment, a path, a message, in text that we write. What ends a line differs from language to language
 * (WGSL: all seven; TypeScript: four; Markdown: two), so nothing that ends one anywhere goes into a generated line as it is.
 */

/** LF, VT, FF, CR, NEL, and the separators of lines and of paragraphs; CR LF is one end. */
const lineEnd = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/u;
const lineEndsButLf = /[\v\f\r\u0085\u2028\u2029]/gu;

/** The lines of a text, whatever ends them. */
export const splitAtLineEnds = (text: string): readonly string[] => text.split(lineEnd);

/** Lines for a comment between `/*` and its end. */
export const commentLines = (text: string): readonly string[] =>
  splitAtLineEnds(text.replaceAll("*/", "* /")).map((line) => line.trimEnd());

/** Inside a string of JavaScript or JSON: the same characters, by their numbers. */
export const escapeLineEnds = (quoted: string): string =>
  quoted.replaceAll(lineEndsButLf, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The text as a string literal. */
export const quote = (text: string): string => escapeLineEnds(JSON.stringify(text));

/** Inside a template literal; its own LF stays one. */
export const escapeTemplate = (text: string): string =>
  escapeLineEnds(text.replaceAll(/[`\\]|\$(?=\{)/gu, String.raw`\$&`));
