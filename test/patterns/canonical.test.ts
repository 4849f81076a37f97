import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Layer } from "../../src/notation/layer.js";
import { canonicalKey, canonicalStatement } from "../../src/patterns/canonical.js";
import { scopeOf } from "../../src/patterns/scope.js";
import { sampleSizes } from "../../src/ranges/sample.js";
import { drawInputs } from "../../src/verify/draw.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { randomFrom } from "../../src/verify/random.js";
import { compile } from "../support/layers.js";
import { convolution, readings, writings } from "./formulas.js";

const specs = resolve(import.meta.dirname, "../../specs");

const canonicalLayer = (layer: Layer): Layer => {
  const scope = scopeOf(layer);
  return { ...layer, statements: layer.statements.map((s) => canonicalStatement(s, scope)) };
};

/** Every tensor of the layer, of its canonical form and again canonical, at sizes that are drawn. */
function expectSameValues(layer: Layer, stream: string, trials: number): void {
  const random = randomFrom(1, stream);
  const canonical = canonicalLayer(layer);
  for (let trial = 0; trial < trials; trial++) {
    const sizes = sampleSizes(layer, random.uniform, { budget: 400 });
    const { inputs } = drawInputs(layer, sizes, random);
    const wanted = evaluateLayer(layer, sizes, inputs, float64);
    const got = evaluateLayer(canonical, sizes, inputs, float64);
    for (const { tensor } of layer.statements) {
      const values = Array.from(wanted.get(tensor) ?? []);
      // expanded squares cancel: errors are measured against what was added up
      const size = Math.max(
        1,
        ...[...wanted.values()].flatMap((v) => Array.from(v, Math.abs)).filter(Number.isFinite),
      );
      Array.from(got.get(tensor) ?? []).forEach((value, i) => {
        if (Number.isFinite(values[i])) expect(Math.abs(value - values[i]!) / size).toBeLessThan(1e-9);
        else expect(value).toBe(values[i]);
      });
    }
  }
}

const keysOf = (text: string): string[] => {
  const { derived } = compile(text);
  const layer = { ...derived.layer, tensors: derived.tensors };
  const scope = scopeOf(layer);
  return [...derived.forward, ...derived.backward].map((s) => canonicalKey(canonicalStatement(s, scope)));
};

describe("the canonical form has the same values", () => {
  it.each(readdirSync(specs))("%s, forward and backward", (file) => {
    const { derived, gradientLayer } = compile(readFileSync(join(specs, file), "utf8"));
    expectSameValues(derived.layer, file, 3);
    expectSameValues(gradientLayer, file, 3);
  });

  it.each(Object.entries({ ...writings, ...readings }))("%s", (name, text) => {
    const { derived, gradientLayer } = compile(text);
    expectSameValues(derived.layer, name, 4);
    expectSameValues(gradientLayer, name, 4);
  });

  it("is canonical already", () => {
    for (const text of Object.values(writings)) {
      const { layer } = compile(text).derived;
      const once = canonicalLayer(layer);
      const keys = (l: Layer): string[] => l.statements.map(canonicalKey);
      expect(keys(canonicalLayer(once))).toEqual(keys(once));
    }
  });
});

describe("equal formulas have one canonical form", () => {
  const wanted = keysOf(convolution)[0];
  it.each(Object.entries(writings))("%s", (_name, text) => expect(keysOf(text)[0]).toBe(wanted));

  it("whatever the names, the order and the sense of the indices", () => {
    const names = ["a", "b", "g", "r", "u"];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(names, { minLength: 5, maxLength: 5 }),
        fc.shuffledSubarray([0, 1], { minLength: 2, maxLength: 2 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: -2, max: 2 }),
        ([m = "", o = "", i = "", c = "", t = ""], order, swap, turn, shift) => {
          const range = turn ? `${t} < R` : `${shift} <= ${t} < R + ${shift}`;
          const tap = turn ? `(R - 1 - ${t})` : `(${t} - (${shift}))`;
          const binders = [`${c} < C`, range];
          const x = `x[${m}, ${c}, ${i}*stride + ${tap}*dilation - pad]`;
          const w = `w[${o}, ${c}, ${tap}]`;
          const body = swap ? `${w} * ${x}` : `${x} * ${w}`;
          const formula = `z[${m},${o},${i}] = b[${o}] + sum[${order.map((at) => binders[at]).join(", ")}](${body})`;
          const text = convolution.replace(/^z\[n.*$/mu, formula);
          expect(keysOf(text)[0]).toBe(wanted);
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  it("different formulas have different ones", () => {
    const others = [
      convolution.replace("r*dilation - pad", "r*dilation - pad + 1"),
      convolution.replace("sum[c,r]", "sum[c,r < R]").replace("w[k,c,r]", "w[k,c,R-1-r]"),
      convolution.replace("+ b[k]", "- b[k]"),
      convolution.replace("sum[c,r]", "sum[c,r < R-1]"),
      convolution.replace("sum[c,r]", "sum[c,r <= c]"),
    ];
    const keys = [convolution, ...others].map((text) => keysOf(text)[0]);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
