/** The first pass over a document: everything that it declares and defines, for the second to judge by. */
import { Context } from "./context.js";
import { findShapes } from "./declarations.js";
import type { Piece } from "./document.js";
import { some, type Equality, type Formula, type ShapeNote, type Symbol_ } from "./formula.js";
import { countsFromOne, forwardOf } from "./forward.js";
import { functionKey, isFunctionName } from "./functions.js";
import { meanings } from "./meaning.js";
import { readAccents, starConvolves } from "./prose.js";
import { denseLayer, hasLayers, shifted } from "./layers.js";
import { indexName, named } from "./names.js";
import { parseStatements, type Statement } from "./rows.js";
import { integer, type Scope } from "./scope.js";
import { isLoss, survey, symbolIn, type Survey } from "./survey.js";
import { accessOf, declareByUse, squareOf } from "./tensors.js";
import { Unreadable } from "./unreadable.js";

export interface ReadPiece {
  readonly piece: Piece;
  readonly statements: readonly Statement[];
}
/** What kind of statement an equality is. */
export type Kind = "gradient" | "jacobian" | "definition" | "size" | "relation" | "function" | "name";

/** Parses every formula. What is no LaTeX at all is one statement with the reason. */
export function parsePieces(pieces: readonly Piece[]): readonly ReadPiece[] {
  return pieces.map((piece) => {
    try {
      return { piece, statements: parseStatements(piece.source) };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return {
        piece,
        statements: [{ kind: "other", reason: error.message, at: error.at, end: piece.source.length }],
      };
    }
  });
}

export function surveyOf(read: readonly ReadPiece[], shapes: readonly Formula[]): Survey {
  const equalities = read.flatMap(({ statements }) => statements).filter((s) => s.kind === "equality");
  const sides = equalities.flatMap(({ left, steps }) => [
    left,
    ...steps.flatMap(({ formula }) => formula ?? []),
  ]);
  const others = read.flatMap(({ statements }) =>
    statements.flatMap((s) => (s.kind === "other" && s.formula ? [s.formula] : [])),
  );
  return survey([...sides, ...others], equalities.map(({ left }) => left), shapes); // prettier-ignore
}

/** @returns the kinds of the equalities too */
export function gather(
  read: readonly ReadPiece[],
  document: string,
): { readonly context: Context; readonly kinds: ReadonlyMap<Equality, Kind> } {
  const shapes = findShapes(read.map(({ piece }) => piece), document); // prettier-ignore
  const context = new Context(surveyOf(read, shapes.flatMap(({ extents }) => extents))); // prettier-ignore
  const kinds = new Map<Equality, Kind>();
  context.starConvolves = starConvolves(document);
  readAccents(read, document, context);
  for (const { piece } of read) context.titles.push({ at: piece.at, text: piece.section.join(" / ") });
  for (const { of, extents, weight, at } of shapes) {
    const found = named(of, context.survey.layerLetters);
    const scope = scopeAt(context, at);
    const shape = attempt(() => extents.map((extent) => extentOf(extent, scope)));
    if (found && !found.subs && shape)
      context.declare({ name: found.name, shape, weight, at, declared: true });
  }
  for (const { piece, statements } of read)
    for (const statement of statements) {
      if (statement.kind !== "equality") continue;
      const at = piece.at + statement.at;
      const kind = attempt(() => kindOf(statement, context)) ?? "definition";
      if (piece.kind === "display") kinds.set(statement, kind);
      // of inline formulas only names are taken: what they say is often said by the way
      if (piece.kind === "inline" && kind !== "name") continue;
      note(statement, kind, at, context);
    }
  addLayers(read, kinds, context);
  return { context, kinds };
}

