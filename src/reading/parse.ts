/** Tokens → formulas, by precedence: comparisons, sums, products, signs, powers and brackets. */
import { bare, Cursor } from "./cursor.js";
import type { Binder, Formula, ProductSign, Reducing, Symbol_ } from "./formula.js";
import type { Token } from "./latex.js";
import { Unreadable } from "./unreadable.js";

export const relations = ["=", "<", ">", "≤", "≥", "≠", "∈"];
const productSigns: Readonly<Record<string, ProductSign>> = {
  "·": "·", "×": "×", "*": "*", "⊙": "⊙", "⊛": "⊛", "⋆": "⋆", "⊗": "⊗", "@": "@",
}; // prettier-ignore
const closing: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
  "⟨": "⟩",
  "⌊": "⌋",
  "⌈": "⌉",
};
/** Operators that stand before their argument without brackets: `\log x`. */
const prefixFunctions = new Set("exp log ln sin cos tan tanh sinh cosh softmax sigmoid relu ReLU".split(" "));
/** What differentials are written with. */
const differentialSigns = ["∂", "d", "δ"];

/** @throws Unreadable where the tokens are no formula */
export function parseFormula(tokens: readonly Token[], end: number): Formula {
  const cursor = new Cursor(tokens, end);
  const formula = parseComparison(cursor);
  if (!cursor.done) throw new Unreadable(unexpected(cursor.peek()!), cursor.at);
  return formula;
}
const unexpected = ({ text, kind }: Token): string =>
  [")", "]", "}"].includes(text)
    ? `${text} closes nothing`
    : `${text === "" ? `a ${kind}` : text} is not understood here`;

