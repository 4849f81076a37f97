/** Formula in, gradient out, both in the layer language. */
import { describe, expect, it } from "vitest";
import { backwardOf } from "../support/layers.js";

const conv1d = (use: string): string => `
param stride = 1
param pad = 0
param dilation = 1
input x[N, C, H]
weight w[K, C, R]
output z[N, K, P]
P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
${use}`;

/** The text and the statements of its backward pass. */
const cases: readonly [string, string, readonly string[]][] = [
  [
    "a matrix product",
    `input x[N, C]
     weight w[C, K]
     output z[N, K]
     z[n,k] = sum[c](x[n,c] * w[c,k])`,
    ["dx[n, c] = sum[k](dz[n, k] * w[c, k])", "dw[c, k] = sum[n](dz[n, k] * x[n, c])"],
  ],
  [
    "a strided, padded, dilated convolution",
    conv1d("z[n,k,p] = sum[c,r](x[n, c, p*stride - pad + r*dilation] * w[k,c,r])"),
    [
      "dx[n, c, h] = sum[k, r](dz[n, k, (h - r*dilation + pad)/stride] * w[k, c, r])",
      "dw[k, c, r] = sum[n, p](dz[n, k, p] * x[n, c, r*dilation + p*stride - pad])",
    ],
  ],
  [
    "a transposed convolution written with an equality",
    `input x[P]
     weight w[R]
     output z[H]
     H = (P - 1)*2 + R
     z[h] = sum[p, r](where(2*p + r == h, x[p] * w[r], 0))`,
    ["dx[p] = sum[2*p <= h < H](dz[h] * w[h - 2*p])", "dw[r] = sum[p](dz[r + 2*p] * x[p])"],
  ],
  [
    "a max with its saved argmax",
    `input x[N, C]
     output y[N]
     y[n] = max[c](x[n,c])`,
    ["dx[n, c] = where(argmax_y[n] == c, dy[n], 0)"],
  ],
  [
    "a softmax: the shift gets no gradient",
    `input x[N, C]
     output y[N, C]
     m[n] = max[c](x[n,c])
     y[n,c] = exp(x[n,c] - m[n]) / sum[j](exp(x[n,j] - m[n]))`,
    ["sum_dsum_y[n] = sum[c](dy[n, c] * y[n, c])", "dx[n, c] = (dy[n, c] - sum_dsum_y[n]) * y[n, c]"],
  ],
  [
    "a normalisation: the path through the mean of the variance vanishes",
    `input x[N]
     output y[N]
     mu = mean[n](x[n])
     rstd = 1/sqrt(mean[n]((x[n] - mu)^2) + 1e-5)
     y[n] = (x[n] - mu) * rstd`,
    [
      "drstd = sum[n](dy[n] * (x[n] - mu))",
      "sum_dmu = sum[n](dy[n])",
      "dx[n] = rstd * (dy[n] - drstd * rstd * y[n] / N - sum_dmu / N)",
    ],
  ],
  [
    "a gather stays a scatter over the rows",
    `weight table[V, D]
     index t[N] < V
     output y[N, D]
     y[n,d] = table[t[n], d]`,
    ["dtable[v, d] = sum[n](where(t[n] == v, dy[n, d], 0))"],
  ],
  [
    "edges of a graph, from and to nodes: no sum over pairs of nodes",
    `input x[V]
     index from[M] < V
     index to[M] < V
     output y[V]
     y[v] = sum[m](where(to[m] == v, x[from[m]], 0))`,
    ["dx[v] = sum[m](where(from[m] == v, dy[to[m]], 0))"],
  ],
  [
    "mixed radix on the left",
    `input x[N, C, H, W]
     output y[N, C*H*W]
     y[n, (c*H + h)*W + w] = x[n,c,h,w]`,
    ["dx[n, c, h, w] = dy[n, c*H*W + h*W + w]"],
  ],
  [
    "mixed radix on the right",
    `input x[N, C*H]
     output y[N, C, H]
     y[n,c,h] = x[n, c*H + h]`,
    ["dx[n, i] = dy[n, floor(i/H), mod(i, H)]"],
  ],
  [
    "nearest upsampling",
    `input x[H]
     output y[2*H]
     y[h] = x[floor(h/2)]`,
    ["dx[h] = sum[j < 2](dy[2*h + j])"],
  ],
  [
    "a repeated index",
    `input x[N, N]
     output y[N]
     y[i] = x[i,i]`,
    ["dx[i, n] = where(i == n, dy[i], 0)"],
  ],
  [
    "a triangular sum",
    `input x[N]
     output y[N]
     y[i] = sum[j <= i](x[j])`,
    ["dx[j] = sum[j <= i < N](dy[i])"],
  ],
  [
    "the bounds of a read that vanishes stay",
    `input x[X]
     input u[U]
     output z[P]
     P = X
     z[p] = sum[r < 3](x[p - r] + u[p + r])`,
    [
      "dx[x] = sum[r < 3](where(x + 2*r < U, dz[x + r], 0))",
      "du[u] = sum[r < 3](where(2*r <= u, dz[u - r], 0))",
    ],
  ],
  [
    "a product without a division",
    `input x[N, C]
     output y[N]
     y[n] = prod[c](x[n,c])`,
    ["dx[n, c] = dy[n] * prod[c'](where(c != c', x[n, c'], 1))"],
  ],
];

describe("gradients", () => {
  it.each(cases)("%s", (_, text, expected) => {
    expect(backwardOf(text)).toEqual(expected);
  });
});

it("the points of a mean are counted by one maximum", () => {
  const counted = (range: string): string => {
    const [dx = ""] = backwardOf(`param reach = 2\ninput x[T]\noutput y[T]\ny[t] = mean[${range}](x[r])`);
    return dx.slice(dx.indexOf("/ ") + 2);
  };
  expect(counted("t - reach <= r <= t + reach")).toMatch(
    /^max\(min\(t \+ reach \+ 1, T\) - max\(0, t - reach\), 1\)/,
  );
  expect(counted("r <= min(t, reach)")).toMatch(/^max\(1, min\(reach, t\) \+ 1\)/);
});
