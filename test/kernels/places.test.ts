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
    expect(of("dy_each").join()).toMatch(/^dy_each\[p\] = dy\[p\] \/ max\(min\(.*, 1\)$/);
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

it("two axes of one extent have an index each", async () => {
  const text = `
    input x[T, T]
    output y[P, P]
    P = T - 1
    y[p,q] = sum[r < 2, s < 2](x[p + r, q + s]/(p + 2*q + 1))`;
  const plan = await plansOf(text);
  const dy = Float64Array.of(1, 3, 5, 60);
  // over 1, 3, 2 and 4: each cell has what the windows around it bring
  expect([...(plan({ T: 3 }).backward({ dy })["dx"] ?? [])]).toEqual([1, 2, 1, 3.5, 19.5, 16, 2.5, 17.5, 15]);
  expect(formulas(text)).toContain("dy_each[p, p'] = dy[p, p'] / (p + 2 * p' + 1)");
});

describe("what stays in the sum", () => {
  it("a factor of what is read only once", () => {
    const layer = "input x[T, T]\nweight w\noutput y[T, T]\ny[i,j] = where(j <= i, x[i,j] + w*(i - j), 0)";
    expect(last(layer)).toBe("dw = sum[i, j <= i](dy[i, j] * (i - j))");
  });
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
