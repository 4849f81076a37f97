/** The parts of a line: its keyword, names, settings, and the trees between them. */
import type { Role } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import type { Declaration, Name, Setting } from "./declarations.js";
import { say } from "./messages.js";
import { parseTokens } from "./syntax.js";
import { tokenize, type Report, type Token } from "./tokens.js";
import type { Tree } from "./tree.js";

const tensorRoles = [
  "input",
  "weight",
  "data",
  "index",
  "output",
  "local",
] as const satisfies readonly Role[];
type TensorRole = (typeof tensorRoles)[number];
export const isTensorRole = (word: string): word is TensorRole => tensorRoles.some((r) => r === word);
/** Words that begin a line. */
export const lineKeywords: ReadonlySet<string> = new Set<string>([
  ...tensorRoles,
  "param",
  "require",
  "claim",
  "variant",
  "check",
]);

/** Reads the parts of one line by splitting it at top-level tokens; what lies between is for mathjs. */
export class LineReader {
  good = true;
  private readonly text: string;
  private readonly offset: number;
  private readonly span: Span;
  private readonly report: Report;

  constructor(text: string, offset: number, span: Span, report: Report) {
    this.text = text;
    this.span = span;
    this.offset = offset;
    this.report = (span, complaint) => {
      this.good = false;
      report(span, complaint);
    };
  }

