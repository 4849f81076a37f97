/** The standard layers as texts: all there, documented, with sizes to check them at. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileText } from "../../src/pipeline.js";
import { oracles } from "./oracles/index.js";

const folder = new URL("../../specs/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".layer"));
const standard = [
  "linear linear_oi linear_relu matmul bmm conv2d_unit conv2d conv2d_nhwc conv1d conv1d_pointwise conv2d_relu",
  "conv_transpose2d max_pool2d avg_pool2d global_max flatten batch_norm1d batch_norm1d_ncl batch_norm1d_relu",
  "relu sigmoid tanh softmax cross_entropy softmax_cross_entropy depthwise_conv2d grouped_conv2d conv3d layer_norm",
  "rms_norm gelu silu leaky_relu elu softplus mse_loss bce_with_logits embedding dropout attention",
  "causal_attention lstm_cell gru_cell grid_sample grid_sample_border resize_bilinear roi_align deformable_conv2d",
  "lstm gru rnn selective_scan cumsum cumprod ema linear_attention_causal ctc_loss",
  "mlp swiglu batch_norm2d resnet_block transformer_block decoder_block sgd_momentum adam",
].flatMap((line) => line.split(" "));

it("every standard layer has its file and its oracle", () => {
  expect(files.map((file) => file.replace(".layer", "")).sort()).toEqual(standard.sort());
  expect(oracles.map(({ layer }) => layer).sort()).toEqual(standard.sort());
});

describe.each(files)("%s", (file) => {
  const text = readFileSync(new URL(file, folder), "utf8");

  it("is documented and has sizes to be checked at", () => {
    const { layer } = compileText(text, file);
    expect(layer.documentation.length).toBeGreaterThan(20);
    expect(layer.checks.length).toBeGreaterThan(0);
    for (const { values } of layer.checks)
      expect(Object.keys(values)).toEqual(expect.arrayContaining([...layer.sizes]));
  });

  it("fits the page", () => {
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(114);
  });
});

/** What the papers keep of the forward pass, beside what is given and what comes out. */
const kept: Readonly<Record<string, readonly string[]>> = {
  linear: [],
  conv2d: [],
  batch_norm1d: ["rstd"],
  batch_norm1d_ncl: ["rstd"],
  layer_norm: ["rstd"],
};
describe("saved tensors", () => {
  it.each(Object.entries(kept))("of %s", (name, expected) => {
    const { derived } = compileText(readFileSync(new URL(`${name}.layer`, folder), "utf8"), `${name}.layer`);
    expect(derived.saved).toEqual(expect.arrayContaining([...expected]));
    if (expected.length === 0) expect(derived.saved).toEqual([]);
    else expect(derived.saved.some((saved) => saved === "mu" || saved === "xhat")).toBe(true);
  });
  it.each(["max_pool2d", "global_max"])("of %s: an argmax", (name) => {
    const { derived } = compileText(readFileSync(new URL(`${name}.layer`, folder), "utf8"), `${name}.layer`);
    const types = derived.saved.map((saved) => derived.tensors.find((t) => t.name === saved)?.type);
    expect(types).toEqual(["integer"]);
  });
});
