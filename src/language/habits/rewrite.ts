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
  const made = new Set<Token>();
  const text = ([from, to]: Run): string => {
    const run = tokens.slice(from, to);
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) return "";
    return run.some((t) => made.has(t))
      ? joined(run)
      : source.text.slice(first.start - source.offset, last.end - source.offset);
  };
  let rewrites = 0;
  let statement: Statement = { tokens, overview, ...leftOf(tokens), text };
  for (let at = 0; at < tokens.length; at++) {
    let found: Found | undefined;
    for (const rule of rules) if ((found ??= rule(statement, at))) break;
    if (!found) continue;
    const { run, pieces, complaint } = found;
    const places = tokens.slice(...run);
    const span =
      places.length === 0
        ? { start: source.offset, end: source.offset }
        : {
            start: Math.min(...places.map((t) => t.start)),
            end: Math.max(...places.map((t) => t.end)),
          };
    const instead = pieces?.map((p) => (typeof p === "string" ? p : text(p))).join("");
    report(
      found.at ?? span,
      instead === undefined
        ? complaint
        : { ...complaint, ...mendOf(span, instead, found.whole ? source : undefined) },
    );
    if (!pieces || ++rewrites > mostRewrites) return undefined;
    const put = pieces.flatMap((p) => (typeof p === "string" ? placed(p, span) : tokens.slice(...p)));
    for (const token of put) if (!tokens.includes(token)) made.add(token);
    tokens = [...tokens.slice(0, run[0]), ...put, ...tokens.slice(run[1])];
    statement = { tokens, overview, ...leftOf(tokens), text };
    at = Math.min(at, run[0]) - 1;
  }
  return tokens;
}

function mendOf(
  { start, end }: Span,
  text: string,
  statement: { readonly text: string; readonly offset: number } | undefined,
): Pick<Complaint, "hint" | "mend"> {
  const shown = statement
    ? statement.text.slice(0, start - statement.offset) + text + statement.text.slice(end - statement.offset)
    : text;
  return {
    hint:
      shown.trim() === ""
        ? "leave it out"
        : `write ${shown.trim().replaceAll(/\s*\n\s*/g, statement ? " " : " · ")}`,
    mend: [{ start, end, text }],
  };
}

/** Tokens as text, with blanks where people put them. */
const joined = (tokens: readonly Token[]): string =>
  tokens
    .map((t) => t.text)
    .join(" ")
    .replaceAll(/(?<=[\p{L}\p{Nd}'_\])]) (?=[[(])| (?=[)\],])|(?<=[([]) /gu, "");

/** Tokens of a mend's text, all at the place of what they mend. */
const placed = (text: string, span: Span): readonly Token[] =>
  tokenize(text, 0).map(({ kind, text: t }) => ({ kind, text: t, ...span }));

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
