/** Logical lines to declarations. */
import type { Declaration } from "./declarations.js";
import { isTensorRole, lineKeywords } from "./keywords.js";
import { LineReader, type FileContext } from "./line-reader.js";
import type { Line } from "./lines.js";
import { say } from "./messages.js";
import { maximumDepth, type Report } from "./tokens.js";

const maximumStatement = 20_000;

/**
 * Reads one line, which a mend may make more than one of; undefined where a problem was reported that leaves nothing.
 */
export function parseDeclaration(
  line: Line,
  context: FileContext,
  report: Report,
): readonly Declaration[] | undefined {
  const text = line.text.trimEnd();
  const lead = text.length - text.trimStart().length;
  const span = { start: line.start + lead, end: line.start + text.length };
  if (text.length - lead > maximumStatement) {
    const deep = deepBracket(text);
    if (deep >= 0) report({ start: line.start + deep, end: line.start + deep + 1 }, say.tooDeep());
    else report({ start: span.start, end: span.start + 1 }, say.tooLong(maximumStatement));
    return undefined;
  }
  const declarations = new LineReader(text, line.start, span, context, report).declarations();
  return declarations.length > 0 ? declarations : undefined;
}

/** Where brackets are first nested deeper than the language allows; -1 where they are not. */
function deepBracket(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(" || text[i] === "[") depth++;
    if (text[i] === ")" || text[i] === "]") depth--;
    if (depth > maximumDepth) return i;
  }
  return -1;
}

/** The names that a line would introduce if it could be read: they are not reported again as unknown. */
export function introducedNames({ text }: Line): readonly string[] {
  const names = text.match(/\p{L}[\p{L}\p{M}\p{Nd}_]*/gu) ?? [];
  const [first = "", second = ""] = names;
  const declares = isTensorRole(first) || !text.includes("=");
  return declares ? names.slice(0, 20) : lineKeywords.has(first) ? [second] : [first];
}
