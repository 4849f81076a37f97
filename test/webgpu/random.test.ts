/** Random layers on WebGPU, with the kernels of a GPU and those of an adapter in software. */
import { describe, expect, it } from "vitest";
import { verify } from "../../src/verdicts.js";
import { compile } from "../support/layers.js";
import { randomContraction } from "../support/random-contractions.js";
import { randomIndexedLayer, randomLayer } from "../support/random-layers.js";

describe.each([
  { what: "sums of products", make: randomContraction },
  { what: "layers", make: randomLayer },
  { what: "layers with an index tensor", make: randomIndexedLayer },
])("kernels and gradients of random $what", ({ make }) => {
  it.each([0, 1, 2, 3])("seed %i", async (seed) => {
    const text = make(5000 + seed);
    const file = { file: "sample.layer", text };
    const { rows } = await verify(compile(text), file, { trials: 3, seed: 1, targets: ["ts", "wgsl"] });
    expect(rows.filter((row) => row.verdict === "failed")).toEqual([]);
    expect(rows.length).toBeGreaterThan(1);
  });
});
