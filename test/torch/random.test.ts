/** Random layers under PyTorch: a few of the generator's, and of those with windows, masks and index tensors. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { LayerError } from "../../src/language/problem.js";
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

const seeds = (first: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => first + i);
async function holds(text: string): Promise<void> {
  // PyTorch's finite differences know nothing of stop(…)
  const faults = await faultsOf(compileText(text, "sample.layer"), { torch, trials: 1 });
  expect(faults, text).toEqual([]);
}

it.each(seeds(9000, 10))("generated layer %i", async (seed) => {
  const text = printLayer(generate(seed));
  if (/stop\(/u.test(text)) return;
  try {
    await holds(text);
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
  }
});
it.each(seeds(9000, 6))("random layer %i", (seed) => holds(randomLayer(seed)));
it.each(seeds(9000, 6))("random layer with an index tensor %i", (seed) => holds(randomIndexedLayer(seed)));
