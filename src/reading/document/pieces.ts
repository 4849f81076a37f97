/**
 * The mathematics of a document: display equations and inline formulas of Markdown, LaTeX or plain text, each with its
 * place and its section. Code is passed over, ```math blocks are not.
 *
 * No parser of Markdown: a document may be LaTeX or both at once, CommonMark knows no mathematics, and read by its rules a formula is
 * no more what it was (`\[` and `\\` are escapes, `_` and `*` are emphasis, a line that begins with `+` or `>` is a list or a quotation). What is
 * wanted is what stands between the marks of formulas, at its place.
 */
import { blank, type Macros, withoutMacros } from "./macros.js";

export interface Piece {
  readonly kind: "display" | "inline";
  /** LaTeX, of the same length as in the document: an offset in it, plus `at`, is an offset in the document. */
  readonly source: string;
  readonly at: number;
  /** Headings above it, outermost first. */
  readonly section: readonly string[];
  /** Where those headings stand, outermost first. */
  readonly within: readonly number[];
  /** The line of the document that it begins on. */
  readonly line: string;
  readonly macros: Macros;
}
const environments = "equation|align|alignat|gather|multline|eqnarray|displaymath|flalign|dmath";

/** What begins or hides mathematics, tried in this order at each place. */
const pattern = new RegExp(
  [
    String.raw`(?<escaped>\\[\\$])`,
    String.raw`(?<heading>^#{1,6}[ \t]+(?<title>[^\n]*)|\\(?<level>part|chapter|section|subsection|subsubsection|paragraph)\*?\{(?<texTitle>[^}]*)\})`,
    String.raw`^(?<fence>\x60{3,}|~{3,})[ \t]*(?<info>[^\n]*)\n(?<code>[^]*?)^\k<fence>[ \t]*$`,
    String.raw`(?<comment><!--[^]*?-->)`,
    String.raw`\$\$(?<dollars>[^]*?)\$\$`,
    String.raw`\\\[(?<brackets>[^]*?)\\\]`,
    String.raw`(?<environment>\\begin\{(?<name>(?:${environments})\*?)\}[^]*?\\end\{\k<name>\})`,
    String.raw`(?<tick>\x60+)[^\n]*?\k<tick>`,
    String.raw`\\\((?<parens>[^]*?)\\\)`,
    String.raw`\$(?<dollar>(?:\\[^]|[^$\\\n]|\n(?!\s*\n))+?)\$`,
  ].join("|"),
  "gmu",
);
const levels = ["part", "chapter", "section", "subsection", "subsubsection", "paragraph"];

/** All formulas of a document, in its order. */
export function findPieces(document: string): readonly Piece[] {
  const { text, macros } = withoutMacros(withoutComments(document));
  const pieces: Piece[] = [];
  const headings: { readonly depth: number; readonly title: string; readonly at: number }[] = [];
  for (const match of text.matchAll(pattern)) {
    const groups = match.groups ?? {};
    if (groups["heading"] !== undefined) {
      const depth = groups["level"] ? levels.indexOf(groups["level"]) : /^#+/u.exec(match[0])![0].length;
      while (headings.length > 0 && headings.at(-1)!.depth >= depth) headings.pop();
      headings.push({
        depth,
        title: plainTitle(groups["title"] ?? groups["texTitle"] ?? ""),
        at: match.index,
      });
      continue;
    }
    const math = /^math\b/u.test(groups["info"] ?? "") ? groups["code"] : undefined;
    const display = math ?? groups["dollars"] ?? groups["brackets"] ?? groups["environment"];
    const body = display ?? groups["parens"] ?? groups["dollar"];
    if (body === undefined || body.trim() === "") continue;
    const at = match.index + match[0].indexOf(body);
    pieces.push({
      kind: display === undefined ? "inline" : "display",
      source: readable(body),
      at,
      section: headings.map(({ title }) => title),
      within: headings.map(({ at: place }) => place),
      line: lineAt(text, match.index),
      macros,
    });
  }
  return pieces;
}

/** Comments of LaTeX as spaces. Only files that look like LaTeX have them: in Markdown `%` is a character. */
const withoutComments = (text: string): string =>
  /\\(?:documentclass|begin\{document\}|section)/u.test(text)
    ? text.replace(/(?<!\\)%[^\n]*/gu, (comment) => " ".repeat(comment.length))
    : text;

/** Labels and the marks of quotations mean nothing to a formula. */
const readable = (body: string): string =>
  body
    .replace(
      /\\(?:label|eqref|ref|cite[tp]?)\{[^}]*\}|\\(?:nonumber|notag|displaystyle|allowbreak)(?![a-zA-Z])/gu,
      blank,
    )
    // what KaTeX calls by another name, padded to the same length
    .replace(/\\begin\{multline\*?\}[^]*\\end\{multline\*?\}/gu, (rows) => rows.replace(/\\\\/gu, "  "))
    .replace(
      /\\(begin|end)\{(?:multline|eqnarray|flalign|displaymath)(\*?)\}/gu,
      (whole, side: string, star: string) => `\\${side}{align${star}}`.padEnd(whole.length),
    )
    // words between rows
    .replace(/\\(?:short)?intertext\{[^{}]*\}/gu, (words) => `\\\\${blank(words.slice(2))}`)
    .replace(/^[ \t]*>/gmu, (quote) => " ".repeat(quote.length));
const plainTitle = (title: string): string =>
  title
    .replace(/\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .replace(/<[^>]*>|[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}/gu, "")
    .replace(/\s*#*\s*$/u, "")
    .trim();

function lineAt(text: string, offset: number): string {
  const end = text.indexOf("\n", offset);
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, end < 0 ? text.length : end).trim();
}
