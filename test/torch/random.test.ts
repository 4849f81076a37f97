/** Random layers under PyTorch: a few of the generator's, and of those with windows, masks and index tensors. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileText } from "../../src/pipeline.js";
import { Torch } from "../../src/torch/process.js";
import { generate } from "../generator/generate.js";
import { printLayer } from "../generator/print.js";
import { randomIndexedLayer, randomLayer } from "../support/random-layers.js";
import { faultsOf } from "./support.js";

let torch: Torch;
beforeAll(async () => {
  torch = await Torch.open();
});
afterAll(() => torch.close());

const seeds = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => first + i);
/** In float64: PyTorch's `exp` of float32 has a least value, and formulas at random take its logarithm. */
async function holds(text: string): Promise<void> {
  const faults = await faultsOf(compileText(text, "sample.layer"), { torch, trials: 1, dtypes: ["f64"] });
  expect(faults, text).toEqual([]);
}

/** A range whose bound is known only at run time; a subscript that is in bounds only where its quotients come out even. */
const finds = [1171, 1224];
it.each([...seeds(9000, 10), ...finds])("generated layer %i", (seed) => holds(printLayer(generate(seed))));
it.each(seeds(9000, 6))("random layer %i", (seed) => holds(randomLayer(seed)));
it.each(seeds(9000, 6))("random layer with an index tensor %i", (seed) => holds(randomIndexedLayer(seed)));
