/** Layers from text and values for them. */
import { expect } from "vitest";
import { differentiate, gradientLayer } from "../../src/calculus/differentiate.js";
import { parseLayer } from "../../src/language/parse.js";
import { libraryOf, standardShelf } from "../../src/library.js";
import type { Expression } from "../../src/notation/expression.js";
import { element, mapAtoms, type Int } from "../../src/notation/integer.js";
import type { Layer } from "../../src/notation/layer.js";
import { rewrite } from "../../src/notation/traverse.js";
import { inferRanges } from "../../src/ranges/infer.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { randomFrom } from "../../src/verify/random.js";

/** The layer of a text, every range known. */
export function closed(text: string, name = "sample"): Layer {
  const source = { file: `${name}.layer`, text };
  const { layer, problems } = parseLayer(text, source.file, libraryOf(source, standardShelf));
  if (!layer || problems.length > 0) throw new Error(problems.map((p) => p.message).join("\n"));
  const result = inferRanges(layer);
  if (result.problems.length > 0) throw new Error(result.problems.map((p) => p.message).join("\n"));
  return result.layer;
}
export const gradientsOf = (layer: Layer): Layer => gradientLayer(differentiate(layer));

/**
 * The gradients of a gradient layer. What the first one computes is renamed, so that its `g_x` and `da` leave these
 * names to the second one.
 */
export function secondGradientsOf(layer: Layer): { readonly first: Layer; readonly second: Layer } {
  const gradients = gradientsOf(layer);
  const computed = new Set(gradients.statements.map((s) => s.tensor));
  const rename = (name: string): string => (computed.has(name) ? `first_${name}` : name);
  const int = (value: Int): Int =>
    mapAtoms(value, (atom) =>
      atom.kind === "element" ? element(rename(atom.tensor), atom.subscripts) : undefined,
    );
  const change = (e: Expression): Expression => (e.kind === "read" ? { ...e, tensor: rename(e.tensor) } : e);
  const first = {
    ...gradients,
    tensors: gradients.tensors.map((t) => ({ ...t, name: rename(t.name) })),
    statements: gradients.statements.map((s) => ({
      ...s,
      tensor: rename(s.tensor),
      body: rewrite(s.body, change, int),
    })),
  };
  return { first, second: gradientsOf(first) };
}

type Sizes = Readonly<Record<string, number>>;
type Arrays = Readonly<Record<string, readonly number[]>>;

/** All tensors of the layer in float64. */
export function evaluate(text: string, sizes: Sizes, inputs: Arrays): Record<string, number[]> {
  const result = evaluateLayer(closed(text), sizes, new Map(Object.entries(inputs)), float64);
  return Object.fromEntries([...result].map(([name, data]) => [name, Array.from(data)]));
}

/** Normal draws, the same for the same name. */
export function draws(count: number, name = "x"): number[] {
  const random = randomFrom(7, name);
  return Array.from({ length: count }, random.normal);
}

export function expectClose(actual: readonly number[] | undefined, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(actual?.[i]).toBeCloseTo(value, 12));
}

/** Every point of a box, in row-major order. */
export function points(...extents: readonly number[]): number[][] {
  return extents.reduce<number[][]>(
    (all, extent) => all.flatMap((point) => Array.from({ length: extent }, (_, i) => [...point, i])),
    [[]],
  );
}
