/** The parts of a line: its keyword, names, settings, and the trees between them. */
import type { Span } from "../notation/span.js";
import type { Declaration, Name, Setting } from "./declarations.js";
import type { Overview } from "./habits/overview.js";
import { Rewriting, type Rule } from "./habits/rewrite.js";
import { completionRules, expressionRules, lineRules } from "./habits/rules.js";
import { isTensorRole, lineKeywords, type TensorRole } from "./keywords.js";
import { say } from "./messages.js";
import { parseTokens } from "./syntax.js";
import { checkStrange, tokenize, type Report, type Token } from "./tokens.js";
import type { Tree } from "./tree.js";

/** What of the file a line is read with. */
export interface FileContext {
  /** Where habits from other notations are looked for. */
  readonly overview: Overview | undefined;
  /** The layers that the file uses. */
  readonly layers: ReadonlySet<string>;
}

/** Reads the parts of one line by splitting it at top-level tokens; what lies between is for mathjs. */
export class LineReader {
  private readonly text: string;
  private readonly offset: number;
  private readonly span: Span;
  private readonly overview: Overview | undefined;
  private readonly layers: ReadonlySet<string>;
  private readonly report: Report;

  constructor(text: string, offset: number, span: Span, { overview, layers }: FileContext, report: Report) {
    this.text = text;
    this.layers = layers;
    this.span = span;
    this.offset = offset;
    this.overview = overview;
    this.report = report;
  }

  /** What the line declares; nothing where it cannot be read, which is reported. */
  declarations(): readonly Declaration[] {
    const keyword = this.keyword();
    const from = keyword === undefined ? 0 : this.text.indexOf(keyword) + keyword.length;
    if (keyword === "require") return some(this.requirement(from));
    if (keyword === "variant") return some(this.variant(from));
    const written = tokenize(this.text, this.offset);
    const tokens = this.meant(written, [
      [...lineRules, ...expressionRules],
      keyword === undefined && !this.calls(written) ? completionRules : [],
    ]);
    if (!tokens) return [];
    const [first, second] = tokens;
    if (!first) return [];
    // a keyword that was misspelled is one now
    const named = (keyword !== undefined || second?.kind === "name") && lineKeywords.has(first.text);
    const word = named ? first.text : undefined;
    if (word === undefined) return this.checked(tokens) ? some(this.definition(tokens)) : [];
    const after = keyword === undefined ? first.end - this.offset : from;
    if (word === "require") return some(this.requirement(after));
    if (word === "variant") return some(this.variant(after));
    if (!this.checked(tokens)) return [];
    const rest = tokens.slice(1);
    if (word === "claim") {
      const claim = this.definition(rest);
      if (claim && claim.kind !== "definition") this.report(claim, say.claimForm());
      return some(claim?.kind === "definition" && { ...claim, kind: "claim" });
    }
    if (word === "check") {
      const settings = this.settings(rest, after);
      return some(settings && { kind: "check", settings, ...this.span });
    }
    if (word === "use") return some(this.use(rest));
    if (word === "param") {
      const [setting, ...more] = this.settings(rest, after) ?? [];
      if (more[0]) this.report(more[0].name, say.onePerLine("param"));
      return some(setting && !more[0] && { kind: "param", ...setting, ...this.span });
    }
    return isTensorRole(word) ? listed(rest, word).flatMap((one) => some(this.tensor(one, word))) : [];
  }

  /** Whether a layer is called: then tensors go without subscripts. */
  private calls(tokens: readonly Token[]): boolean {
    return tokens.some((t, i) => tokens[i + 1]?.text === "(" && this.layers.has(t.text));
  }

