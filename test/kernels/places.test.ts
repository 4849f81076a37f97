/** Factors that belong to a place are computed once for it. */
import { describe, expect, it } from "vitest";
import { compile, plansOf } from "../support/layers.js";

const formulas = (text: string): readonly string[] =>
  compile(text).programs[0]?.program.kernels.map((k) => k.formula) ?? [];
const last = (text: string): string | undefined => formulas(text).at(-1);

describe("an average over the cells in bounds", () => {
  const average = `
    param R = 2
    param stride = 1
    param pad = 0
    input x[H]
    output y[P]
    P = floor((H + 2*pad - R) / stride) + 1
    y[p] = mean[r < R](x[p*stride - pad + r])`;

  it("divides each cotangent once", () => {
    const of = (tensor: string) => formulas(average).filter((f) => f.startsWith(`${tensor}[`));
    expect(of("dy_each").join()).toMatch(/^dy_each\[p\] = dy\[p\] \/ max\(1, /);
    expect(new Set(of("dx")).size).toBe(1);
    expect(of("dx")[0]).toBe("dx[h] = sum[r < R](dy_each[(h - r + pad)/stride])");
  });

  it("has the gradient of the formula", async () => {
    const plan = await plansOf(average);
    for (const [H, R, stride, pad] of [
      [7, 3, 2, 1],
      [5, 2, 3, 1],
      [6, 4, 1, 3],
      [9, 1, 4, 0],
    ] as const) {
      const P = Math.floor((H + 2 * pad - R) / stride) + 1;
      const dy = Float64Array.from({ length: P }, (_, p) => 60 * (p + 1));
      const expected = new Float64Array(H);
      for (let p = 0; p < P; p++) {
        const cells = Array.from({ length: R }, (_, r) => p * stride - pad + r).filter(
          (h) => h >= 0 && h < H,
        );
        for (const h of cells) expected[h] = (expected[h] ?? 0) + (dy[p] ?? 0) / cells.length;
      }
      const { dx } = plan({ H, R, stride, pad }).backward({ dy });
      expect([...(dx ?? [])], JSON.stringify([H, R, stride, pad])).toEqual([...expected]);
    }
  });
});

describe("what stays in the sum", () => {
  it("a factor that moves with the result", () => {
    const layer = "input x[H]\noutput y[H]\ny[p] = sum[r < 3](x[p + r] * (p + r*r + 1))";
    expect(last(layer)).toMatch(/^dx\[h\] = sum\[r < 3\]\(dy\[h - r\] \* /);
    expect(formulas(layer).some((f) => f.includes("_each"))).toBe(false);
  });
  it("a factor that is the same for all taps", () => {
    const layer = "input x[H]\noutput y[H]\ny[p] = sum[r < 3](x[p + r]) / (H + 1)";
    expect(formulas(layer).some((f) => f.includes("_each"))).toBe(false);
  });
});
