/** Names with their scripts and arguments, and derivatives, from tokens. */
import { ones, type Formula, type Symbol_ } from "./formula.js";
import type { Token } from "./token.js";
import { listUntil, parseList } from "./parse-lists.js";
import { closing, parseFactor, parseFormula, startsFactor } from "./parse.js";
import type { Cursor } from "./cursor.js";

/** Operators that stand before their argument without brackets: `\log x`. */
const prefixFunctions = new Set("exp log ln sin cos tan tanh sinh cosh softmax sigmoid relu ReLU".split(" "));

/** What differentials are written with. */
const differentialSigns = ["∂", "d", "δ"];

/** A power or a superscript of what stands in brackets. */
export function scripted(of: Formula, token: Token): Formula {
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

export function parseName(token: Token, cursor: Cursor): Formula {
  const { at, text } = token;
  const upright =
    differentialSigns.includes(text) && text !== "δ" && !token.sub && !token.sup && token.primes === 0;
  if (upright && !cursor.subscript && token.marks.length === 0) {
    const of = cursor.attempt(() => (cursor.peek()?.kind === "name" ? parseFactor(cursor) : undefined));
    if (of) return differentialOf(of, at, text === "d");
  }
  const turned = withoutTransposition(token);
  if (turned) return transposed(symbolOf(turned), at);
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
  if (cursor.sees("(", "[") || (indicators.has(text) && cursor.sees("{"))) {
    const call = cursor.attempt(() => {
      const open = cursor.next().text;
      const list = listUntil(cursor, closing[open]);
      const close = cursor.expect(closing[open]!);
      if (
        list.length === 0 ||
        (open === "[" && list.length > 1 && token.text.length === 1 && !list.every(isSubscript))
      )
        return undefined;
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

/** `X[c, i + 1]`, but not an interval `[0, 1)` after a name */
const isSubscript = (formula: Formula): boolean =>
  formula.kind === "symbol" ||
  formula.kind === "slice" ||
  (formula.kind === "sum" && isSubscript(formula.left));

/** `dZ^T` is the gradient, transposed. */
export function differentialOf(of: Formula, at: number, upright = false): Formula {
  const isT = (formula: Formula | undefined): boolean =>
    formula?.kind === "symbol" && ["T", "⊤"].includes(formula.letter) && !formula.subs;
  if (of.kind === "power" && isT(of.exponent))
    return transposed({ kind: "differential", of: of.base, at }, at);
  if (of.kind === "symbol" && isT(of.sup))
    return transposed({ kind: "differential", of: { ...of, sup: undefined }, at }, at);
  return { kind: "differential", of, at, ...(upright ? { upright } : {}) };
}

const indicators = new Set([ones, "I", "χ"]);

/** `W^{[2]T}`, `W^{l\top}`: a layer's mark, transposed. */
function withoutTransposition(token: Token): Token | undefined {
  const before = token.sup?.at(-2);
  const last = token.sup?.at(-1);
  if (!before || !last || last.sub || last.sup) return undefined;
  const sure = last.kind === "symbol" && last.text === "⊤";
  const likely =
    last.kind === "name" &&
    last.text === "T" &&
    ([")", "]"].includes(before.text) || ["l", "ℓ"].includes(before.text));
  return sure || likely ? { ...token, sup: token.sup!.slice(0, -1) } : undefined;
}

/** A name with its scripts. A subscript of letters alone that make a word belongs to the name. */
export function symbolOf(token: Token): Symbol_ {
  const { at, text: letter, marks, primes } = token;
  const inner = token.sup && parseFormula(transposeSign(token.sup), token.end);
  // x^{(2)} is no square, x^{(i)} no power
  const bracketed = token.sup?.[0]?.kind === "symbol" && ["(", "["].includes(token.sup[0].text);
  const labelled = bracketed && (inner?.kind === "number" || inner?.kind === "symbol");
  const sup: Formula | undefined = labelled ? { kind: "tuple", entries: [inner], open: "(", at } : inner;
  const subs = token.sub && parseList(token.sub, token.end);
  return { kind: "symbol", letter, marks, primes, sup, subs, at, ...(token.bold ? { bold: true } : {}) };
}

/** `\frac{∂L}{∂w}`, also with d or δ; `L` may carry arguments. */
export function partialOf(
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

/** `\frac{∂}{∂w}` before what is differentiated: w. */
export function operatorOf(
  numerator: readonly Token[],
  denominator: readonly Token[],
  { end, sub, sup }: Token,
): Formula | undefined {
  const [sign, ...of] = numerator;
  const [again, ...by] = denominator;
  if (!sign || of.length > 0 || by.length === 0 || again?.text !== sign.text || sub || sup) return undefined;
  const plain = differentialSigns.includes(sign.text) && !sign.sub && !sign.sup && !again.sub && !again.sup;
  return plain ? parseFormula(by, end) : undefined;
}

/** `∂L/∂w` on one line. */
export const asPartial = (left: Formula, right: Formula): Formula | undefined =>
  left.kind === "differential" && right.kind === "differential"
    ? { kind: "partial", of: left.of, by: right.of, at: left.at }
    : undefined;
