/** The physical lines of a text joined to logical ones: comments blanked, continuations put together. */
import { tidied, type PhysicalLine, type Told } from "./habits/comments.js";

export interface Line {
  /** The text as it stands in the file, comments and line ends replaced by blanks: offsets stay true. */
  readonly text: string;
  /** Offset of the first character in the file. */
  readonly start: number;
}
export interface Lines {
  /** The leading comment block without `#`. */
  readonly documentation: string;
  readonly lines: readonly Line[];
  /** Comments and ends of statements that other languages have. */
  readonly told: readonly Told[];
}

/** A line that begins so is a statement of its own even where a bracket before it was left open. */
const freshKeyword =
  /^\s*(?:param|use|input|weight|data|index|output|local|require|claim|variant|check)\s+\p{L}/u;
const freshDefinition = /^\s*\p{L}[\p{L}\p{M}\p{Nd}_]*\s*(?:\[[^\]=]*\]|\([^)=]*\))?\s*=(?!=)/u;
const assignments = /^\s*(?:variant|check)\b/;
const openEnd = /(?:^\s*def\b.*:|[-+*/^<>,=]|(?<![\p{L}\p{M}\p{Nd}_])(?:and|or|not))\s*$/u;
const openBeginning = /^\s*(?:[-+*/^<>]|[!=]=|(?:and|or)(?![\p{L}\p{M}\p{Nd}_']))/u;

const name = "\\p{L}[\\p{L}\\p{M}\\p{Nd}_]*";
const useLine = new RegExp(`^\\s*use\\s+(${name}(?:\\s*,(?:\\s|#[^\\r\\n]*)*${name})*)`, "gmu");
/** The layers that a text names after `use`, told from it alone. */
export const usedNames = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(useLine)].flatMap(([, names = ""]) =>
      names
        .replaceAll(/#.*/gu, "")
        .split(",")
        .map((n) => n.trim()),
    ),
  );

/**
 * Splits a text into logical lines. A line goes on while a bracket is open, where it ends in an operator, a comma or `=`, and
 * where the next begins with an operator.
 * @param tidy whether to look for comments and ends of statements that other languages have
 */
export function splitLines(text: string, tidy = false): Lines {
  const lines: Line[] = [];
  const documentation: string[] = [];
  const told: Told[] = [];
  const layers = usedNames(text);
  let leading = true;
  let current: { text: string; start: number; depth: number; assigns: boolean; whole: boolean } | undefined;
  const finish = (): void => {
    if (current && current.text.trim() !== "") lines.push({ text: current.text, start: current.start });
    current = undefined;
  };
  for (const { content, start, ending } of tidy
    ? tidied(physicalLines(text), (t) => told.push(t))
    : physicalLines(text)) {
    const comment = commentStart(content);
    const code = content.slice(0, comment);
    const blank = code.trim() === "";
    if (leading) {
      if (blank && comment < content.length)
        documentation.push(
          content
            .slice(comment + 1)
            .replace(/^ /, "")
            .trimEnd(),
        );
      else leading = blank && documentation.length === 0;
    }
    const padded = code + " ".repeat(content.length - code.length + ending);
    if (current && !blank && (current.whole ? !openBeginning.test(code) : beginsAnew(current, layers, code)))
      finish();
    if (!current) {
      if (blank) continue;
      current = { text: padded, start, depth: depthOf(code), assigns: assignments.test(code), whole: false };
    } else {
      current.text += padded;
      current.depth += depthOf(code);
    }
    if (!blank) current.whole = current.depth <= 0 && !openEnd.test(code);
  }
  finish();
  return { documentation: documentation.join("\n"), lines, told };
}

/** `assigns`: whether the line before lists values, `N = 2, C = 3`, and may go on with another; so may a layer's arguments. */
const beginsAnew = (
  { assigns, text }: { readonly assigns: boolean; readonly text: string },
  layers: ReadonlySet<string>,
  code: string,
): boolean =>
  freshKeyword.test(code) ||
  (freshDefinition.test(code) && !assigns && !(isNamedValue.test(code) && endsInCall(text, layers)));
const isNamedValue = new RegExp(`^\\s*${name}\\s*=`, "u");
const bracket = new RegExp(`(${name})?\\s*([(\\[])|[)\\]]`, "gu");

/** Whether the bracket that the text leaves open last is that of a call of one of the layers. */
function endsInCall(text: string, layers: ReadonlySet<string>): boolean {
  if (layers.size === 0) return false;
  const open: boolean[] = [];
  for (const [, head = "", opening] of text.matchAll(bracket))
    if (opening === undefined) open.pop();
    else open.push(opening === "(" && layers.has(head));
  return open.at(-1) ?? false;
}

function* physicalLines(text: string): Generator<PhysicalLine> {
  const ends = /\r\n|\r|\n|$/g;
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  ends.lastIndex = start;
  for (let end = ends.exec(text); end; end = ends.exec(text)) {
    yield { content: text.slice(start, end.index), start, ending: end[0].length };
    start = end.index + end[0].length;
    if (end[0].length === 0) return;
  }
}

/** Where the comment begins; `#` between quotes begins none. */
function commentStart(content: string): number {
  let quoted = false;
  for (let i = 0; i < content.length; i++) {
    if (content[i] === '"') quoted = !quoted;
    if (content[i] === "#" && !quoted) return i;
  }
  return content.length;
}

function depthOf(code: string): number {
  let depth = 0;
  for (const c of code.replace(/"[^"]*"/g, "")) {
    if (c === "(" || c === "[") depth++;
    if (c === ")" || c === "]") depth--;
  }
  return depth;
}
