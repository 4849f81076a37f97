/** Comments and ends of statements as other languages have them, taken out before lines are put together. */
import { say, type Complaint, type Edit } from "../messages.js";
import type { Span } from "../../notation/span.js";

export interface PhysicalLine {
  readonly content: string;
  readonly start: number;
  /** The length of the line's end. */
  readonly ending: number;
}
export interface Told {
  readonly span: Span;
  readonly complaint: Complaint;
}
/** Marks that begin a comment, by the marks that end it; none: the line ends it. */
const blocks = new Map([
  ["/*", "*/"],
  ['"""', '"""'],
  ["'''", "'''"],
  ["<!--", "-->"],
]);
const opening = /^\s*(\/\/|--(?=\s+\p{L})|%|\/\*|"""|'''|<!--)/u;

/**
 * The lines without comments of other languages and without semicolons, each as long as before; what stood there is told.
 */
export function* tidied(lines: Iterable<PhysicalLine>, tell: (told: Told) => void): Generator<PhysicalLine> {
  let block: { mark: string; span: Span; edits: Edit[] } | undefined;
  const finish = (): void => {
    if (block) tell({ span: block.span, complaint: commentOf(block.mark, block.edits) });
    block = undefined;
  };
  for (const line of lines) {
    const { content, start } = line;
    const mark = block?.mark ?? opening.exec(content)?.[1] ?? trailingMark(content);
    if (mark === undefined) {
      yield* parted(line, tell);
      continue;
    }
    const from = block ? content.search(/\S|$/) : content.indexOf(mark);
    const after = block ? from : from + mark.length;
    const closing = blocks.get(mark);
    const end = closing === undefined ? -1 : content.indexOf(closing, after);
    block ??= { mark, span: { start: start + from, end: start + from + mark.length }, edits: [] };
    const text = content.slice(after, end < 0 ? undefined : end).trim();
    block.edits.push({
      start: start + from,
      end: start + content.length,
      text: text === "" ? "" : `# ${text}`,
    });
    if (closing === undefined || end >= 0) finish();
    yield { ...line, content: content.slice(0, from).padEnd(content.length) };
  }
  finish();
}
const commentOf = (mark: string, mend: readonly Edit[]): Complaint => ({
  ...say.otherComment(mark),
  hint: mend.length === 1 ? `write ${mend[0]?.text.slice(0, 60)}` : "begin each of its lines with #",
  mend,
});

/** `y[n] = x[n] // words`; `N // 2` and `a[n] // b[n]` are quotients. */
function trailingMark(content: string): string | undefined {
  const at = content.indexOf("//");
  if (at < 0 || /[#"]/.test(content.slice(0, at)) || depthOf(content.slice(0, at)) > 0) return undefined;
  const after = content.slice(at + 2, at + 200).trim();
  const words = /^$|^[^[\]()=]*\p{L}{2,}[,.:]?\s+\p{L}|^\p{Lu}?\p{Ll}{2,}\.?$/u.test(after);
  return words && content.slice(0, at).trim() !== "" ? "//" : undefined;
}
function depthOf(text: string): number {
  return [...text].reduce((d, c) => d + (c === "(" || c === "[" ? 1 : c === ")" || c === "]" ? -1 : 0), 0);
}

/** A line parted at its semicolons. */
function* parted(line: PhysicalLine, tell: (told: Told) => void): Generator<PhysicalLine> {
  const { content, start, ending } = line;
  const places: number[] = [];
  let [quoted, depth] = [false, 0];
  for (let i = 0; i < content.length && (quoted || content[i] !== "#"); i++) {
    if (content[i] === '"') quoted = !quoted;
    // in brackets it divides arguments
    if (content[i] === "(" || content[i] === "[") depth++;
    if (content[i] === ")" || content[i] === "]") depth--;
    if (content[i] === ";" && !quoted && depth <= 0) places.push(i);
  }
  // where the last statement ends: what stands behind is a comment or nothing
  const comment = places.length === 0 ? content.length : commentFrom(content, places.at(-1) ?? 0);
  let end = comment;
  while (end > 0 && /[\s;]/.test(content[end - 1] ?? "")) end--;
  let from = 0;
  for (const at of places) {
    const span = { start: start + at, end: start + at + 1 };
    const last = at >= end;
    const complaint = { ...say.severalStatements(), hint: last ? "leave it out" : "begin a new line" };
    // several in a row are one mistake
    if (from === 0 || content.slice(from, at).trim() !== "")
      tell({ span, complaint: { ...complaint, mend: [{ ...span, text: last ? "" : "\n" }] } });
    yield { content: content.slice(from, at), start: start + from, ending: 1 };
    from = at + 1;
  }
  yield { content: content.slice(from), start: start + from, ending };
}
function commentFrom(content: string, from: number): number {
  const at = content.indexOf("#", from);
  return at < 0 ? content.length : at;
}
