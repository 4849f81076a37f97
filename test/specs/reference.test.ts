/** The standard layers, interpreted: values and derived gradients against hand-written loops. */
import { describe, expect, it } from "vitest";
import { differentiate, gradientLayer } from "../../src/calculus/differentiate.js";
import { parseLayer } from "../../src/language/parse.js";
import { libraryOf, standardShelf } from "../../src/library.js";
import type { Layer } from "../../src/notation/layer.js";
import { inferRanges } from "../../src/ranges/infer.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { expectClose, type Sizes, textOf } from "./close.js";
import { draw } from "./oracles/draw.js";
import type { Grid } from "./oracles/grid.js";
import { oracles } from "./oracles/index.js";

function read(name: string): Layer {
  const source = { file: `${name}.layer`, text: textOf(name) };
  const parsed = parseLayer(source.text, source.file, libraryOf(source, standardShelf));
  expect(parsed.problems).toEqual([]);
  if (!parsed.layer) throw new Error("no layer");
  const { layer, problems } = inferRanges(parsed.layer);
  expect(problems).toEqual([]);
  return layer;
}
function evaluate(layer: Layer, sizes: Sizes, grids: Readonly<Record<string, Grid>>): Map<string, number[]> {
  const tensors = new Map(Object.entries(grids).map(([tensor, { data }]) => [tensor, data]));
  const results = evaluateLayer(layer, sizes, tensors, float64);
  return new Map([...results].map(([tensor, values]) => [tensor, Array.from(values)]));
}

describe.each(oracles.map((oracle) => [oracle.layer, oracle] as const))("%s", (name, oracle) => {
  it.each(oracle.cases)("has the values of the loops at %j", (sizes) => {
    const { given } = draw(oracle, sizes);
    const found = evaluate(read(name), sizes, given);
    for (const [tensor, expected] of Object.entries(oracle.forward(sizes, given)))
      expectClose(found.get(tensor), expected, 1e-12, tensor);
  });

  it.each(oracle.cases)("has the gradients of the loops at %j", (sizes) => {
    const { given, cotangents } = draw(oracle, sizes);
    const found = evaluate(gradientLayer(differentiate(read(name))), sizes, { ...given, ...cotangents });
    const gradients = oracle.backward(sizes, { ...given, ...cotangents });
    for (const [gradient, expected] of Object.entries(gradients))
      expectClose(found.get(`g_${gradient.slice(1)}`), expected, 1e-11, gradient);
  });
});
