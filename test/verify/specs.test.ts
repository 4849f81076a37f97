/** The evaluator and the calculus meet on every standard layer. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explicitBounds } from "../../src/ranges/bounds.js";
import { sampleSizes } from "../../src/ranges/sample.js";
import { checkLayer } from "../../src/verify/check.js";
import { drawInputs } from "../../src/verify/draw.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { randomFrom } from "../../src/verify/random.js";
import { closed, secondGradientsOf } from "./support.js";

const folder = new URL("../../specs/", import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".layer"))
  .map((file) => file.replace(".layer", ""));
const spec = (name: string) => closed(readFileSync(new URL(`${name}.layer`, folder), "utf8"), name);

describe("every standard layer", () => {
  test.each(names)("%s has the same values before and after its bounds are explicit", (name) => {
    const layer = spec(name);
    const explicit = explicitBounds(layer);
    const random = randomFrom(11, name);
    for (let draw = 0; draw < 5; draw++) {
      const sizes = sampleSizes(layer, random.uniform, { budget: 1000 });
      const { inputs } = drawInputs(layer, sizes, random);
      const before = evaluateLayer(layer, sizes, inputs, float64);
      const after = evaluateLayer(explicit, sizes, inputs, float64);
      for (const { name: tensor } of layer.tensors) {
        const [a, b] = [before, after].map((result) => Array.from(result.get(tensor) ?? []));
        a?.forEach((value, i) => expect(b?.[i]).toBeCloseTo(value, 12));
        expect(b).toHaveLength(a?.length ?? -1);
      }
    }
  });

  // of these the parts are there by themselves
  const blocks = new Set(["transformer_block", "decoder_block"]);
  test.each(names.filter((name) => !blocks.has(name)))("%s has right second derivatives", async (name) => {
    const { first, second } = secondGradientsOf(spec(name));
    const report = await checkLayer({ layer: first, gradientLayer: second }, { trials: 3, seed: 5 });
    expect(report.rows.flatMap((row) => row.failure ?? [])).toEqual([]);
  });
});
