/** What the README shows is what the compiler does. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { layer, parseLayer } from "../src/index.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/^```(.*)\n([^]*?)^```$/gmu)].map(([, kind = "", text = ""]) => ({
  kind,
  text,
}));

it("opens with a formula and the gradients that are derived from it", () => {
  const [formula = "", gradients = ""] = blocks
    .filter(({ kind }) => kind === "layer")
    .map(({ text }) => text);
  const conv = layer("conv")`
    param stride = 1
    input x[N, C, L]
    weight w[K, C, R]
    weight b[K]
    output z[N, K, P]
    P = floor((L - R)/stride) + 1
    ${formula}`;
  const { forward, gradients: derived } = conv.derive({ steps: "none" });
  expect(forward.map((f) => `${f.formula}\n`).join("")).toBe(formula);
  expect(derived.map((g) => `${g.formula}\n`).join("")).toBe(gradients);
});

it("shows a layer that can be built and called as shown", async () => {
  const sample = blocks.find(({ kind }) => kind === "layer attention_scores");
  const { attention_scores } = await parseLayer(sample?.text ?? "", "attention_scores.layer").compile();
  const plan = attention_scores({ B: 1, T: 1, S: 2, D: 1 }, { dtype: "f64" });
  const inputs = { q: Float64Array.of(1), k: Float64Array.of(0, Math.log(3)) };
  const { a, saved } = plan.forward(inputs);
  expect(a?.[0]).toBeCloseTo(1 / 4, 14);
  expect(a?.[1]).toBeCloseTo(3 / 4, 14);
  const { dq, dk } = plan.backward({ ...inputs, da: Float64Array.of(1, 0), ...saved });
  expect(dq?.[0]).toBeCloseTo((-3 / 16) * Math.log(3), 14);
  expect(dk?.[0]).toBeCloseTo(3 / 16, 14);
});

it("has exactly the two commands of the quick start, and the package has their scripts", () => {
  const start = readme.slice(readme.indexOf("## Quick start"), readme.indexOf("## A tour"));
  expect(start.match(/^npm .*?(?=\s+#|$)/gmu)).toEqual(["npm ci && npm start", "npm ci && npm test"]);
});
