/** Tokens → formulas, by precedence: comparisons, sums, products, signs, powers and brackets. */
import type { Formula, ProductSign, Symbol_ } from "./formula.js";
import type { Token } from "./token.js";
import { bare, Cursor } from "./cursor.js";
import { Unreadable } from "../document/unreadable.js";
import { listUntil, parseList, unexpected } from "./parse-lists.js";
import { asPartial, parseName, partialOf, scripted, operatorOf, differentialOf } from "./parse-names.js";
import { parseReduction } from "./parse-sums.js";
import { parseCases } from "./parse-cases.js";

export const relations = ["=", "<", ">", "≤", "≥", "≠", "∈"];
const productSigns: Readonly<Record<string, ProductSign>> = {
  "·": "·", "×": "×", "*": "*", "⊙": "⊙", "⊛": "⊛", "⋆": "⋆", "⊗": "⊗", "@": "@",
}; // prettier-ignore
export const closing: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
  "⟨": "⟩",
  "⌊": "⌋",
  "⌈": "⌉",
};

/** @throws Unreadable where the tokens are no formula */
export function parseFormula(tokens: readonly Token[], end: number): Formula {
  const cursor = new Cursor(tokens, end);
  const formula = parseComparison(cursor);
  if (!cursor.done) throw new Unreadable(unexpected(cursor.peek()!), cursor.at);
  return formula;
}

export function parseComparison(cursor: Cursor): Formula {
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

export function parseTerm(cursor: Cursor): Formula {
  const { at } = cursor;
  if (cursor.take("-")) return { kind: "negative", of: parseTerm(cursor), at };
  cursor.take("+");
  let left = parseFactor(cursor);
  for (;;) {
    const { text = "", kind, marks = [] } = cursor.peek() ?? {};
    if (kind === "symbol" && (text === "÷" || (text === "/" && cursor.peek(1)?.kind === "big"))) {
      // Σ a / Σ b is one sum by the other
      if (cursor.withinSum) return left;
      cursor.next();
      left = { kind: "quotient", left, right: parseTerm(cursor), at };
    } else if (kind === "symbol" && text === "/") {
      cursor.next();
      const right = parseFactor(cursor);
      const last = left.kind === "product" ? asPartial(left.right, right) : undefined;
      if (last && left.kind === "product") left = { ...left, right: last };
      else left = asPartial(left, right) ?? quotientOf(left, right, at);
    } else if (kind === "symbol" && text === "|" && cursor.peek()?.sub && !cursor.withinBars) {
      left = heldFixed(left, cursor.next());
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
/** `a/b (c)`: as a rule the bracket is multiplied by a/b; where b is a function it is its argument. */
const quotientOf = (left: Formula, right: Formula, at: number): Formula => {
  const plain: Formula = { kind: "quotient", left, right, at };
  if (right.kind !== "application" || right.arguments.length !== 1) return plain;
  const { of, arguments: list } = right;
  if (of.letter.length > 1 || of.primes > 0 || of.marks.length > 0) return plain;
  const apart: Formula = { kind: "product", left: { ...plain, right: of }, right: list[0]!, sign: "", at };
  return { kind: "either", readings: [apart, plain], at };
};

/** `\frac{∂y}{∂x}\big|_{s}`: with s held fixed. */
function heldFixed(formula: Formula, { sub, end, at }: Token): Formula {
  const fixed = parseList(sub!, end);
  if (formula.kind === "product")
    return { ...formula, right: heldFixed(formula.right, { sub, end, at } as Token) };
  if (formula.kind === "negative")
    return { ...formula, of: heldFixed(formula.of, { sub, end, at } as Token) };
  if (formula.kind !== "partial" || fixed.some(({ kind }) => kind !== "symbol"))
    throw new Unreadable("what is taken at a point is not understood", at);
  return { ...formula, fixed };
}

export const startsFactor = (cursor: Cursor): boolean => {
  const token = cursor.peek();
  if (!token) return false;
  if (token.kind !== "symbol") return token.kind !== "break" && token.kind !== "text";
  if (["‖", "|"].includes(token.text)) return !cursor.withinBars && !token.sub;
  return ["(", "[", "⟨", "⌊", "⌈", "∂", "∇"].includes(token.text);
};

export function parseFactor(cursor: Cursor): Formula {
  const { at } = cursor;
  if (cursor.take("-")) return { kind: "negative", of: parseFactor(cursor), at };
  const token = cursor.next();
  switch (token.kind) {
    case "number": {
      if (token.sub) throw new Unreadable(`what stands below ${token.text} is not understood`, at);
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
      const operator = operatorOf(numerator, denominator, token);
      if (operator) return { kind: "partial", of: parseFactor(cursor), by: operator, at };
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
  if (text === "∂" && token.sub && !token.sup) {
    const by = parseFormula(token.sub, token.end);
    return { kind: "partial", of: parseFactor(cursor), by, at };
  }
  if (text === "‖" || text === "|") return parseBars(token, cursor);
  if (text === "∂" || text === "<" || text === "⟨" || text === "⌊" || text === "⌈") bare(token);
  if (text === "∂") return differentialOf(parseFactor(cursor), at);
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
    const entries = cursor.ofSum(() => listUntil(cursor, closing[text]), false);
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

/** `‖x‖`, also squared; `|x|`. */
function parseBars(token: Token, cursor: Cursor): Formula {
  const { text, at } = token;
  const of = cursor.betweenBars(() => parseSum(cursor));
  const close = cursor.expect(text);
  if (text === "|") {
    const abs: Symbol_ = { kind: "symbol", letter: "abs", marks: [], primes: 0, at };
    return scripted({ kind: "application", of: abs, arguments: [of], at }, bareBelow(close));
  }
  const [below, ...more] = close.sub ?? [];
  if (more.length > 0 || (below && !["2", "F"].includes(below.text)))
    throw new Unreadable("which norm this is is not understood", close.at);
  const square: Formula = { kind: "inner", left: of, right: of, at };
  const [power, ...rest] = close.sup ?? [];
  if (power?.text === "2" && rest.length === 0) return square;
  return scripted({ kind: "root", of: square, at }, { ...close, sub: undefined });
}
function bareBelow(token: Token): Token {
  if (token.sub) throw new Unreadable(`what stands below ${token.text} is not understood`, token.at);
  return token;
}