/** What is said of one layer, said of the next where a gradient goes through it. */
function addLayers(read: readonly ReadPiece[], kinds: ReadonlyMap<Equality, Kind>, context: Context): void {
  const { layerLetters } = context.survey;
  const all = read.flatMap(({ piece, statements }) =>
    statements.flatMap((s) =>
      s.kind === "equality" && kinds.has(s) ? [{ equality: s, at: piece.at + s.at }] : [],
    ),
  );
  const isDefined = (formula: Formula): boolean => {
    const symbol = symbolIn(formula);
    const text = symbol && named(symbol, layerLetters)?.name;
    return text === undefined || context.definitions.some(({ tensor }) => tensor.name === text);
  };
  for (const { equality, at } of all) {
    if (kinds.get(equality) !== "definition" || !hasLayers(equality.left, layerLetters)) continue;
    const left = shifted(equality.left, layerLetters);
    const right = equality.steps.flatMap(({ formula }) => (formula ? [shifted(formula, layerLetters)] : []));
    if (right.length > 0 && !isDefined(left)) attempt(() => define(left, right, at, context));
  }
  for (const { equality, at } of all) {
    const found = kinds.get(equality) === "gradient" ? denseLayer(equality, context) : undefined;
    const text = found && named(found.left as Symbol_, layerLetters)?.name;
    if (!found || context.definitions.some(({ tensor, note }) => tensor.name === text && note === undefined))
      continue;
    const note = `no formula defines ${text}: it is read as the dense layer that this is the way back of`;
    attempt(() => define(found.left, [found.right], at, context, note));
  }
}

/** In a shape every letter is a size. */
export const extentOf = (formula: Formula, scope: Scope): ReturnType<typeof integer> => {
  const found = formula.kind === "symbol" ? named(formula, scope.context.survey.layerLetters) : undefined;
  if (found && !found.subs) return { kind: "name", name: found.name };
  return integer(formula, scope);
};
const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
};

export const scopeAt = (context: Context, at: number, base: 0 | 1 = 0): Scope => ({
  context,
  at,
  mapsBefore: at,
  base,
  indices: new Map(),
  ranges: new Map(),
  introduces: true,
  notes: new Set(),
});

export function kindOf({ left, steps }: Equality, context: Context): Kind {
  const { survey: found } = context;
  if (left.kind === "partial") return isLoss(left.of, found) ? "gradient" : "jacobian";
  if (left.kind === "differential") return "gradient";
  const symbol = symbolIn(left);
  if (!symbol) return squareOf(left, context) || left.kind === "power" ? "definition" : "definition";
  const right = steps.flatMap(({ formula }) => formula ?? []);
  if (right[0]?.kind === "partial" && isLoss(right[0].of, found)) return "name";
  const name = named({ ...symbol, primes: 0 }, found.layerLetters)?.name;
  if (symbol.letter === "d" && symbol.subs?.length === 1 && symbol.subs[0]?.kind === "symbol")
    return "gradient";
  if (symbol.primes > 0 && found.primesAreGradients && /^[A-Z]$/u.test(symbol.letter)) return "gradient";
  if (left.kind === "symbol" && context.aliases.some((alias) => alias.name === name)) return "gradient";
  if (left.kind === "application" && right.some((one) => one.kind === "cases") && !isFunctionName(symbol))
    return "function";
  if (left.kind === "symbol" && right[0] && !namesTensor(left, context)) {
    const index = indexName(left);
    if (right.some((one) => some(one, ({ kind }) => kind === "floor" || kind === "ceil"))) return "size";
    if (isInteger(right[0], context))
      return index !== undefined && /^\p{Ll}/u.test(index) ? "relation" : "size";
  }
  return "definition";
}
const namesTensor = (formula: Formula, { tensors, survey: found }: Context): boolean => {
  const symbol = symbolIn(formula);
  const text = symbol && named({ ...symbol, primes: 0 }, found.layerLetters)?.name;
  return (
    text !== undefined &&
    ((symbol?.subs !== undefined && named(symbol, found.layerLetters)?.subs !== undefined) ||
      tensors.some((tensor) => tensor.name === text))
  );
};
/** Made of numbers, sizes and indices that the document uses as such. */
function isInteger(formula: Formula, context: Context): boolean {
  const { survey: found } = context;
  if (formula.kind === "number") return Number.isInteger(formula.value);
  if (formula.kind === "symbol") {
    const index = indexName(formula);
    const known =
      (index !== undefined && found.indices.has(index)) ||
      found.sizes.has(formula.letter) ||
      formula.letter.length > 1 ||
      formula.subs !== undefined;
    return known && !namesTensor(formula, context);
  }
  if (formula.kind === "sum" || formula.kind === "quotient")
    return isInteger(formula.left, context) && isInteger(formula.right, context);
  if (formula.kind === "product")
    return (
      ["", "*", "·", "×"].includes(formula.sign) &&
      isInteger(formula.left, context) &&
      isInteger(formula.right, context)
    );
  return formula.kind === "negative" && isInteger(formula.of, context);
}