  /** The first word, where it is a keyword and not a name being defined. */
  private keyword(): string | undefined {
    const match = /^\s*([a-z]+)(?![\p{L}\p{M}\p{Nd}_'])\s*(.?)/u.exec(this.text);
    const word = match?.[1] ?? "";
    if (!lineKeywords.has(word)) return undefined;
    const next = match?.[2] ?? "";
    if (next === "=" || next === "[") return undefined;
    if (next === "(")
      return word === "require" && !/^\s*require\s*\([^()]*\)\s*=(?!=)/.test(this.text) ? word : undefined;
    return word;
  }

  /** `T[i, j] = expr`, `name = expr`, `f(u) = expr`, and `T[i, j] += expr`, which says what it should be. */
  private definition(tokens: readonly Token[]): Declaration | undefined {
    const at = tokens.findIndex((t) => t.text === "=");
    const [left, right] = [tokens.slice(0, at), tokens.slice(at + 1)];
    if (at < 0) return this.complain(this.hull(tokens, 0), say.notAStatement(keywordNear(tokens)));
    const [name] = left;
    if (!name) return this.complain(this.hull(tokens, 0), say.missingName());
    if (isListOfNames(left)) {
      const tree = this.tree(right, tokens[at]);
      const [first, ...others] = splitAtCommas(left).flatMap(([one]) => (one ? [nameOf(one)] : []));
      return (
        first &&
        tree && { kind: "definition", name: first, others, subscripts: undefined, tree, ...this.span }
      );
    }
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
    return this.complain(this.hull(left, 0), say.leftSide());
  }

  /** `use softmax, linear` */
  private use(tokens: readonly Token[]): Declaration | undefined {
    const parts = splitAtCommas(tokens);
    const wrong = parts.find(([name, ...more]) => name?.kind !== "name" || more.length > 0);
    if (wrong) return this.complain(this.hull(wrong.length > 0 ? wrong : tokens, 0), say.useForm());
    return { kind: "use", names: parts.flatMap(([name]) => (name ? [nameOf(name)] : [])), ...this.span };
  }

  private tensor(tokens: readonly Token[], role: TensorRole): Declaration | undefined {
    const [name] = tokens;
    if (name?.kind !== "name") return this.complain(this.hull(tokens, 0), say.missingName());
    const boundAt = tokens.findIndex((t) => t.text === "<");
    const comma = topLevel(tokens).find((t) => t.text === ",");
    if (comma) return this.complain(comma, say.onePerLine(role));
    const equals = tokens.find((t) => t.text === "=");
    if (equals) return this.complain(equals, say.declarationDefines(role, name.text));
    if (role === "index" && boundAt < 0)
      return this.complain(this.hull(tokens, 0), say.indexBound(name.text));
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
    const tokens = this.tokens(colon + 1);
    const settings = tokens && this.settings(tokens, colon + 1);
    return settings && { kind: "variant", name: place, settings, ...this.span };
  }

  /** `N = 2, C = 3`, after `from`; undefined where one cannot be read. */
  private settings(tokens: readonly Token[], from: number): Setting[] | undefined {
    if (tokens.length === 0)
      return this.complain({ start: this.offset + from - 1, end: this.offset + from }, say.settingForm());
    let good = true;
    const settings = splitAtCommas(tokens).flatMap((part) => {
      const [name, equals, ...value] = part;
      if (name?.kind !== "name" || equals?.text !== "=") {
        this.report(this.hull(part.length > 0 ? part : tokens, from), say.settingForm());
        good = false;
        return [];
      }
      const tree = this.tree(value, equals);
      good &&= tree !== undefined;
      return tree ? [{ name: nameOf(name), tree }] : [];
    });
    return good ? settings : undefined;
  }

  private tokens(from: number, to = this.text.length): readonly Token[] | undefined {
    const written = tokenize(this.text.slice(from, to), this.offset + from);
    const tokens = this.meant(written, [expressionRules]);
    return tokens && this.checked(tokens) ? tokens : undefined;
  }
  /** The tokens as they are meant, rules after rules; what that mends is told. */
  private meant(
    tokens: readonly Token[],
    passes: readonly (readonly Rule[])[],
  ): readonly Token[] | undefined {
    if (!this.overview) return tokens;
    const rewriting = new Rewriting(tokens, { text: this.text, offset: this.offset }, this.overview);
    for (const rules of passes) rewriting.apply(rules);
    rewriting.tell(this.report);
    return rewriting.tokens;
  }
  private checked(tokens: readonly Token[]): true | undefined {
    return checkStrange(tokens, this.report) || undefined;
  }

  /** The tree of a run of tokens; `after` is the token before an empty run. */
  private tree(tokens: readonly Token[], after?: Token, from = 0): Tree | undefined {
    if (tokens.length === 0) return this.complain(after ?? this.hull([], from), say.missingExpression());
    return parseTokens(tokens, this.report, this.layers);
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

const some = <T>(value: T | undefined | false): readonly T[] =>
  value === undefined || value === false ? [] : [value];
/** `input x[N]` where a list `x[N], input y[M]` was mended: each after its word. */
function listed(tokens: readonly Token[], role: string): readonly (readonly Token[])[] {
  const starts = [...tokens.keys()].filter(
    (i) => i === 0 || (tokens[i]?.text === role && tokens[i + 1]?.kind === "name"),
  );
  return starts.map((from, k) => tokens.slice(k === 0 ? 0 : from + 1, starts[k + 1]));
}
/** `a, m` on the left of a call with several outputs. */
const isListOfNames = (tokens: readonly Token[]): boolean =>
  tokens.length > 2 && splitAtCommas(tokens).every(([name, ...more]) => name?.kind === "name" && !more[0]);
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
