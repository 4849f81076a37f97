/**
 * Index ranges: finds every extent that the text leaves open and puts it in.
 *
 * The parser names an open extent by a variable that begins with `?`. Statement by statement, an index takes
 * its range from its binder, else from the declared axis on its left-hand side, else from the axes on which it
 * stands alone, else from the largest box on which every read is in bounds.
 */
import type { Problem } from "../language/problem.js";
import type { Binder } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Layer, Statement, Tensor } from "../notation/layer.js";
import { rewrite } from "../notation/traverse.js";
import { asWritten } from "../language/written.js";
import { coverAxis } from "./cover.js";
import { extreme } from "./extremes.js";
import { elementRanges, factsInside, isOpen, layerFacts } from "./facts.js";
import { roleOf, shapeOf, solved, type Inference } from "./inference.js";
import { inferProblem } from "./infer-problems.js";
import { occurrencesOf, settleBySubscripts, settleByLargestBox, type Occurrence } from "./infer-rules.js";
import { mapLayerInts } from "./map-layer.js";
import { roundedRange } from "./rounded.js";

/** Gives every index its range and every tensor its shape (LANGUAGE, section 4). Problems name what is open. */
export function inferRanges(layer: Layer): { layer: Layer; problems: Problem[] } {
  const inference: Inference = {
    facts: layerFacts(layer),
    tensors: new Map(layer.tensors.map((t) => [t.name, t])),
    solutions: new Map(),
    shapes: new Map(layer.tensors.map((t) => [t.name, t.shape])),
    problems: [],
    failed: new Set(),
  };
  for (const statement of [...layer.statements, ...layer.claimHelpers, ...layer.claims])
    inferStatement(statement, inference);
  const closed = { ...layer, tensors: layer.tensors.map((t) => inference.tensors.get(t.name) ?? t) };
  return { layer: mapLayerInts(closed, (v) => solved(inference, v)), problems: inference.problems };
}

function inferStatement(statement: Statement, inference: Inference): void {
  const repeated = repeatedIndex(statement);
  if (repeated) {
    inference.problems.push(inferProblem.repeatedIndex(statement, repeated));
    return fail(statement, inference);
  }
  const occurrences = occurrencesOf(statement);
  const declared = shapeOf(inference, statement.tensor);
  if (!settleByDeclaration(statement, declared, inference)) return fail(statement, inference);
  settleBySubscripts(statement, occurrences, inference);
  settleByLargestBox(occurrences, inference);
  reportOpen(statement, occurrences, inference);
  settleShape(statement, inference);
  settlePositions(statement, inference);
}

/** An index on two axes of the left-hand side, as in `y[i, i]`. */
function repeatedIndex(statement: Statement): string | undefined {
  return statement.indices.find(
    ({ name }) => statement.subscripts.filter((s) => integer.mentions(s, name)).length > 1,
  )?.name;
}

/** Rule 2: the axes of declared extent give the ranges of the indices on them. */
function settleByDeclaration(
  statement: Statement,
  declared: readonly Int[] | undefined,
  inference: Inference,
): boolean {
  let good = true;
  statement.subscripts.forEach((subscript, axis) => {
    const extent = declared?.[axis];
    if (!extent || isOpen(extent)) return;
    const cover = coverAxis(
      inference.facts,
      subscript,
      namesOf(statement),
      knownExtents(statement, inference),
      extent,
    );
    if (!cover.ok) {
      inference.problems.push(inferProblem.notCovered(statement, axis, extent));
      good = false;
    } else settleIndices(statement, cover.extents, inference);
  });
  return good;
}

function settleIndices(statement: Statement, extents: ReadonlyMap<string, Int>, inference: Inference): void {
  for (const index of statement.indices) {
    const [open, extent] = [integer.plainVariable(index.extent), extents.get(index.name)];
    if (extent && open?.startsWith("?") && !inference.solutions.has(open))
      inference.solutions.set(open, extent);
  }
}

/** The shape of a tensor without declared extents, from the ranges on its left-hand side. */
function settleShape(statement: Statement, inference: Inference): void {
  const shape = shapeOf(inference, statement.tensor);
  const known = knownExtents(statement, inference);
  const found = statement.subscripts.map((subscript, axis) => {
    const extent = shape?.[axis];
    if (extent && !isOpen(extent)) return extent;
    const names = namesOf(statement).filter((name) => integer.mentions(subscript, name));
    if (names.some((name) => !known.has(name))) return extent ?? integer.variable("?");
    const cover = coverAxis(inference.facts, subscript, names, known, undefined);
    if (!cover.ok) {
      inference.problems.push(inferProblem.notCovered(statement, axis, undefined));
      return extent ?? integer.variable("?");
    }
    const open = extent && integer.plainVariable(extent);
    if (open) inference.solutions.set(open, cover.extent);
    return cover.extent;
  });
  inference.shapes.set(statement.tensor, found);
}

