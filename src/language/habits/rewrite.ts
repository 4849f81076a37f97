/**
 * Habits from other notations, line by line: what is written as numpy, PyTorch, einsum or LaTeX have it is reported once, with
 * what to write instead, and reading goes on with that, so that one mistake is one problem. A mend is made of pieces: text, and runs
 * of the tokens written, which keep their places.
 */
import type { Span } from "../../notation/span.js";
import type { Complaint } from "../messages.js";
import { tokenize, type Report, type Token } from "../tokens.js";
import type { Overview } from "./overview.js";
import { isSign, type Run } from "./tools.js";

export type Piece = string | Run;
export interface Found {
  /** The tokens that the pieces stand in for. */
  readonly run: Run;
  /** Undefined: there is no telling what is meant, and the statement is left. */
  readonly pieces: readonly Piece[] | undefined;
  /** The problem's place, where it is not the run. */
  readonly at?: Span;
  /** Whether the mend is shown as the whole statement, since its own text would say little. */
  readonly whole?: boolean;
  readonly complaint: Complaint;
}
export interface Statement {
  readonly tokens: readonly Token[];
  readonly overview: Overview;
  /** The subscripts of the left-hand side where all are plain names; undefined where they are not, or there is none. */
  readonly left: readonly string[] | undefined;
  /** The tensor defined. */
  readonly defines: string | undefined;
  text(run: Run): string;
}
export type Rule = (statement: Statement, at: number) => Found | undefined;

/** More mistakes than anyone makes in a statement; rules that feed each other end here. */
const mostRewrites = 40;
/** Longer statements are no beginner's. */
const mostTokens = 2000;

/** The tokens as they are meant. Undefined where something is not told. */
export function mended(
  written: readonly Token[],
  source: { readonly text: string; readonly offset: number },
  overview: Overview,
  rules: readonly Rule[],
  report: Report,
): readonly Token[] | undefined {
  if (written.length > mostTokens) return written;
  let tokens = written;
  const text = ([from, to]: Run): string => textOf(tokens.slice(from, to), source);
  let rewrites = 0;
  let statement: Statement = { tokens, overview, ...leftOf(tokens), text };
  for (let at = 0; at < tokens.length; at++) {
    let found: Found | undefined;
    for (const rule of rules) if ((found ??= rule(statement, at))) break;
    if (!found) continue;
    const { run, pieces, complaint } = found;
    const span = hull(tokens.slice(...run), source.offset);
    if (!pieces) {
      report(found.at ?? span, complaint);
      return undefined;
    }
    const instead = pieces.map((p) => (typeof p === "string" ? p : text(p))).join("");
    const before = tokens;
    tokens = [...before.slice(0, run[0]), ...put(pieces, before, span), ...before.slice(run[1])];
    const shown = found.whole ? textOf(tokens, source) : instead;
    report(found.at ?? span, {
      ...complaint,
      hint: shown.trim() === "" ? "leave it out" : `write ${shown.trim().replaceAll(/\s*\n\s*/g, " · ")}`,
      ...(isOnePlace(before, run) && { mend: [{ ...span, text: instead }] }),
    });
    if (++rewrites > mostRewrites) return undefined;
    statement = { tokens, overview, ...leftOf(tokens), text };
    at = Math.min(at, run[0]) - 1;
  }
  return tokens;
}

function hull(tokens: readonly Token[], offset: number): Span {
  if (tokens.length === 0) return { start: offset, end: offset };
  return { start: Math.min(...tokens.map((t) => t.start)), end: Math.max(...tokens.map((t) => t.end)) };
}

/** The tokens of the pieces: those of a text stand between the runs around it, or where these are exchanged, for all. */
function put(pieces: readonly Piece[], tokens: readonly Token[], span: Span): readonly Token[] {
  const runs = pieces.map((p) => (typeof p === "string" ? undefined : tokens.slice(...p)));
  return pieces.flatMap((piece, i) => {
    if (typeof piece !== "string") return runs[i] ?? [];
    const start =
      runs
        .slice(0, i)
        .flatMap((r) => r ?? [])
        .at(-1)?.end ?? span.start;
    const end = runs.slice(i + 1).flatMap((r) => r ?? [])[0]?.start ?? span.end;
    const made = start <= end ? { start, end } : { start: span.start, end: span.end };
    return tokenize(piece, 0).map(({ kind, text }) => ({ kind, text, ...made, made }));
  });
}

/** Whether a run of tokens is one stretch of the file: of what a mend put in all or nothing, and in its order. */
function isOnePlace(tokens: readonly Token[], [from, to]: Run): boolean {
  const inside = tokens.slice(from, to);
  const outside = [...tokens.slice(0, from), ...tokens.slice(to)];
  return (
    inside.every((t) => !t.made || !outside.some((o) => o.made === t.made)) &&
    inside.every((t, i) => i === 0 || (inside[i - 1]?.start ?? 0) <= t.start)
  );
}

/** Tokens as the file has them, or where a mend put some in, as people write them. */
function textOf(
  tokens: readonly Token[],
  source: { readonly text: string; readonly offset: number },
): string {
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (!first || !last) return "";
  return tokens.some((t) => t.made)
    ? joined(tokens)
    : source.text.slice(first.start - source.offset, last.end - source.offset);
}
/** Tokens as text, with blanks where people put them. */
const joined = (tokens: readonly Token[]): string =>
  tokens
    .map((t) => t.text)
    .join(" ")
    .replaceAll(/(?<=[\p{L}\p{Nd}'_\])]) (?=[[(])| (?=[)\],])|(?<=[([]) /gu, "");

function leftOf(tokens: readonly Token[]): Pick<Statement, "left" | "defines"> {
  const end = tokens.findIndex((t) => /^[-+*/:]?=$/.test(t.text));
  const [head, open] = tokens;
  if (end < 1 || head?.kind !== "name") return { left: undefined, defines: undefined };
  if (end === 1) return { left: undefined, defines: head.text };
  const inner = tokens.slice(2, end - 1);
  const plain = inner.every((t, i) => (i % 2 === 0 ? t.kind === "name" : t.text === ","));
  const bracketed = isSign(open, "[") && isSign(tokens[end - 1], "]");
  return {
    left:
      bracketed && plain && inner.length > 0
        ? inner.filter((_, i) => i % 2 === 0).map((t) => t.text)
        : undefined,
    defines: head.text,
  };
}