function note(equality: Equality, kind: Kind, at: number, context: Context): void {
  const { left, steps } = equality;
  const right = steps.flatMap(({ formula }) => formula ?? []);
  const [first] = right;
  if (!first) return;
  const name = (): string | undefined =>
    left.kind === "symbol" ? named(left, context.survey.layerLetters)?.name : undefined;
  switch (kind) {
    case "name": {
      const text = name();
      const of = first.kind === "partial" ? symbolIn(first.by) : undefined;
      if (text !== undefined && of) context.aliases.push({ name: text, of, at });
      return;
    }
    case "relation":
      context.maps.push(...right.map((one) => ({ left, right: one, at })));
      return;
    case "size": {
      const text = name();
      if (text !== undefined) context.sizes.push(...right.map((value) => ({ name: text, value, at })));
      return;
    }
    case "function": {
      if (left.kind !== "application") return;
      const parameters = left.arguments.flatMap((argument) => indexName(argument) ?? []);
      const key = functionKey(left.of);
      if (parameters.length === left.arguments.length)
        context.functions.set(key, [...(context.functions.get(key) ?? []), { parameters, body: first, at }]);
      return;
    }
    case "definition":
      if (equality.shapes) declareFactors(equality, equality.shapes, at, context);
      attempt(() => define(left, right, at, context));
      return;
    case "gradient":
    case "jacobian":
  }
}

/** `y = f(x, t)` with the row `(N, L, C) × (N, C, C) → (N, L, C)`: these are the shapes of x, t and y. */
function declareFactors(
  { left, steps }: Equality,
  { factors, result }: ShapeNote,
  at: number,
  context: Context,
): void {
  const right = steps[0]?.formula;
  const operands =
    right?.kind === "application"
      ? right.arguments
      : right?.kind === "product"
        ? [right.left, right.right]
        : [];
  const all = [...operands, left];
  if (
    operands.length !== factors.length ||
    all.some((one) => one.kind !== "symbol" || one.sup || one.primes > 0)
  )
    return;
  const scope = scopeAt(context, at);
  [...factors, result].forEach((extents, i) => {
    const symbol = symbolIn(all[i]!);
    const found = symbol && named(symbol, context.survey.layerLetters);
    const shape = attempt(() => extents.map((extent) => extentOf(extent, scope)));
    if (found && !found.subs && shape)
      context.declare({ name: found.name, shape, weight: false, at, declared: true });
  });
}

/** Keeps a definition, and the shapes that follow from how it is written. */
export function define(
  left: Formula,
  right: readonly Formula[],
  at: number,
  context: Context,
  note?: string,
): void {
  const scope = scopeAt(context, at, countsFromOne(right) ?? 0);
  const square = left.kind === "power" && left.exponent.kind === "number" && left.exponent.value === 2;
  const symbol = square ? symbolIn(left.base) : symbolIn(left);
  if (!symbol) throw new Unreadable("what is defined here is not understood", left.at);
  const list = left.kind === "application" ? left.arguments : undefined;
  const found = named(symbol, context.survey.layerLetters);
  if (!found || symbol.primes > 0) throw new Unreadable("the name on the left is not understood", left.at);
  const subs = list ?? found.subs;
  const text = square ? `${found.name}2` : found.name;
  const known = attempt(() => accessOf(left, scope));
  // elements z of Z are known by it; a whole z is another tensor
  let tensor = known && (subs || known.tensor.name === text) ? known.tensor : undefined;
  if (!tensor && subs) tensor = declareByUse(text, subs, { ...scope, ranges: new Map() }, at).tensor;
  if (!tensor) {
    const shape = meanings(right[0]!, scope)[0]!.shape;
    tensor = context.declare({ name: text, shape, weight: false, at, declared: true });
  }
  for (const one of right) {
    const definition = { tensor, left, right: one, at, ...(note === undefined ? {} : { note }) };
    context.definitions.push(definition);
    // reading it once declares what it reads
    attempt(() => forwardOf(definition, scope));
  }
}
