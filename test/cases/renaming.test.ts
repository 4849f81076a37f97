/**
 * What an index is called means nothing: a layer whose indices and binders are renamed at random, with names shared by
 * neighbouring statements, gives the same bits. All sizes are equal, so that no extent tells two indices apart.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isGiven, type Layer } from "../../src/notation/layer.js";
import { printLayer } from "../../src/language/print.js";
import { drawInputs } from "../../src/verify/draw.js";
import { drawCotangents } from "../../src/verify/loss.js";
import { randomFrom } from "../../src/verify/random.js";
import { caseText, everywhere } from "../support/everywhere.js";
import { compile, plansOf, type Arrays } from "../support/layers.js";
import { randomIndexedLayer, randomLayer } from "../support/random-layers.js";
import { renamed, withoutClaims } from "../support/renamed.js";

type Values = Readonly<Record<string, readonly number[]>>;
type Sizes = Readonly<Record<string, number>>;

/** The layer under its own names, and under others. */
function pairOf(
  text: string,
  seed: number,
): { readonly layer: Layer; readonly texts: readonly [string, string] } {
  const layer = withoutClaims(compile(text).layer);
  return { layer, texts: [printLayer(layer), printLayer(renamed(layer, randomFrom(seed, "names")))] };
}

function drawn(layer: Layer, sizes: Sizes): Values {
  const random = randomFrom(3, "values");
  const { inputs } = drawInputs(layer, sizes, random);
  return Object.fromEntries([...inputs, ...drawCotangents(layer, sizes, () => random.normal())]);
}

/** Outputs and gradients of the kernels over float64. */
async function results(text: string, layer: Layer, sizes: Sizes, values: Values): Promise<Arrays> {
  const plan = (await plansOf(text))(sizes);
  const typed = layer.tensors.filter(isGiven).map(({ name, type }): [string, Arrays[string]] => {
    const data = values[name] ?? [];
    return [name, type === "integer" ? Int32Array.from(data) : Float64Array.from(data)];
  });
  const cotangents = Object.keys(values).filter((name) => !typed.some(([own]) => own === name));
  const { saved, ...outputs } = plan.forward(Object.fromEntries(typed));
  const inputs: Arrays = { ...Object.fromEntries(typed), ...saved };
  for (const name of cotangents) inputs[name] = Float64Array.from(values[name] ?? []);
  return { ...outputs, ...plan.backward(inputs) };
}

async function expectSameBits(text: string, size: number, seed: number): Promise<void> {
  const { layer, texts } = pairOf(text, seed);
  const sizes = Object.fromEntries(layer.sizes.map((name) => [name, size]));
  const values = drawn(layer, sizes);
  const [first, second] = [
    await results(texts[0], layer, sizes, values),
    await results(texts[1], layer, sizes, values),
  ];
  expect(second, texts[1]).toEqual(first);
}

const cases = [
  "rowcol",
  "clip",
  "binder_capture",
  "binder_capture_mod",
  "grouped_plain",
  "temp_name_wrong",
  "temp_name_crash",
  "lanes_share_mod",
] as const;
const specs = ["softmax", "layer_norm", "conv1d", "attention", "embedding", "max_pool2d"] as const;

describe("the same bits under other names", () => {
  it.each(cases)("%s", async (name) => {
    for (const seed of [1, 2]) await expectSameBits(caseText(name), 5, seed);
  });
  it.each(specs)("%s", (name) => expectSameBits(readFileSync(`specs/${name}.layer`, "utf8"), 5, 1));
  it.each(Array.from({ length: 12 }, (_, seed) => seed))("random layer %d", async (seed) => {
    await expectSameBits(seed % 2 === 0 ? randomLayer(seed) : randomIndexedLayer(seed), 4, seed);
  });
});

describe("the same bits under other names on WebGPU", () => {
  it.each(["rowcol", "grouped_plain", "temp_name_wrong"])("%s", async (name) => {
    const { layer, texts } = pairOf(caseText(name), 1);
    const sizes = Object.fromEntries(layer.sizes.map((size) => [size, 5]));
    const values = drawn(layer, sizes);
    const [first, second] = [
      await everywhere(texts[0], { sizes, values }),
      await everywhere(texts[1], { sizes, values }),
    ];
    expect(second, texts[1]).toEqual(first);
  });
});
