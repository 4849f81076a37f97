/**
 * Habits from other notations, line by line: what is written as numpy, PyTorch, einsum or LaTeX have it is reported once, with
 * what to write instead, and reading goes on with that, so that one mistake is one problem. A mend is made of pieces: text, and runs
 * of the tokens written, which keep their places.
 */
import type { Span } from "../../notation/span.js";
import type { Complaint, Edit } from "../messages.js";
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
  readonly text: (run: Run) => string;
}
export type Rule = (statement: Statement, at: number) => Found | undefined;

/** More mistakes than anyone makes in a statement; rules that feed each other end here. */
const mostRewrites = 40;
/** Longer statements are no beginner's. */
const mostTokens = 2000;

interface Source {
  readonly text: string;
  readonly offset: number;
}
/** What a rule found, and where in the file. */
interface Rewrite {
  readonly span: Span;
  readonly at: Span;
  readonly whole: boolean;
  readonly mends: boolean;
  readonly latex: boolean;
  readonly complaint: Complaint;
}

/**
 * A statement's tokens on their way to what they are meant to be. Rewrites that touch the same stretch of the text are one mistake
 * (`x.clamp(min=0)` is a method, and a function that is written out here), and so is all that is LaTeX: told once, with the text that
 * comes out of it in the end.
 */
export class Rewriting {
  private current: readonly Token[];
  private failed = false;
  private readonly source: Source;
  private readonly overview: Overview;
  private readonly rewrites: Rewrite[] = [];

  constructor(written: readonly Token[], source: Source, overview: Overview) {
    this.current = written;
    this.source = source;
    this.overview = overview;
  }

  /** The tokens as they are meant. Undefined where there is no telling. */
  get tokens(): readonly Token[] | undefined {
    return this.failed ? undefined : this.current;
  }

  apply(rules: readonly Rule[]): void {
    if (this.failed || this.current.length > mostTokens) return;
    for (let at = 0; at < this.current.length; at++) {
      const tokens = this.current;
      const text = ([from, to]: Run): string => textOf(tokens.slice(from, to));
      const statement: Statement = { tokens, overview: this.overview, ...leftOf(tokens), text };
      let found: Found | undefined;
      // until a rule finds something the statement stays the same
      for (; at < tokens.length && !found; at++)
        for (const rule of rules) if ((found ??= rule(statement, at))) break;
      if (!found) return;
      const { run, pieces, complaint, whole = false } = found;
      const span = hull(tokens.slice(...run), this.source.offset);
      const latex = complaint.code === "latex" || tokens.slice(...run).some((t) => t.text.startsWith("\\"));
      this.rewrites.push({
        span,
        at: found.at ?? span,
        whole,
        mends: pieces !== undefined,
        latex,
        complaint,
      });
      this.failed = !pieces || this.rewrites.length > mostRewrites;
      if (!pieces || this.failed) return;
      this.current = put(pieces, tokens, run, span);
      // what stands before may see more now
      at = Math.max(-1, Math.min(at - 1, run[0]) - 2);
    }
  }

  /** Tells each mistake once. */
  tell(report: Report): void {
    for (const { span, rewrites } of this.mistakes()) {
      const [first] = rewrites;
      if (!first) continue;
      const made = this.current.flatMap((t) => t.made ?? []);
      // the first of each code
      const messages = rewrites
        .filter((r, i) => rewrites.findIndex((o) => o.complaint.code === r.complaint.code) === i)
        .map((r) => r.complaint.message);
      const complaint = { ...first.complaint, message: messages.join("; "), made };
      const open = rewrites.find((r) => !r.mends)?.complaint;
      if (open) {
        const { hint = complaint.hint, mend } = open;
        report(first.at, { ...complaint, ...(hint !== undefined && { hint }), ...(mend && { mend }) });
        continue;
      }
      const edit = this.edit(span);
      const shown = (rewrites.some((r) => r.whole) ? textOf(this.current) : edit.text).trim();
      const hint = shown === "" ? "leave it out" : `write ${shown.replaceAll(/\s*\n\s*/g, " · ")}`;
      report(first.at, { ...complaint, hint, mend: [edit] });
    }
  }

