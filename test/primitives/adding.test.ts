/** A function is one record: when that is in the table, every part of the compiler knows the function. */
import { expect, it } from "vitest";
import { add, call, multiply, one, raise, rational, subtract } from "../../src/notation/construct.js";
import type { Expression } from "../../src/notation/expression.js";
import { primitives, unary } from "../../src/primitives/index.js";
import type { Unary } from "../../src/primitives/record.js";
import { likeItsArgument } from "../../src/primitives/signs.js";

const slope = (u: Expression): Expression => call("tanh", [call("softplus", [u])]);
const formula = (u: Expression): Expression => multiply(u, slope(u));
const float64 = (u: number): number => u * Math.tanh(Math.log1p(Math.exp(u)));
const spelling = { formula, as: "mish" };
const mish: Unary = {
  tex: "\\mathrm{mish}",
  // (u·t)′ = t + u·(1 - t²)·σ(u), t = tanh(softplus(u))
  derivative: (u) => [
    add(slope(u), multiply(u, subtract(one, raise(slope(u), rational(2))), call("sigmoid", [u]))),
  ],
  poles: [],
  range: "finite",
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "finite", plus: "plus" },
  law: formula,
  float64,
  spelled: { typescript: spelling, wasm: spelling, wgsl: spelling, torch: spelling },
};
Object.assign(primitives, { mish });
Object.assign(unary, { mish });
// tables of names are made when modules are loaded
const { compileText, emit } = await import("../../src/pipeline.js");
const { parseLayer } = await import("../../src/memory.js");

const text =
  "input x[N]\nweight w[N]\noutput y[N]\ny[n] = mish(w[n]*x[n])\nclaim dw[n] = dy[n]*x[n]*(tanh(softplus(w[n]*x[n])) + w[n]*x[n]*(1 - tanh(softplus(w[n]*x[n]))^2)*sigmoid(w[n]*x[n]))";

it("derives, checks and proves it", async () => {
  const layer = parseLayer(text, "one.layer");
  const { forward, gradients } = layer.derive();
  expect(forward[0]?.formula).toBe("y[n] = mish(w[n] * x[n])");
  expect(forward[0]?.latex).toContain("\\mathrm{mish}\\left(");
  expect(gradients[0]?.formula).toContain("sigmoid(w[n] * x[n])");
  const { ok, tensors, claims } = await layer.check({ trials: 3 });
  expect(ok).toBe(true);
  expect(tensors.map((t) => t.verdict)).not.toContain("failed");
  expect(claims.map((c) => c.verdict)).toEqual(["proved"]);
});

it("computes it by the formula, in a function of the generated file", async () => {
  const { one: makeOne } = await parseLayer(text, "one.layer").compile();
  const x = Float64Array.of(-40, -1, 0, 0.5, 30);
  const w = new Float64Array(5).fill(1);
  const { y } = makeOne({ N: 5 }, { dtype: "f64" }).forward({ x, w });
  x.forEach((u, i) => expect(Number(y?.[i]) / (float64(u) || 1)).toBeCloseTo(u === 0 ? 0 : 1, 12));
  const { one: makeInWasm } = await parseLayer(text, "one.layer").compile({ target: "wasm" });
  const single = makeInWasm({ N: 5 }).forward({ x: Float32Array.from(x), w: new Float32Array(5).fill(1) });
  x.forEach((u, i) => expect(Number(single["y"]?.[i]) / (float64(u) || 1)).toBeCloseTo(u === 0 ? 0 : 1, 6));
});

it("is spelled on every target", async () => {
  const compiled = compileText(text, "one.layer");
  const [folder] = await emit(compiled, { spec: "one.layer", hash: "0", version: "0" }, [
    "ts",
    "wgsl",
    "torch",
  ]);
  const { "index.ts": typescript, "webgpu.ts": webgpu, "torch.py": torch } = folder!.files;
  expect(typescript).toContain("function mish(u: number): number {\n  return u * tanh(softplus(u));\n}");
  expect(webgpu).toContain("fn mish(u: f32) -> f32 {\n  return u * hyperbolicTangent(softplus(u));\n}");
  expect(torch).toContain("torch.tanh(torch.nn.functional.softplus(u, threshold=40))");
});
