/** Layers at the edges of the rules: empty ranges, dependent ranges, ties; kernels and gradients checked whole. */
import { describe, expect, it } from "vitest";
import { printLayer } from "../../src/language/print.js";
import { verify } from "../../src/verdicts.js";
import { compile, plansOf } from "../support/layers.js";

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
    "an element of the row beside one of another row",
    `input x[C, H]
     weight v[C]
     output y[C]
     y[c] = mean[h](max(v[C - 1 - c] + v[c], x[c,h]))`,
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
  [
    "what is free of a sum but may not be readable stays in it",
    `param s = 2
     input x[N]
     input a[N]
     weight w[K]
     output y[N]
     y[i] = sum[r](a[i]*x[i/s]*w[r])`,
  ],
  [
    "a window with negative offsets",
    `input x[N, N]
     output y[N, N]
     y[i,j] = max[-1 <= r <= 1, -1 <= q <= 1](x[i + r, j + q])`,
  ],
  [
    "a maximum of products over negative offsets",
    `input x[N]
     input w[N]
     output y[N]
     y[i] = max[-2 <= r <= 1](x[i + r]*w[i])`,
  ],
  [
    "a circular read from before the start",
    `input w[N]
     output y[N]
     y[i] = sum[i - 1 <= r < N](w[mod(r, N)])`,
  ],
  [
    "even and odd places",
    `input x[2*M]
     output low[M]
     output high[M]
     low[m] = x[2*m] + x[2*m + 1]
     high[m] = x[2*m]*x[2*m + 1]`,
  ],
  [
    "a condition over all elements",
    `input x[N, L]
     output y[N]
     y[n] = where(all[l](x[n,l] < 1.9), mean[l](x[n,l]^3), -1)`,
  ],
  [
    "an index that would take a reserved name",
    `input q[D]
     weight u[E]
     weight w[D, E]
     output s
     s = sum[e'](u[e']*tanh(sum[d](q[d]*w[d,e'])))`,
  ],
  [
    "a scatter from a circular read",
    `index t[N] < M
     input a[M]
     output y[N]
     y[i] = prod[i - 1 <= r < N, q < 2](sin(a[t[mod(r, N)]]))`,
  ],
  [
    "a scatter over a dependent range",
    `index t[N] < M
     input x[M, N]
     output y[N]
     y[i] = sum[r <= i](x[t[i], r])`,
  ],
  [
    "an inner sum under an index that starts below 0",
    `input x[K]
     output y[N]
     data a[N]
     y[i] = sum[-1 <= r < 2](sin(sum[k](x[k]*r)) + max[k](x[k]*r)) + a[i]`,
  ],
  [
    "a mean over a range that starts below 0",
    `input x[N]
     data a[M]
     output y[M]
     y[i] = sum[r < M](mean[r - 1 <= j < N](x[j])*a[i])`,
  ],
  [
    "a product under a range that depends on both sides",
    `input x[I, I]
     output y[I, I]
     y[i,j] = sum[k <= min(i, j)](x[i,k]*x[j,k])`,
  ],
  [
    "two gradients of one value",
    `input s[L]
     weight b[3]
     output a[L]
     z[i] = s[i] + b[mod(i, 3)]
     u[i] = exp(z[i])
     a[i] = u[i]/sum[j](u[j])`,
  ],
  [
    "a mean under an index of an outer sum",
    `input w[M]
     output y
     y = sum[i](mean[r < 3](where(i + 2 > r, w[i], 0)))`,
  ],
];

describe("layers at the edges", () => {
  it.each(cases)("%s", async (_, text) => {
    const compiled = compile(text);
    const source = { file: "sample.layer", text };
    const { rows } = await verify(compiled, source, { trials: 8, seed: 3, targets: ["ts", "wgsl"] });
    expect(rows.filter((row) => row.verdict === "failed")).toEqual([]);
    expect(rows.length).toBeGreaterThan(1);
    // the printed gradient is a layer again
    expect(compile(printLayer(compiled.gradientLayer), "sample_gradient").layer.name).toBe("sample_gradient");
  });
});

it("nothing is taken out of a sum without points that could make its 0 a NaN", async () => {
  const plans = await plansOf(`input x[N, K]
    input s[N]
    weight w[K]
    output y[N]
    output z[N]
    y[n] = sum[k](where(x[n,k] > 1, w[k] / s[n], 0))
    z[n] = sum[k < n](w[k] / s[n])`);
  const plan = plans({ N: 2, K: 2 });
  const given = { x: Float64Array.of(0, 0, 2, 0), s: Float64Array.of(0, 4), w: Float64Array.of(3, 5) };
  const { y, z, saved } = plan.forward(given);
  expect([y, z]).toEqual([Float64Array.of(0, 0.75), Float64Array.of(0, 0.75)]);
  const ones = Float64Array.of(1, 1);
  const { dw } = plan.backward({ ...given, ...saved, dy: ones, dz: ones });
  expect(dw).toEqual(Float64Array.of(0.5, 0));
});

it("the power 0 of a 0 has the derivative 0", async () => {
  const plans = await plansOf(`input x[T]
    weight a
    output y[T]
    y[t] = sum[s <= t](x[s]*a^(t - s))`);
  const plan = plans({ T: 3 });
  const given = { x: Float64Array.of(2, 3, 5), a: Float64Array.of(0) };
  const { y, saved } = plan.forward(given);
  expect(y).toEqual(given.x);
  // y[t] = x[t] + x[t-1]·a + …
  expect(plan.backward({ ...given, ...saved, dy: Float64Array.of(1, 10, 100) })["da"]).toEqual(
    Float64Array.of(320),
  );
});