  /** Rewrites together that touch, or are all LaTeX, and the stretch that they rewrite. */
  private mistakes(): readonly Mistake[] {
    let mistakes: readonly Mistake[] = [];
    for (const rewrite of this.rewrites) {
      let joined: Mistake = { span: rewrite.span, rewrites: [rewrite] };
      for (;;) {
        const { span, rewrites } = joined;
        const [others, same] = [
          mistakes.filter((m) => !isOne(m, joined)),
          mistakes.filter((m) => isOne(m, joined)),
        ];
        if (same.length === 0) break;
        mistakes = others;
        joined = {
          span: hull([...same.map((m) => m.span), span], 0),
          rewrites: [...same.flatMap((m) => m.rewrites), ...rewrites],
        };
      }
      mistakes = [...mistakes, joined];
    }
    return mistakes;
  }

  /** What stands in the stretch in the end; blanks around it where there were none. */
  private edit(span: Span): Edit {
    const inside = ({ start, end }: Span): boolean => span.start <= start && end <= span.end;
    const from = this.current.findIndex(inside);
    const to = this.current.findLastIndex(inside) + 1;
    const own = from < 0 ? [] : this.current.slice(from, to);
    const { text, offset } = this.source;
    const [before, after] = [text[span.start - offset - 1] ?? " ", text[span.end - offset] ?? " "];
    const lead = /\s/.test(before) ? "" : (own[0]?.space ?? "");
    const trail = from < 0 || /\s/.test(after) ? "" : (this.current[to]?.space ?? "");
    return { ...span, text: `${lead}${textOf(own)}${trail}` };
  }
}
interface Mistake {
  readonly span: Span;
  readonly rewrites: readonly Rewrite[];
}
const isLatex = ({ rewrites }: Mistake): boolean => rewrites.some((r) => r.latex);
const isOne = (a: Mistake, b: Mistake): boolean =>
  (a.span.start <= b.span.end && b.span.start <= a.span.end) || (isLatex(a) && isLatex(b));

function hull(spans: readonly Span[], offset: number): Span {
  if (spans.length === 0) return { start: offset, end: offset };
  return { start: Math.min(...spans.map((t) => t.start)), end: Math.max(...spans.map((t) => t.end)) };
}

/** The tokens with the pieces in place of a run. Those of a text stand between the runs around it, or where these are exchanged, for all. */
function put(pieces: readonly Piece[], tokens: readonly Token[], run: Run, span: Span): readonly Token[] {
  const made: Token[] = [];
  // white space goes before the token after it
  let space = tokens[run[0]]?.space ?? "";
  const add = (token: Token, own: string): void => {
    made.push({ ...token, space: longer(space, own) });
    space = "";
  };
  for (const [i, piece] of pieces.entries()) {
    if (typeof piece !== "string") {
      const before = pieces[i - 1];
      const goesOn = typeof before === "object" && before[1] === piece[0];
      tokens.slice(...piece).forEach((t, k) => add(t, k > 0 || goesOn ? t.space : ""));
      continue;
    }
    const runs = (of: readonly Piece[]): readonly Token[] =>
      of.flatMap((p) => (typeof p === "string" ? [] : tokens.slice(...p)));
    const start = runs(pieces.slice(0, i)).at(-1)?.end ?? span.start;
    const end = runs(pieces.slice(i + 1))[0]?.start ?? span.end;
    const place = start <= end ? { start, end } : span;
    for (const token of tokenize(piece, 0)) add({ ...token, ...place, made: place }, token.space);
    space = longer(space, /\s*$/.exec(piece)?.[0] ?? "");
  }
  const [next, ...rest] = tokens.slice(run[1]);
  const after = next && { ...next, space: longer(space, next.space) };
  return [...tokens.slice(0, run[0]), ...made, ...(after ? [after, ...rest] : [])];
}
const longer = (a: string, b: string): string => (a.length > b.length ? a : b);

/** Tokens as text, from the first on. */
const textOf = (tokens: readonly Token[]): string =>
  tokens.map((t, i) => (i === 0 ? t.text : t.space + t.text)).join("");

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
