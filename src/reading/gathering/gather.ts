/** The first pass over a document: everything that it declares and defines, for the second to judge by. */
import type { ReadPiece } from "../latex/parsed.js";
import { type Equality, type Formula, rebuilt, some, type Symbol_ } from "../latex/formula.js";
import { isLoss, type Survey, survey, symbolIn } from "../context/survey.js";
import { Context } from "../context/context.js";
import { type Kind, kindOf } from "./kinds.js";
import type { Shape } from "../context/declarations.js";
import { readAccents, starConvolves } from "../context/prose.js";
import { named } from "../context/names.js";
import { scopeAt } from "../context/scope.js";
import { define, extentOf, note } from "./definitions.js";
import { split } from "../meaning/access.js";
import { denseLayer, hasLayers, shifted } from "./next-layer.js";
import { attempt } from "../document/unreadable.js";
import { inOrder } from "./order.js";
import { displayedNames, isDefined, noteNumber } from "./inline.js";

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
  shapes: readonly Shape[],
  document: string,
): { readonly context: Context; readonly kinds: ReadonlyMap<Equality, Kind> } {
  const context = new Context(surveyOf(read, shapes.flatMap(({ extents }) => extents)), document); // prettier-ignore
  const kinds = new Map<Equality, Kind>();
  context.starConvolves = starConvolves(document);
  readAccents(read, document, context);
  for (const { piece } of read)
    context.sections.push({ at: piece.at, within: piece.within, titles: piece.section });
  for (const { of, extents, weight, at } of shapes) {
    const found = named(of, context.survey);
    const scope = scopeAt(context, at);
    const shape = attempt(() => extents.map((extent) => extentOf(extent, scope)));
    if (found && !found.subs && shape)
      context.declare({ name: found.name, shape, weight, at, declared: true });
  }
  const displayed = displayedNames(read, context.survey);
  for (const { piece, statement } of inOrder(read, context)) {
    const at = piece.at + statement.at;
    const kind = attempt(() => kindOf(statement, context)) ?? "definition";
    if (piece.kind === "display") kinds.set(statement, kind);
    if (piece.kind === "inline") noteNumber(statement, piece, context);
    // of inline formulas only names and definitions are taken: what they say else is often said by the way
    if (piece.kind === "inline" && kind !== "name" && !isDefined(statement, kind, piece, document, displayed))
      continue;
    note(statement, kind, at, context);
  }
  for (const { name, shape } of context.tensors) {
    // the state before is as large as the state
    const now = context.tensors.find(
      (t) => name.replace(/_(?:before|after)\d*$/u, "") === t.name && t.name !== name,
    );
    if (now?.shape.length === shape.length)
      shape.forEach((extent, axis) => context.fits(extent, now.shape[axis]!));
  }
  context.saysLogistic = /sigmoid|logistic/iu.test(document);
  context.kronecker = /kronecker/iu.test(document) || meansKronecker(kinds, context);
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
  // how the layer before came about matters only where its gradients are spoken of
  const isWanted = (formula: Formula): boolean => {
    const symbol = symbolIn(formula);
    const text = symbol && named(symbol, context.survey)?.name;
    return text?.endsWith("_prev") === true && wanted.has(text);
  };
  const isDefined = (formula: Formula): boolean => {
    const symbol = symbolIn(formula);
    const text = symbol && named(symbol, context.survey)?.name;
    return text === undefined || context.definitions.some(({ tensor }) => tensor.name === text);
  };
  for (const { left, of, at } of context.aliases.slice())
    for (const by of hasLayers(left, layerLetters) ? [1, -1] : []) {
      const next = shifted(left, layerLetters, by);
      const text = named(next, context.survey)?.name;
      if (text !== undefined)
        context.aliases.push({ name: text, left: next, of: shifted(of, layerLetters, by), at });
    }
  const wanted = differentiatedNames(
    all.map(({ equality }) => equality),
    context,
  );
  for (const { equality, at } of all) {
    if (kinds.get(equality) !== "definition" || !hasLayers(equality.left, layerLetters)) continue;
    for (const by of [1, -1]) {
      const left = shifted(equality.left, layerLetters, by);
      const right = equality.steps.flatMap(({ formula }) =>
        formula ? [shifted(formula, layerLetters, by)] : [],
      );
      if (right.length > 0 && !isDefined(left) && (by > 0 || isWanted(left)))
        attempt(() => define(left, right, at, context));
    }
  }
  for (const { equality, at } of all) {
    const found = kinds.get(equality) === "gradient" ? denseLayer(equality, context) : undefined;
    const text = found && named(found.left as Symbol_, context.survey)?.name;
    if (!found || context.definitions.some(({ tensor, note }) => tensor.name === text && note === undefined))
      continue;
    const note = `no formula defines ${text}: it is read as the dense layer that this is the way back of`;
    attempt(() => define(found.left, [found.right], at, context, note));
  }
}

/** The tensors whose gradients a document speaks of. */
function differentiatedNames(equalities: readonly Equality[], context: Context): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (formula: Formula): void => {
    const symbol = symbolIn(formula);
    const text = symbol && named(symbol, context.survey)?.name;
    if (text !== undefined) names.add(text);
  };
  rebuilt(equalities, (node) => {
    if (node.kind === "partial") add(node.by);
    if (node.kind === "differential") add(node.of);
    const text = node.kind === "symbol" ? named(node, context.survey)?.name : undefined;
    for (const alias of context.aliases) if (text !== undefined && alias.name === text) add(alias.of);
    return node;
  });
  return names;
}

/** `∂p_i/∂z_j = p_i (δ_{ij} - p_j)`: δ with two indices, where it is no name of a gradient. */
function meansKronecker(kinds: ReadonlyMap<Equality, Kind>, { aliases, survey }: Context): boolean {
  const isDelta = (node: Formula): boolean =>
    node.kind === "symbol" && node.letter === "δ" && !node.sup && split(node.subs ?? []).length === 2;
  if (aliases.some(({ left }) => isDelta(left))) return false;
  return [...kinds].some(([{ left, steps }, kind]) => {
    if (isDelta(left)) return false;
    return steps.some(
      ({ formula }) =>
        formula &&
        some(formula, isDelta) &&
        (kind === "jacobian" || some(formula, (node) => node.kind === "partial" && isLoss(node.of, survey))),
    );
  });
}