  /** The first word, where it is a keyword and not a name being defined. */
  keyword(): string | undefined {
    const match = /^\s*([a-z]+)(?![\p{L}\p{M}\p{Nd}_'])\s*(.?)/u.exec(this.text);
    const word = match?.[1] ?? "";
    if (!lineKeywords.has(word)) return undefined;
    const next = match?.[2] ?? "";
    if (next === "=" || next === "[") return undefined;
    if (next === "(")
      return word === "require" && !/^\s*require\s*\([^()]*\)\s*=(?!=)/.test(this.text) ? word : undefined;
    return word;
  }

  declaration(keyword: string): Declaration | undefined {
    const from = this.text.indexOf(keyword) + keyword.length;
    if (keyword === "require") return this.requirement(from);
    if (keyword === "claim") {
      const claim = this.definition(from);
      if (claim?.kind === "definition") return { ...claim, kind: "claim" };
      return claim && this.complain(claim, say.claimForm());
    }
    if (keyword === "variant") return this.variant(from);
    if (keyword === "check") return { kind: "check", settings: this.settings(from), ...this.span };
    if (keyword === "param") {
      const [setting, ...more] = this.settings(from);
      if (more[0]) this.report(more[0].name, say.onePerLine("param"));
      return setting && { kind: "param", ...setting, ...this.span };
    }
    return isTensorRole(keyword) ? this.tensor(from, keyword) : undefined;
  }

  /** `T[i, j] = expr`, `name = expr`, `f(u) = expr`. */
  definition(from = 0): Declaration | undefined {
    const tokens = this.tokens(from);
    if (!tokens) return undefined;
    const at = tokens.findIndex((t) => t.text === "=");
    const [left, right] = [tokens.slice(0, at), tokens.slice(at + 1)];
    if (at < 0) return this.complain(this.hull(tokens, from), say.notAStatement(keywordNear(tokens)));
    const [name] = left;
    if (!name) return this.complain(this.hull(tokens, from), say.missingName());
    const head = this.tree(left);
    const tree = this.tree(right, tokens[at]);
    if (!head || !tree) return undefined;
    if (head.kind === "name")
      return { kind: "definition", name: nameOf(name), subscripts: undefined, tree, ...this.span };
    if (head.kind === "access")
      return { kind: "definition", name: nameOf(name), subscripts: head.arguments, tree, ...this.span };
    if (head.kind === "call" && head.arguments.every((a) => a.kind === "name")) {
      const parameters = head.arguments.map((a) => ({
        text: a.kind === "name" ? a.name : "",
        start: a.start,
        end: a.end,
      }));
      return { kind: "helper", name: nameOf(name), parameters, tree, ...this.span };
    }
    return this.complain(this.hull(left, from), say.leftSide());
  }

  private tensor(from: number, role: TensorRole): Declaration | undefined {
    const tokens = this.tokens(from);
    if (!tokens) return undefined;
    const [name] = tokens;
    if (name?.kind !== "name") return this.complain(this.hull(tokens, from), say.missingName());
    const boundAt = tokens.findIndex((t) => t.text === "<");
    const comma = topLevel(tokens).find((t) => t.text === ",");
    if (comma) return this.complain(comma, say.onePerLine(role));
    const equals = tokens.find((t) => t.text === "=");
    if (equals) return this.complain(equals, say.declarationDefines(role, name.text));
    if (role === "index" && boundAt < 0)
      return this.complain(this.hull(tokens, from), say.indexBound(name.text));
    if (role !== "index" && boundAt >= 0)
      return this.complain(tokens[boundAt] ?? name, say.boundOnReal(role, name.text));
    const head = this.tree(boundAt < 0 ? tokens : tokens.slice(0, boundAt));
    const bound = boundAt < 0 ? undefined : this.tree(tokens.slice(boundAt + 1), tokens[boundAt]);
    if (!head || (boundAt >= 0 && !bound)) return undefined;
    if (head.kind !== "name" && head.kind !== "access") return this.complain(head, say.tensorForm(role));
    const shape = head.kind === "access" ? head.arguments : undefined;
    return { kind: "tensor", role, name: nameOf(name), shape, bound, ...this.span };
  }

  private requirement(from: number): Declaration | undefined {
    const quote = this.text.indexOf('"', from);
    const end = quote < 0 ? this.text.length : quote;
    const condition = this.text.slice(from, end).trimEnd().replace(/,$/, "");
    const closing = quote < 0 ? -1 : this.text.indexOf('"', quote + 1);
    const place = { start: this.offset + end, end: this.offset + this.text.length };
    if (quote >= 0 && closing < 0) return this.complain(place, say.unclosedQuote());
    if (quote >= 0 && this.text.slice(closing + 1).trim() !== "")
      return this.complain(place, say.afterMessage());
    const comma = this.text.slice(from, end).trimEnd().length > condition.length;
    if (quote >= 0 && !comma) return this.complain(place, say.commaBeforeMessage());
    if (quote < 0 && comma) return this.complain(place, say.quotedMessage());
    const tokens = this.tokens(from, from + condition.length);
    if (!tokens) return undefined;
    const loose = topLevel(tokens).find((t) => t.text === ",");
    if (loose) return this.complain(loose, say.quotedMessage());
    const tree = this.tree(tokens, undefined, from);
    const message =
      quote < 0
        ? `${condition.trim().replace(/\s+/g, " ")} does not hold`
        : this.text.slice(quote + 1, closing);
    return tree && { kind: "requirement", tree, message, ...this.span };
  }

  private variant(from: number): Declaration | undefined {
    const colon = this.text.indexOf(":", from);
    const name = this.text.slice(from, colon < 0 ? undefined : colon);
    const start = this.offset + from + (name.length - name.trimStart().length);
    const place = { text: name.trim(), start, end: start + Math.max(1, name.trim().length) };
    if (colon < 0) return this.complain(place, say.variantForm());
    return { kind: "variant", name: place, settings: this.settings(colon + 1), ...this.span };
  }

  /** `N = 2, C = 3` */
  private settings(from: number): Setting[] {
    const tokens = this.tokens(from);
    if (!tokens) return [];
    if (tokens.length === 0)
      this.report({ start: this.offset + from - 1, end: this.offset + from }, say.settingForm());
    return splitAtCommas(tokens).flatMap((part) => {
      const [name, equals, ...value] = part;
      if (name?.kind !== "name" || equals?.text !== "=") {
        if (tokens.length > 0)
          this.report(this.hull(part.length > 0 ? part : tokens, from), say.settingForm());
        return [];
      }
      const tree = this.tree(value, equals);
      return tree ? [{ name: nameOf(name), tree }] : [];
    });
  }

  private tokens(from: number, to = this.text.length): readonly Token[] | undefined {
    const before = this.good;
    this.good = true;
    const tokens = tokenize(this.text.slice(from, to), this.offset + from, this.report);
    const clean = this.good;
    this.good = before && clean;
    return clean ? tokens : undefined;
  }

  /** The tree of a run of tokens; `after` is the token before an empty run. */
  private tree(tokens: readonly Token[], after?: Token, from = 0): Tree | undefined {
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (!first || !last) {
      this.report(after ?? this.hull([], from), say.missingExpression());
      return undefined;
    }
    const text = this.text.slice(first.start - this.offset, last.end - this.offset);
    return parseTokens(text, first.start, tokens, this.report);
  }

  private hull(tokens: readonly Token[], from: number): Span {
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (first && last) return { start: first.start, end: last.end };
    const start = this.offset + Math.max(0, Math.min(from, this.text.length) - 1);
    return { start, end: start + 1 };
  }
  private complain(span: Span, complaint: Parameters<Report>[1]): undefined {
    this.report(span, complaint);
    return undefined;
  }
}

const nameOf = (token: Token): Name => ({ text: token.text, start: token.start, end: token.end });
/** A misspelled keyword at the beginning of a line that is no statement. */
const keywordNear = (tokens: readonly Token[]): string | undefined =>
  tokens[0]?.kind === "name" && tokens[1]?.kind === "name" ? tokens[0].text : undefined;

function topLevel(tokens: readonly Token[]): Token[] {
  let depth = 0;
  return tokens.filter((t) => {
    if (t.text === "(" || t.text === "[") depth++;
    if (t.text === ")" || t.text === "]") depth--;
    return depth === 0;
  });
}
function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === "(" || token.text === "[") depth++;
    if (token.text === ")" || token.text === "]") depth--;
    if (token.text === "," && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