/** Entries separated by commas: subscripts, arguments. */
export function parseList(tokens: readonly Token[], end: number): readonly Formula[] {
  const cursor = new Cursor(tokens, end, true);
  const entries = listUntil(cursor, undefined);
  if (!cursor.done) throw new Unreadable(unexpected(cursor.peek()!), cursor.at);
  return entries;
}
function listUntil(cursor: Cursor, close: string | undefined): Formula[] {
  const entries: Formula[] = [];
  const ended = (): boolean => cursor.done || (close !== undefined && cursor.sees(close));
  while (!ended()) {
    entries.push(parseSlice(cursor) ?? parseEinsum(cursor) ?? parseComparison(cursor));
    if (!cursor.take(",")) break;
  }
  return entries;
}
/** `"nk,km->nm"`, set as text. */
function parseEinsum(cursor: Cursor): Formula | undefined {
  const token = cursor.peek();
  const text = token?.kind === "text" ? token.text.replaceAll(/["'`\s\u2018\u2019\u201c\u201d]/gu, "") : "";
  if (!token || !/^[a-zA-Z]+(?:,[a-zA-Z]+)*(?:->|\u2192)[a-zA-Z]*$/u.test(text)) return undefined;
  return { kind: "text", text: text.replace("\u2192", "->"), at: cursor.next().at };
}
/** `*`, `:` or `·` alone where an index is expected: the whole axis. */
const parseSlice = (cursor: Cursor): Formula | undefined =>
  cursor.attempt(() => {
    const { at, text, kind } = cursor.next();
    const alone = cursor.done || cursor.sees(",", ")", "]");
    return kind === "symbol" && ["*", ":", "·"].includes(text) && alone ? { kind: "slice", at } : undefined;
  });

function parseComparison(cursor: Cursor): Formula {
  const { at } = cursor;
  const terms = [parseSum(cursor)];
  const signs: string[] = [];
  while (cursor.sees(...relations, "¬")) {
    const sign = cursor.next().text;
    signs.push(sign === "¬" ? (cursor.expect("="), "≠") : sign);
    terms.push(parseSum(cursor));
  }
  return signs.length === 0 ? terms[0]! : { kind: "comparison", terms, relations: signs, at };
}

export function parseSum(cursor: Cursor): Formula {
  const { at } = cursor;
  let left = parseTerm(cursor);
  while (cursor.sees("+", "-")) {
    const sign = cursor.next().text as "+" | "-";
    left = { kind: "sum", left, right: parseTerm(cursor), sign, at };
  }
  return left;
}

function parseTerm(cursor: Cursor): Formula {
  const { at } = cursor;
  if (cursor.take("-")) return { kind: "negative", of: parseTerm(cursor), at };
  cursor.take("+");
  let left = parseFactor(cursor);
  for (;;) {
    const { text = "", kind, marks = [] } = cursor.peek() ?? {};
    if (kind === "symbol" && text === "/") {
      cursor.next();
      const right = parseFactor(cursor);
      const last = left.kind === "product" ? asPartial(left.right, right) : undefined;
      if (last && left.kind === "product") left = { ...left, right: last };
      else left = asPartial(left, right) ?? { kind: "quotient", left, right, at };
    } else if (kind === "symbol" && productSigns[text] !== undefined) {
      const sign = bare(cursor.next());
      if (marks.length > 0)
        throw new Unreadable(`${text} with an accent is not explained by a formula`, sign.at);
      left = { kind: "product", left, right: parseFactor(cursor), sign: productSigns[text], at };
    } else if (startsFactor(cursor))
      left = { kind: "product", left, right: parseFactor(cursor), sign: "", at };
    else return left;
  }
}
const startsFactor = (cursor: Cursor): boolean => {
  const token = cursor.peek();
  if (!token) return false;
  if (token.kind !== "symbol") return token.kind !== "break" && token.kind !== "text";
  return ["(", "[", "⟨", "⌊", "⌈", "∂", "∇"].includes(token.text);
};

function parseFactor(cursor: Cursor): Formula {
  const { at } = cursor;
  if (cursor.take("-")) return { kind: "negative", of: parseFactor(cursor), at };
  const token = cursor.next();
  switch (token.kind) {
    case "number": {
      const formula: Formula = { kind: "number", value: Number(token.text), at };
      return token.sup
        ? { kind: "power", base: formula, exponent: parseFormula(token.sup, token.end), at }
        : formula;
    }
    case "name":
      return parseName(token, cursor);
    case "big":
      return parseReduction(token, cursor);
    case "fraction": {
      const [numerator = [], denominator = []] = token.parts;
      const partial = partialOf(numerator, denominator, token);
      if (partial) return scripted(partial, token);
      const left = parseFormula(numerator, token.end);
      const right = parseFormula(denominator, token.end);
      return scripted(asPartial(left, right) ?? { kind: "quotient", left, right, at }, token);
    }
    case "root":
      if ((token.parts[1] ?? []).length > 0) throw new Unreadable("only square roots are understood", at);
      return scripted({ kind: "root", of: parseFormula(token.parts[0] ?? [], token.end), at }, token);
    case "group":
      return scripted(parseFormula(token.parts[0] ?? [], token.end), token);
    case "array":
      return parseCases(bare(token));
    case "text":
      throw new Unreadable(`“${token.text}” is prose`, at);
    case "break":
      throw new Unreadable("the row ends too early", at);
    case "symbol":
      return parseSymbol(token, cursor);
  }
}

function parseSymbol(token: Token, cursor: Cursor): Formula {
  const { text, at } = token;
  if (text === "∂" || text === "<" || text === "⟨" || text === "⌊" || text === "⌈") bare(token);
  if (text === "∂") return { kind: "differential", of: parseFactor(cursor), at };
  if (text === "∇") {
    if (!token.sub || token.sup) throw new Unreadable("∇ does not say with respect to what", at);
    const by = parseFormula(token.sub, token.end);
    return { kind: "partial", of: parseFactor(cursor), by, at };
  }
  if (text === "<" || text === "⟨") {
    const left = parseSum(cursor);
    cursor.expect(",");
    const right = parseSum(cursor);
    cursor.expectBare(text === "<" ? ">" : "⟩");
    return { kind: "inner", left, right, at };
  }
  if (text === "⌊" || text === "⌈") {
    const of = parseSum(cursor);
    cursor.expectBare(closing[text]!);
    return { kind: text === "⌊" ? "floor" : "ceil", of, at };
  }
  if (text === "(" || text === "[" || text === "{") {
    const entries = listUntil(cursor, closing[text]);
    const close = cursor.next();
    if (close.kind !== "symbol" || ![")", "]", "}"].includes(close.text))
      throw new Unreadable(`${text} is not closed`, at);
    const [only, ...rest] = entries;
    if (!only || rest.length > 0) return { kind: "tuple", entries, open: text, at };
    if (text === "[" && close.sub && !close.sup)
      return { kind: "element", of: only, subs: parseList(close.sub, close.end), at };
    // an indicator: [i = j]
    return scripted(only, close);
  }
  if (text === "…") throw new Unreadable("what … stands for is left to the reader", at);
  throw new Unreadable(`${text} is not understood here`, at);
}

/** A power or a superscript of what stands in brackets. */
function scripted(of: Formula, token: Token): Formula {
  const { at } = of;
  const based: Formula = token.sub ? { kind: "element", of, subs: parseList(token.sub, token.end), at } : of;
  const primed: Formula = token.primes > 0 ? transposed(based, at) : based;
  return token.sup
    ? { kind: "power", base: primed, exponent: parseFormula(transposeSign(token.sup), token.end), at }
    : primed;
}
const transposed = (base: Formula, at: number): Formula => ({
  kind: "power",
  base,
  exponent: { kind: "symbol", letter: "T", marks: [], primes: 0, at },
  at,
});
/** `⊤` is a T. */
const transposeSign = (tokens: readonly Token[]): readonly Token[] =>
  tokens.map((token) =>
    token.kind === "symbol" && token.text === "⊤" ? { ...token, kind: "name", text: "T" } : token,
  );

function parseName(token: Token, cursor: Cursor): Formula {
  const { at, text } = token;
  const upright =
    differentialSigns.includes(text) && text !== "δ" && !token.sub && !token.sup && token.primes === 0;
  if (upright && !cursor.subscript && token.marks.length === 0) {
    const of = cursor.attempt(() => (cursor.peek()?.kind === "name" ? parseFactor(cursor) : undefined));
    if (of) return { kind: "differential", of, at };
  }
  const name = symbolOf(token);
  const squared = name.sup?.kind === "number" ? name.sup : undefined;
  const symbol: Symbol_ = squared ? { ...name, sup: undefined } : name;
  const power = (base: Formula): Formula => (squared ? { kind: "power", base, exponent: squared, at } : base);
  const method = cursor.attempt(() => {
    cursor.expect(".");
    const { text: word, kind } = cursor.next();
    if (kind !== "big" && kind !== "name") return undefined;
    if (word === "T") return transposed(symbol, at);
    cursor.expect("(");
    const list = listUntil(cursor, ")");
    cursor.expect(")");
    const of: Symbol_ = { kind: "symbol", letter: word, marks: ["method"], primes: 0, at };
    return { kind: "application", of, arguments: [symbol, ...list], at } as const;
  });
  if (method) return power(method);
  if (cursor.sees("(", "[")) {
    const call = cursor.attempt(() => {
      const open = cursor.next().text;
      const list = listUntil(cursor, closing[open]);
      const close = cursor.expect(closing[open]!);
      if (list.length === 0 || (open === "[" && list.length > 1 && token.text.length === 1)) return undefined;
      if (close.sub ?? close.sup)
        return scripted({ kind: "application", of: symbol, arguments: list, at }, close);
      return { kind: "application", of: symbol, arguments: list, at } as const;
    });
    if (call) return power(call);
  }
  if (prefixFunctions.has(text) && startsFactor(cursor))
    return { kind: "application", of: symbol, arguments: [parseFactor(cursor)], at };
  return power(symbol);
}

/** A name with its scripts. A subscript of letters alone that make a word belongs to the name. */
export function symbolOf(token: Token): Symbol_ {
  const { at, text: letter, marks, primes } = token;
  const inner = token.sup && parseFormula(transposeSign(token.sup), token.end);
  // x^{(2)} is no square
  const labelled =
    token.sup?.[0]?.kind === "symbol" && ["(", "["].includes(token.sup[0].text) && inner?.kind === "number";
  const sup: Formula | undefined = labelled ? { kind: "tuple", entries: [inner], open: "(", at } : inner;
  const subs = token.sub && parseList(token.sub, token.end);
  return { kind: "symbol", letter, marks, primes, sup, subs, at };
}

/** `\frac{∂L}{∂w}`, also with d or δ; `L` may carry arguments. */
function partialOf(
  numerator: readonly Token[],
  denominator: readonly Token[],
  { at, end }: Token,
): Formula | undefined {
  const [sign, ...of] = numerator;
  const [again, ...by] = denominator;
  if (!sign || !again || sign.text !== again.text || !differentialSigns.includes(sign.text)) return undefined;
  if (sign.sub || sign.sup || again.sub || again.sup || of.length === 0 || by.length === 0) return undefined;
  return { kind: "partial", of: parseFormula(of, end), by: parseFormula(by, end), at };
}
/** `∂L/∂w` on one line. */
const asPartial = (left: Formula, right: Formula): Formula | undefined =>
  left.kind === "differential" && right.kind === "differential"
    ? { kind: "partial", of: left.of, by: right.of, at: left.at }
    : undefined;

function parseReduction(token: Token, cursor: Cursor): Formula {
  const { at, text } = token;
  const op = text as Reducing;
  const bindersOf = (): Binder[] => {
    if (!token.sub) throw new Unreadable(`${text} does not say over what`, at);
    const uppers = token.sup ? parseList(token.sup, token.end) : [];
    const lowers = parseList(token.sub, token.end);
    if (uppers.length > 0 && uppers.length !== lowers.length)
      throw new Unreadable(`${text} has ${lowers.length} indices and ${uppers.length} upper limits`, at);
    return lowers.flatMap((lower, i) => binderOf(lower, uppers[i]));
  };
  if (!token.sub && op !== "sum" && op !== "prod") {
    // max(a, b) of two numbers
    cursor.expect("(");
    const list = listUntil(cursor, ")");
    cursor.expect(")");
    const of: Symbol_ = { kind: "symbol", letter: text, marks: [], primes: 0, at };
    return { kind: "application", of, arguments: list, at };
  }
  return { kind: "reduction", op, binders: bindersOf(), body: parseTerm(cursor), at };
}

function binderOf(lower: Formula, to: Formula | undefined): Binder[] {
  if (lower.kind !== "comparison") {
    // Σ_{ij}: two indices
    if (lower.kind === "product" && lower.sign === "")
      return [...binderOf(lower.left, to), ...binderOf(lower.right, to)];
    return [{ index: lower, to, at: lower.at }];
  }
  const [first, second, third] = lower.terms;
  const [sign, next] = lower.relations;
  if (first && second && third && ["≤", "<"].includes(sign!) && ["≤", "<"].includes(next!))
    return [{ index: second, from: above(first, sign!), to: below(third, next!), at: lower.at }];
  if (first && second && !third && sign === "=") return [{ index: first, from: second, to, at: lower.at }];
  if (first && second && !third && ["≤", "<"].includes(sign!))
    return [{ index: first, to: below(second, sign!), at: lower.at }];
  throw new Unreadable("these limits are not understood", lower.at);
}
const one = (at: number): Formula => ({ kind: "number", value: 1, at });
const below = (to: Formula, sign: string): Formula =>
  sign === "<" ? { kind: "sum", left: to, right: one(to.at), sign: "-", at: to.at } : to;
const above = (from: Formula, sign: string): Formula =>
  sign === "<" ? { kind: "sum", left: from, right: one(from.at), sign: "+", at: from.at } : from;

/** Rows of a value and its condition. */
function parseCases(token: Token): Formula {
  const rows = token.rows.map((cells): [Formula, Formula | undefined] => {
    const tokens = cells.flat().filter(({ text, kind }) => !(kind === "symbol" && text === "quad"));
    const comma = tokens.findIndex(
      ({ kind, text }, i) => kind === "symbol" && [",", ";"].includes(text) && depthAt(tokens, i) === 0,
    );
    const split = comma >= 0 ? comma : (cells[0]?.length ?? 0);
    const value = parseFormula(tokens.slice(0, split), token.end);
    const rest = tokens
      .slice(comma >= 0 ? split + 1 : split)
      .filter(({ text }) => !/^(?:if|when|for)$/u.test(text.trim()));
    while (rest.at(-1)?.kind === "symbol" && [".", ",", ";"].includes(rest.at(-1)!.text)) rest.pop();
    const otherwise = rest.some(({ text }) => /^\s*(?:otherwise|else)/u.test(text)) || rest.length === 0;
    return [value, otherwise ? undefined : parseFormula(rest, token.end)];
  });
  if (rows.length < 2 || rows.some(([, condition], i) => !condition && i < rows.length - 1))
    throw new Unreadable("these rows are no cases with conditions", token.at);
  return { kind: "cases", rows, at: token.at };
}
function depthAt(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (const { kind, text } of tokens.slice(0, index)) {
    if (kind !== "symbol") continue;
    if (["(", "[", "{"].includes(text)) depth++;
    if ([")", "]", "}"].includes(text)) depth--;
  }
  return depth;
}
