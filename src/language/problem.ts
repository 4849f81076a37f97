/** What is wrong with a text: a place, a message in the user's own names and, where there is one, a mend. */
import { codeFrameColumns } from "@babel/code-frame";
import type { Edit } from "./messages.js";
export type { Edit } from "./messages.js";
import type { Origin, Span } from "../notation/span.js";

export interface Problem {
  /** A stable short name, `unknown-name`. */
  readonly code: string;
  readonly message: string;
  readonly span: Span;
  /** The likely mend, in words. */
  readonly hint?: string;
  /** The likely mend as edits of the text, none of which overlap: put in, they give a text without this problem. */
  readonly mend?: readonly Edit[];
}
/** The text with a problem's mend put in; the text itself where there is none. */
export function applyMend(text: string, { mend = [] }: Problem): string {
  const edits = [...mend].sort((a, b) => b.start - a.start || b.end - a.end);
  return edits.reduce((t, { start, end, text: put }) => t.slice(0, start) + put + t.slice(end), text);
}
/** A text and the file it came from. */
export interface Source {
  readonly file: string;
  readonly text: string;
}
export interface Position {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
}

/** Line and column of an offset. CR LF, LF and a lone CR end a line; a leading byte-order mark has no column. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, Math.max(0, Math.min(offset, text.length)));
  const lines = before.split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? "";
  const mark = lines.length === 1 && last.startsWith("\uFEFF") ? 1 : 0;
  return { line: lines.length, column: last.length - mark + 1 };
}

/** All the problems of one text as one error; its message is the rendered list. */
export class LayerError extends Error {
  readonly problems: readonly Problem[];
  readonly source: Source;
  constructor(problems: readonly Problem[], source: Source) {
    super(renderProblems(source, problems));
    this.name = "LayerError";
    this.problems = problems;
    this.source = source;
  }
}

const mostShown = 50;

/** `file:line:column: message`, the line with a marker, and the mend, for each problem. */
export function renderProblems(
  source: Source,
  problems: readonly Problem[],
  options: { readonly color?: boolean } = {},
): string {
  const shown = problems
    .slice(0, mostShown)
    .map((problem) => renderProblem(source, problem, options.color ?? false));
  if (problems.length > mostShown) shown.push(`… and ${problems.length - mostShown} more`);
  return shown.join("\n\n");
}

function renderProblem({ file, text }: Source, problem: Problem, color: boolean): string {
  const start = positionOf(text, problem.span.start);
  const parts = [`${file}:${start.line}:${start.column}: ${problem.message}`];
  const frame = codeFrame(text, problem.span, start, color);
  if (frame) parts.push(frame);
  for (const { source, span } of originsOf(problem)) {
    parts.push(`  ${placeOf({ source, span })}, in the layer that is called:`);
    const there = codeFrame(source.text, span, positionOf(source.text, span.start), color);
    if (there) parts.push(there);
  }
  if (problem.hint) parts.push(`  hint: ${problem.hint}`);
  return parts.join("\n");
}

/** The places in called layers where a problem arises: of a call inside a called layer both. */
export function originsOf({ span }: Pick<Problem, "span">): readonly Origin[] {
  const found: Origin[] = [];
  for (let { origin } = span; origin; origin = origin.span.origin) found.push(origin);
  return found;
}
/** `file:line:column` */
export function placeOf({ source, span }: Origin): string {
  const { line, column } = positionOf(source.text, span.start);
  return `${source.file}:${line}:${column}`;
}

/** The lines of a problem, marked. Empty for a text without any. */
export const frameOf = ({ text }: Source, { span }: Problem): string =>
  codeFrame(text, span, positionOf(text, span.start), false);

/** The line and its neighbours; long lines are cut around the marker, control characters shown as ·. */
function codeFrame(text: string, span: Span, start: Position, color: boolean): string {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const width = Math.max(1, span.end - span.start);
  const line = lines[start.line - 1] ?? "";
  if (text.length === 0) return "";
  const cut = Math.max(0, start.column - 100);
  const tidy = (l: string): string =>
    l.slice(cut, cut + 200).replace(/[^\P{C}\t]|[\p{Zl}\p{Zp}]/gu, (c) => "·".repeat(c.length));
  const first = Math.max(0, start.line - 2);
  const column = start.column - cut;
  const end = Math.min(column + width, tidy(line).length + 1);
  const options = { linesAbove: 1, linesBelow: 1, forceColor: color, startLine: first + 1 };
  return codeFrameColumns(
    lines
      .slice(first, start.line + 1)
      .map(tidy)
      .join("\n"),
    { start: { line: start.line, column }, end: { line: start.line, column: end } },
    options,
  );
}