/** The values of an argmax are positions in the box of its binders: below the product of their greatest extents. */
function settlePositions(statement: Statement, inference: Inference): void {
  const { tensor, indices, body } = statement;
  const known = inference.tensors.get(tensor);
  if (known?.type !== "integer") return;
  if (known.rounded) return settleRounded(statement, known, inference);
  if (body.kind !== "reduction") return;
  const close = (b: Binder): Binder => ({
    ...b,
    lower: solved(inference, b.lower),
    upper: solved(inference, b.upper),
  });
  const facts = factsInside(
    factsInside(
      inference.facts,
      indices.map((i) => ({ ...i, extent: solved(inference, i.extent) })),
    ),
    body.binders.map(close),
  );
  const uppers = body.binders.map((b) => extreme(facts, close(b).upper, "greatest"));
  const bound =
    known.bound ?? (uppers.every((u) => u !== undefined) ? integer.times(integer.one, ...uppers) : undefined);
  inference.tensors.set(tensor, { ...known, ...(bound && { bound: solved(inference, bound) }) });
  inference.facts = { ...inference.facts, elements: elementRanges([...inference.tensors.values()]) };
}

/** The values of rounded reals lie where a clamp in their definition says. */
function settleRounded({ tensor, indices, body }: Statement, known: Tensor, inference: Inference): void {
  const close = (value: Int): Int => solved(inference, value);
  const inside = factsInside(
    inference.facts,
    indices.map((i) => ({ ...i, extent: close(i.extent) })),
  );
  const { lower, upper } = roundedRange(
    rewrite(body, (e) => e, close, asWritten),
    inside,
  );
  const bound = upper && integer.plus(upper, integer.one);
  inference.tensors.set(tensor, { ...known, rounded: { least: lower }, bound });
  inference.facts = { ...inference.facts, elements: elementRanges([...inference.tensors.values()]) };
}

const namesOf = (statement: Statement): readonly string[] => statement.indices.map((i) => i.name);
function knownExtents(statement: Statement, inference: Inference): Map<string, Int> {
  const known = statement.indices.map((i): [string, Int] => [i.name, solved(inference, i.extent)]);
  return new Map(known.filter(([, extent]) => !isOpen(extent)));
}

/** Indices that no rule gave a range. One that stands in a read with another such index is not reported again. */
function reportOpen(statement: Statement, occurrences: readonly Occurrence[], inference: Inference): void {
  for (const occurrence of occurrences) {
    const { open, upper, accesses } = occurrence;
    if (!isOpen(solved(inference, upper)) || inference.failed.has(open)) continue;
    const companions = accesses.flatMap((a) => a.scope.map((b) => integer.plainVariable(b.upper) ?? ""));
    const known = companions.some((name) => inference.failed.has(name));
    const shapeless = accesses.some((a) => shapeOf(inference, a.tensor)?.some(isOpen) ?? true);
    inference.failed.add(open);
    if (!known && !shapeless)
      inference.problems.push(
        inferProblem.noRange(
          statement,
          occurrence,
          roleOf(inference, statement),
          likelyShape(statement, occurrences, inference),
        ),
      );
  }
}

/**
 * The extents that a left-hand side of plain indices likely has, to be declared: in `x[n, g*C + c]` with the extent G*C, g
 * runs through G and c through C.
 */
function likelyShape(
  statement: Statement,
  occurrences: readonly Occurrence[],
  inference: Inference,
): readonly Int[] | undefined {
  const known = knownExtents(statement, inference);
  const extents = statement.subscripts.map((subscript) => {
    const name = integer.plainVariable(subscript);
    if (name === undefined || known.has(name)) return name && known.get(name);
    for (const { tensor, subscripts } of occurrences.find((o) => o.name === name)?.accesses ?? [])
      for (const [axis, read] of subscripts.entries()) {
        const extent = shapeOf(inference, tensor)?.[axis];
        const found =
          extent && !isOpen(extent) && integer.mentions(read, name) && likelyExtent(read, name, extent);
        if (found) return found;
      }
    return undefined;
  });
  return extents.every((e) => typeof e === "object") ? extents : undefined;
}
/** The range of an index in mixed radix: E/a where it stands as a·i, a where another stands as a·j beside it. */
function likelyExtent(read: Int, name: string, extent: Int): Int | undefined {
  const step = integer.affineIn(read, name)?.coefficient;
  if (!step) return undefined;
  const atom = integer.onlyAtom(step);
  const [whole, parts] = atom?.kind === "exact" ? integer.atomParts(atom) : [];
  if (whole && parts && integer.equal(whole, extent)) return parts;
  if (integer.literal(step) !== 1) return integer.quotient(extent, step);
  const others = [...integer.variablesOf(read)].filter((v) => v !== name);
  return others
    .map((v) => integer.affineIn(read, v)?.coefficient)
    .find((c) => c && integer.literal(c) !== 1 && integer.literal(c) !== 0);
}

/** Marks everything open in a statement as reported. */
function fail(statement: Statement, inference: Inference): void {
  for (const { open } of occurrencesOf(statement)) inference.failed.add(open);
}
