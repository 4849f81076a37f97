/** Each step of a derivation says the same as the one before: its formula, parsed back, has the same values. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sampleSizes } from "../../../src/ranges/sample.js";
import { drawInputs } from "../../../src/verify/draw.js";
import { evaluateLayer } from "../../../src/verify/evaluate.js";
import { float64 } from "../../../src/verify/numbers.js";
import { randomFrom } from "../../../src/verify/random.js";
import { compile } from "../../support/layers.js";
import { told } from "./formulas.js";

const folder = new URL("../../../specs/", import.meta.url);
const specs = readdirSync(folder)
  .filter((file) => file.endsWith(".layer"))
  .map((file) => [file.replace(".layer", ""), readFileSync(new URL(file, folder), "utf8")] as const);

/** Pairs of neighbouring steps whose values differ, at a few sizes. */
function differences(text: string, name: string, trials: number): readonly string[] {
  const compiled = compile(text, name);
  const { layer, steps } = told(compiled);
  const random = randomFrom(3, name);
  const found = new Set<string>();
  const drawn = Array.from({ length: trials }, () =>
    sampleSizes(compiled.layer, random.uniform, { budget: 600 }),
  );
  for (const sizes of [...drawn, ...compiled.layer.checks.map((c) => c.values)]) {
    const { inputs } = drawInputs(layer, sizes, random);
    const values = evaluateLayer(layer, sizes, inputs, float64);
    for (const own of steps.values())
      for (const [at, { rule, tensor }] of own.entries()) {
        const before = own[at - 1];
        if (!before) continue;
        const [a, b] = [before.tensor, tensor].map((t) => Array.from(values.get(t) ?? [], Number));
        const scale = Math.max(1e-3, ...(a ?? []).map(Math.abs));
        const same =
          a?.length === b?.length && a?.every((v, i) => Math.abs(v - (b?.[i] ?? NaN)) <= 1e-9 * scale);
        if (!same) found.add(`${tensor}, ${before.rule} → ${rule}, ${JSON.stringify(sizes)}`);
      }
  }
  return [...found];
}

describe("each step has the values of the one before", () => {
  it.each(specs)("%s", (name, text) => {
    expect(differences(text, name, 6)).toEqual([]);
  });
});
