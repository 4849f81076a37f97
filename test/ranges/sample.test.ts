import { describe, expect, test } from "vitest";
import { pointsOf, sampleSizes } from "../../src/ranges/sample.js";
import { resolveSizes } from "../../src/ranges/sizes.js";
import { closed, repeatable } from "./layers.js";

const conv2d = closed(`param stride = 1
param pad = 0
param dilation = 1
input x[N, C, H, W]
weight w[K, C, R, S]
output z[N, K, P, Q]
P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
Q = floor((W + 2*pad - dilation*(S - 1) - 1) / stride) + 1
z[n,k,p,q] = sum[c,r,s](x[n, c, p*stride - pad + r*dilation, q*stride - pad + s*dilation] * w[k,c,r,s])
check N = 2, C = 3, H = 7, W = 5, K = 4, R = 3, S = 3`);
const grouped = closed(`input x[N, C]
weight w[K, D]
output z[N, K]
D = C/G
require mod(K, G) == 0, "K must be a multiple of G"
index t[G] < G
z[n, k] = sum[d](x[n, floor(k/floor(K/G))*D + d]*w[k, d])`);

function draws(layer: typeof conv2d, count: number, budget: number): readonly Record<string, number>[] {
  const random = repeatable(11);
  return Array.from({ length: count }, () => sampleSizes(layer, random, { budget }));
}

describe("sampleSizes", () => {
  test.each([
    ["a convolution", conv2d],
    ["groups that must divide", grouped],
  ])("%s: legal and within the budget", (_, layer) => {
    for (const sizes of draws(layer, 100, 3000)) {
      const resolved = resolveSizes(layer, sizes);
      expect(resolved).toMatchObject({ ok: true });
      if (resolved.ok) expect(pointsOf(layer, resolved.env)).toBeLessThanOrEqual(3000);
    }
  });
  test("edge sizes come up", () => {
    const drawn = draws(conv2d, 200, 3000);
    const some = (test: (s: Record<string, number>) => boolean): boolean => drawn.some(test);
    const at = (s: Record<string, number>, name: string): number => s[name] ?? NaN;
    expect(some((s) => at(s, "N") === 1 && at(s, "C") === 1)).toBe(true);
    expect(some((s) => at(s, "stride") > at(s, "R"))).toBe(true);
    expect(some((s) => at(s, "pad") >= at(s, "R"))).toBe(true);
    expect(some((s) => at(s, "stride") === 2 && at(s, "dilation") === 2 && at(s, "R") > 1)).toBe(true);
    expect(some((s) => at(s, "H") > at(s, "W"))).toBe(true);
  });
  test("the same random numbers give the same sizes", () => {
    expect(draws(conv2d, 5, 3000)).toEqual(draws(conv2d, 5, 3000));
  });
  test("reads outside reductions are in bounds", () => {
    const layer = closed("param k = 1\ninput x[N]\ninput y[M]\noutput z[M]\nz[i] = x[i + k]*y[i]");
    for (const s of draws(layer, 30, 1000))
      expect((s["M"] ?? 0) + (s["k"] ?? 0)).toBeLessThanOrEqual(s["N"] ?? 0);
  });
  test("a layer without sizes has nothing to draw", () => {
    const layer = closed("input x[3]\noutput z\nz = sum[i](x[i])\n");
    expect(sampleSizes(layer, repeatable(), { budget: 100 })).toEqual({});
    const wrong = closed("input x[3]\noutput z\nz = x[5]\n");
    expect(() => sampleSizes(wrong, repeatable(), { budget: 100 })).toThrow("no legal sizes found");
  });
  test("nothing legal is an error in the layer's name", () => {
    const layer = closed('input x[N]\noutput z[N]\nrequire N < 0, "never"\nz[i] = x[i]');
    expect(() => sampleSizes(layer, repeatable(), { budget: 100 })).toThrow("test: no legal sizes found");
  });
});
