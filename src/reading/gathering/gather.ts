/** The first pass over a document: everything that it declares and defines, for the second to judge by. */
import type { ReadPiece } from "../latex/parsed.js";
import { type Equality, type Formula, type Symbol_ } from "../latex/formula.js";
import { type Survey, survey, symbolIn } from "../context/survey.js";
import { Context } from "../context/context.js";
import { type Kind, kindOf } from "./kinds.js";
import { findShapes } from "../context/declarations.js";
import { readAccents, starConvolves } from "../context/prose.js";
import { named } from "../context/names.js";
import { scopeAt } from "../context/scope.js";
import { define, extentOf, note } from "./definitions.js";
import { denseLayer, hasLayers, shifted } from "./next-layer.js";
import { attempt } from "../document/unreadable.js";

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
