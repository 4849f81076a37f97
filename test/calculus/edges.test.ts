/** Layers at the edges of the rules: empty ranges, dependent ranges, ties; kernels and gradients checked whole. */
import { describe, expect, it } from "vitest";
import { verify } from "../../src/verdicts.js";
import { compile } from "../support/layers.js";

const cases: readonly [string, string][] = [
  [
    "a read at an argmax over no points is 0",
    `input x[L]
     output y[L]
     k[i] = argmax[j < i](x[j])
     y[i] = x[k[i]]*2`,
  ],
  [
    "a factor that is out of bounds where the sum is empty stays in the sum",
    `input x[N]
     weight w[N, N]
     output y[N]
     y[i] = sum[1 <= j <= i](w[i,j]*x[j]*x[j-1])`,
  ],
  [
    "a running maximum",
    `input x[N]
     output y[N]
     y[i] = max[j <= i](x[j])`,
  ],
  [
    "a minimum from here on",
    `input x[N]
     output y[N]
     y[i] = min[i <= j < N](x[j])`,
  ],
  [
    "a maximum over a triangle: positions are row-major in the whole box",
    `input x[N, N]
     output y[N]
     y[i] = max[j <= i, k <= j](x[j,k])`,
  ],
  [
    "a mean over windows that may be empty",
    `param pad = 3
     input x[H]
     output y[P]
     P = H + 2*pad - 1
     y[p] = mean[r < 2](x[p - pad + r])`,
  ],
  [
    "a scatter through an index and an offset",
    `input x[N, R]
     index t[N] < V
     output y[V + R]
     y[v] = sum[n,r](where(t[n] + r == v, x[n,r], 0))`,
  ],
  [
    "a gather with a factor before the sum",
    `weight table[V, D]
     weight scale
     index t[N] < V
     output y[D]
     y[d] = scale * sum[n](table[t[n], d]^2)`,
  ],
  [
    "a product with zeros",
    `input x[N, C]
     data mask[N, C]
     output y[N]
     y[n] = prod[c](x[n,c] * where(c == 1, 0, 1))`,
  ],
  [
    "an output that feeds another",
    `input x[N]
     output u[N]
     output v
     u[n] = exp(x[n])
     v = sum[n](u[n] * x[n])`,
  ],
];

describe("layers at the edges", () => {
  it.each(cases)("%s", async (_, text) => {
    const compiled = compile(text);
    const source = { file: "sample.layer", text };
    const { rows } = await verify(compiled, source, { trials: 12, seed: 3 });
    expect(rows.filter((row) => row.verdict !== "agrees")).toEqual([]);
    expect(rows.length).toBeGreaterThan(1);
  });
});
