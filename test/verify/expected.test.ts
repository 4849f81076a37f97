/** By what a kernel's error is measured: the terms that were summed, and what the formula itself gives in its type. */
import { describe, expect, it } from "vitest";
import { worstElement } from "../../src/verify/compare.js";
import { expectedOf } from "../../src/verify/expected.js";
import { closed, gradientsOf } from "./support.js";

const known = (
  text: string,
  sizes: Readonly<Record<string, number>>,
  values: Readonly<Record<string, readonly number[]>>,
  special = false,
) => {
  const layer = closed(text, "sample");
  const all = new Map(Object.entries(values));
  const own = (is: boolean) =>
    new Map([...all].filter(([name]) => layer.tensors.some((t) => t.name === name) === is));
  return expectedOf(layer, gradientsOf(layer), { sizes, inputs: own(true), cotangents: own(false) }, special);
};
const sum = `input x[N]\noutput y[]\ny[] = sum[n](x[n])\n`;

describe("the scale of an element", () => {
  it("is that of its terms, not of what they cancel to", () => {
    const { outputs } = known(sum, { N: 3 }, { x: [1e6, -1e6, 1], dy: [1] });
    expect(outputs.get("y")?.scales.f32[0]).toBe(2e6 + 1);
  });

  it("is not that of other tensors", () => {
    const text = `input x[N]\noutput y[N]\noutput z[N]\ny[n] = 1e6*x[n]\nz[n] = 1e-6*x[n]\n`;
    const { outputs } = known(text, { N: 1 }, { x: [1], dy: [1], dz: [1] });
    const { values = [], scales } = outputs.get("z") ?? {};
    expect(worstElement([1.01e-6], values, scales?.f32 ?? []).error).toBeGreaterThan(1e-3);
  });

  it("knows products of factors that rounding alone makes 0", () => {
    const text = `input x[N]\noutput y[N]\ny[n] = (1 - tanh(x[n])^2)*(1 - sigmoid(2*x[n]))\n`;
    const { values = [], scales } = known(text, { N: 1 }, { x: [40], dy: [1] }).outputs.get("y") ?? {};
    expect(Array.from(values)).toEqual([0]);
    // as a stable form of it comes out
    const y = (4 * Math.exp(-80)) / (1 + Math.exp(-80)) ** 2 / (1 + Math.exp(80));
    expect(y).toBeGreaterThan(0);
    expect(worstElement([y], values, scales?.f64 ?? []).error).toBeLessThan(1e-12);
    expect(worstElement([1e-25], values, scales?.f64 ?? []).error).toBeGreaterThan(1e-12);
  });

  it("grows with what a function makes of rounding", () => {
    const text = `input x[N]\noutput y[N]\ny[n] = exp(0.1*x[n] - 80)\n`;
    const { outputs } = known(text, { N: 1 }, { x: [800], dy: [1] });
    const scale = outputs.get("y")?.scales.f32[0] ?? 0;
    expect(scale).toBeGreaterThan(100);
    expect(scale).toBeLessThan(300);
  });
});

describe("what is not compared", () => {
  it("float32, where the formula as it is written overflows in it", () => {
    const text = `input x[N]\noutput y[N]\ny[n] = exp(x[n])/(1 + exp(x[n]))\n`;
    const { outputs } = known(text, { N: 2 }, { x: [100, 1], dy: [1, 1] }, true);
    const { f32, f64 } = outputs.get("y")?.scales ?? { f32: [], f64: [] };
    expect([Number.isNaN(f32[0]), Number.isNaN(f32[1]), Number.isNaN(f64[0])]).toEqual([true, false, false]);
  });

  it("a product whose factors go beyond float32's range in another order", () => {
    const text = `input x[N]\noutput y[]\ny[] = prod[n](x[n])\n`;
    const scalesOf = (x: readonly number[]) =>
      known(text, { N: x.length }, { x, dy: [1] }).outputs.get("y")?.scales ?? { f32: [], f64: [] };
    const vast = scalesOf([0, 1e20, 1e20]);
    expect([vast.f32[0], vast.f64[0]]).toEqual([NaN, 0]);
    expect(Number.isNaN(scalesOf([0, 1e10, 1e10]).f32[0])).toBe(false);
  });

  it("but an infinity that the formula itself gives is no such thing", () => {
    const text = `input x[N]\noutput y[N]\ny[n] = sum[j < N](exp(where(j == n, x[j], -inf)))*x[n]\n`;
    const { f32 } = known(text, { N: 2 }, { x: [1, 2], dy: [1, 1] }).outputs.get("y")?.scales ?? { f32: [] };
    expect(Array.from(f32, Number.isNaN)).toEqual([false, false]);
  });

  it("branches that rounding may take the other way; but not equal numbers that nothing rounds", () => {
    const text = `input x[N]\noutput y[]\ny[] = relu(sum[n](x[n]))\n`;
    const near = known(text, { N: 3 }, { x: [0.1, 0.2, -0.3].map(Math.fround), dy: [1] }, true);
    expect(near.isClear("f32")).toBe(false);
    const tie = known(text, { N: 3 }, { x: [1, 1, -2], dy: [1] }, true);
    expect([tie.isClear("f32"), tie.isClear("f64")]).toEqual([true, true]);
  });
});
