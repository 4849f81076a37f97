/** A derived gradient printed, parsed back and differentiated again, checked like any other layer. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { printLayer } from "../../src/language/print.js";
import { checkLayer } from "../../src/verify/check.js";
import { compile } from "../support/layers.js";

const layers = ["conv2d", "max_pool2d", "softmax", "batch_norm1d", "embedding", "gelu", "causal_attention"];

describe("the gradient of a gradient", () => {
  it.each(layers)("%s", async (name) => {
    const text = readFileSync(`specs/${name}.layer`, "utf8");
    const printed = printLayer(compile(text, name).gradientLayer);
    const again = compile(printed, `${name}_gradient`);
    const report = await checkLayer(
      { layer: again.layer, gradientLayer: again.gradientLayer },
      { trials: 6, seed: 1 },
    );
    expect(report.rows.filter((row) => row.verdict === "failed")).toEqual([]);
    expect(report.rows.length).toBeGreaterThan(1);
  });
});
