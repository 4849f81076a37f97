/** The standard layers through range inference and explicit bounds, judged by the reference evaluator. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explicitBounds } from "../../src/ranges/bounds.js";
import { boundsChecks } from "../../src/ranges/checks.js";
import { sampleSizes } from "../../src/ranges/sample.js";
import { drawInputs } from "../../src/verify/draw.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { randomFrom } from "../../src/verify/random.js";
import { closed } from "./layers.js";

const specs = readdirSync("specs").filter((file) => file.endsWith(".layer"));

describe.each(specs)("%s", (file) => {
  const layer = closed(readFileSync(`specs/${file}`, "utf8"));

  test("every read outside reductions is proved in bounds", () => {
    const { checks, problems } = boundsChecks(layer);
    expect(problems).toEqual([]);
    expect(checks.filter((c) => c.kind === "bounds")).toEqual([]);
  });
  test("explicit bounds keep the values", () => {
    const explicit = explicitBounds(layer);
    const random = randomFrom(3);
    for (let trial = 0; trial < 4; trial++) {
      const sizes = sampleSizes(layer, random.uniform, { budget: 1000 });
      const { inputs } = drawInputs(layer, sizes, random);
      const before = evaluateLayer(layer, sizes, inputs, float64);
      const after = evaluateLayer(explicit, sizes, inputs, float64);
      for (const { name } of layer.tensors.filter((t) => t.role === "output"))
        for (const [i, value] of Array.from(before.get(name) ?? []).entries())
          expect(after.get(name)?.[i]).toBeCloseTo(value, 10);
    }
  });
});
