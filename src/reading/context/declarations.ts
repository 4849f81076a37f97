/** Shapes that a document gives: `x \in \mathbb{R}^{N \times D}`, `W: [n, m]`, rows of tables, “of shape (N, C)”. */
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Piece } from "../document/pieces.js";
import { tokenize } from "../latex/tokenize.js";
import { attempt, Unreadable } from "../document/unreadable.js";
import type { Token } from "../latex/token.js";
import { parseFormula } from "../latex/parse.js";
import { parseList } from "../latex/parse-lists.js";
import { symbolOf } from "../latex/parse-names.js";

export interface Shape {
  readonly of: Symbol_;
  readonly extents: readonly Formula[];
  readonly weight: boolean;
  readonly at: number;
}

/** The shapes that a document's formulas and tables declare. */
export function findShapes(pieces: readonly Piece[], document: string): readonly Shape[] {
  const shapes: Shape[] = [];
  pieces.forEach((piece, i) => {
    for (const found of shapesIn(piece)) shapes.push({ ...found, at: piece.at });
    const before = pieces[i - 1];
    if (!before || before.kind !== "inline" || piece.kind !== "inline") return;
    const between = document.slice(before.at + before.source.length, piece.at);
    const inTable = /^\s*\|/u.test(piece.line) && /^\$[^\n|]*\|[^\n|]*\$$/u.test(between);
    const inProse =
      /^\S{1,2}[\s\w]*\b(?:shape|size|dimensions?)\b[\s\w]*\S{1,2}$/u.test(between) &&
      !/\n\s*\n|pad/u.test(between);
    if (!inTable && !inProse) return;
    const extents = attempt(() => tupleIn(tokenize(piece.source, piece.macros)));
    const of = attempt(() => onlySymbol(tokenize(before.source, before.macros)));
    if (!extents || !of) return;
    const label = inTable ? piece.line : lastWords(document, before.at);
    shapes.push({ of, extents, weight: saysWeight(label), at: piece.at });
  });
  return shapes;
}
const saysWeight = (text: string): boolean => /weight|kernel|filter|bias|param|matrix/iu.test(text);
const lastWords = (document: string, at: number): string => document.slice(Math.max(0, at - 20), at);
const isSymbol = (token: Token | undefined, ...texts: readonly string[]): boolean =>
  token?.kind === "symbol" && texts.includes(token.text);

function* shapesIn(piece: Piece): Generator<Omit<Shape, "at">> {
  const tokens = attempt(() => tokenize(piece.source, piece.macros)) ?? [];
  for (const part of split(tokens, ";", "quad", "break")) {
    const at = part.findIndex((token) => isSymbol(token, "∈", ":"));
    if (at < 1) continue;
    const space = part[at + 1];
    const real = part[at]!.text === "∈" && space?.kind === "name" && space.text === "R";
    const extents = attempt(() =>
      real
        ? space.sup
          ? extentsOf(space.sup, space.end)
          : []
        : tupleIn(part.slice(at + 1, tupleEnd(part, at + 1))),
    );
    if (!extents) continue;
    for (const name of split(part.slice(0, at), ",")) {
      const of = attempt(() => onlySymbol(name));
      if (of && of.letter !== "shape") yield { of, extents, weight: /^[WKUVwb]$/u.test(of.letter) };
    }
    // x: [1, n], y: [1, m]
    const end = real ? at + 2 : tupleEnd(part, at + 1);
    const rest = part.slice(end).filter((token, i) => !(i === 0 && isSymbol(token, ",")));
    if (rest.length > 0) yield* shapesInTokens(rest, piece);
  }
}
const shapesInTokens = (tokens: readonly Token[], piece: Piece): Generator<Omit<Shape, "at">> => {
  const from = tokens[0]!.at;
  return shapesIn({ ...piece, source: " ".repeat(from) + piece.source.slice(from) });
};

function tupleEnd(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    if (isSymbol(tokens[i], "(", "[")) depth++;
    if (isSymbol(tokens[i], ")", "]")) depth--;
    if (depth === 0) return i + 1;
  }
  return tokens.length;
}

function tupleIn(tokens: readonly Token[]): readonly Formula[] {
  const last = tokens.at(-1);
  if (!isSymbol(tokens[0], "(", "[") || !isSymbol(last, ")", "]") || tokens.length < 3)
    throw new Unreadable("no shape", 0);
  return extentsOf(tokens.slice(1, -1), last!.end);
}

/** `N, C` or `N × C` */
const extentsOf = (tokens: readonly Token[], end: number): readonly Formula[] => {
  const parts = split(tokens, "×", ",");
  return parts.length > 1 ? parts.map((part) => parseFormula(part, end)) : parseList(tokens, end);
};

function onlySymbol(tokens: readonly Token[]): Symbol_ {
  const [token, ...rest] = tokens.filter(({ kind }) => kind !== "text");
  if (token?.kind !== "name" || rest.length > 0) throw new Unreadable("no name", token?.at ?? 0);
  return symbolOf(token);
}

function split(tokens: readonly Token[], ...separators: readonly string[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, "(", "[")) depth++;
    if (isSymbol(token, ")", "]")) depth--;
    const separates = token.kind === "break" ? separators.includes("break") : isSymbol(token, ...separators);
    if (depth === 0 && separates) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
