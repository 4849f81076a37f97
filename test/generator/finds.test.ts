/** Layers that the generator found to go wrong, made small; each stands for its kind. */
import { describe, expect, it } from "vitest";
import { printLayer } from "../../src/language/print.js";
import { verify } from "../../src/verdicts.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { compile } from "../support/layers.js";

const finds: readonly { readonly what: string; readonly text: string }[] = [
  {
    what: "a gradient's read at an element of an integer tensor, kept in bounds by the equality it stands under",
    text: `
input let[T, R, T]
index γ[C] < T
output y[T, T]
y[c, r] = sum[h < T](log(abs(let[c, min(h, R - 1), γ[C - 1] + 1]) + 0.5))
`,
  },
  {
    what: "a factor that is 1 whatever it reads, in a formula whose open ranges are put in",
    text: `
input key[H]
input y[C, H]
weight let[C, H]
local h[C, C]
output z[H]
h[w, v] = (let[v, min(w, H - 1)])^0 * (key[0] * y[w, H - 1] - stop(key[mod(w, H)])) - argmin[i < H](y[w, i])
z[v] = sum[s <= v](key[s])
`,
  },
  {
    what: "a value of two loops side by side, and what is made of it in the second alone",
    text: `
param s = 2
input x[U*s, C]
output y[U, C*s]
y[k, q] = exp(x[k*s + mod(q, s), floor(q/s)])/(1 + exp(where(q >= 2, x[k*s + mod(q, s), floor(q/s)], 1)))
`,
  },
  {
    what: "one sum under two conditions, of which an index may fulfil one alone",
    text: `
input a[P]
input x[P, L]
output y[P, L]
y[p, l] = where(p >= 1, a[p]*x[p, l], 0) + where(p == 0, 2*a[p]*x[p, l], 0)
`,
  },
  {
    what: "a maximum over no points, times a sum over none",
    text: `
input x[N]
local m[N]
output y[N]
output u[N]
y[i] = sum[j < i](max[q < i](x[q]))
m[i] = max[j < i](x[j])
u[i] = sum[j < i](x[j]*m[i])
`,
  },
  {
    what: "an index n' of a row beside a summed n, which code both calls n",
    text: `
input u[N, R]
weight w[R, N]
output m[P, N, R]
P = R - N + 1
require R >= N
m[n',e,c] = sum[n](w[c,n] * u[e, n' + n])
`,
  },
  {
    what: "an index c' of a batch beside a summed c, which takes a prime of its own",
    text: `
input h[R, R, T]
output q[R, T, R]
output z[R, R, T]
q[s, c', p] = sum[c](h[c, s, c'] * h[c, p, c'])
z[c, c'', t] = sum[c'](h[c', c, t] * h[c', c'', t])
`,
  },
  {
    what: "an index of an outer branch and a summed one of its name, which the branch says nothing of",
    text: `
input key[N]
data g[N, L]
output x
x = sum[n < L](g[mod(n, N), 0] * key[0])
`,
  },
  {
    what: "a term of a sum whose branch joins indices and data: what it does not read takes no point from other terms",
    text: `
input m[K, R]
index t[N] < R
output w[N, R]
output z
w[s, w] = m[0, 0]
z = sum[y < K](where(m[0, y] > 0, 1, w[y, t[0]]))
`,
  },
  {
    what: "a quotient of a position in a sum, even by a condition beside it",
    text: `
weight key[C]
output h[P, P]
output z[P]
P = floor((C - 1)/2) + 1
h[n, t] = key[0]
z[n] = min[j](h[n*2, j])
`,
  },
  {
    what: "1/(k*H) at k = 0, before a sum without points",
    text: `
input g[H, K]
output z[K]
z[l] = mean[j, k <= l](g[j, min(l + 1, K - 1)])
`,
  },
  {
    what: "two axes of a tensor at one index: no rows that two statements share",
    text: `
input g[H, C]
local v[C, C]
output z[H]
v[i, j] = 1
z[j] = g[j, 0] + sum[n < C, m <= j - 1](prod[i < H](where(m == 1, v[n, n], 0.5)))
`,
  },
  {
    what: "every second point of a row, read by a remainder: neighbours in a phase are two apart",
    text: `
input v[K]
weight h[L]
output z[K]
a[i] = h[i]
z[i] = where(mod(i, 2) == 0, a[mod(i, L)], 1)
`,
  },
  {
    what: "a range that ends at an element of a matrix of indices",
    text: `
input v[T]
index g[W, N] < T
output z[N, W]
z[n, w] = sum[p < T](v[g[w, n] - p]) + max[p < T](where(g[w, n] > p, v[p]*w, -9))
`,
  },
  {
    what: "u^0 in a square, which reads u",
    text: `
weight u[L]
output z[L]
z[b] = max[a < b](u[a]) * square(u[b]^0)
`,
  },
  {
    what: "the value of a pad counts where it is read, and nowhere else",
    text: `
input y[N]
data u[W, N]
output z
z = sum[s < N](y[s] * pad(u[0,0], u[3,0]))
`,
  },
  {
    what: "a value in pad that is itself out of bounds at some points",
    text: `
input x[N]
data u[W]
output z[N]
output most[N]
z[i] = mean[j < N](pad(x[i - j], u[j]))
most[i] = max(max[j < N](pad(x[j - i - 1], u[i + j])), -9)
`,
  },
  {
    what: "a number of two sums under one name, in what moves out of the second loop too",
    text: `
input f[R]
output z[K]
z[l] = (exp(f[mod(l, R)]) + 0.5)^2 - tanh(exp(f[mod(l, R)]) + 0.5)
require K <= 3*R
weight v[K]
`,
  },
  {
    what: "a ceiling within a quotient, which counts the other way: the bound of the read is no bound of it",
    text: `
input x[L]
output z[Q]
P = ceil(L/2)
Q = (L - 1)*2 + P
z[e] = sum[c < P](x[(e + 1)/2])
`,
  },
  {
    what: "a gradient that is read under a condition on indices and one on data",
    text: `
param pad = 1
input u[N, W, R]
local m[W, P, N, R]
local x
output z[R, R*N]
P = R + 2*pad - N + 1
m[i, n', e, c] = u[e, i, 0]
x = argmin[e < P](1)
z[i, c*N + e] = m[min(c + 1, 1), x, e, i]
`,
  },
  {
    what: "a quotient in a gradient's condition, which another condition makes even",
    text: `
input val[W, C]
local q[C, W]
output z[C]
q[i, t] = where(i >= 1, val[i*3 + t, t + i], 1)
W[j] = sum[t](q[t, j])
z[t] = W[0]
`,
  },
  {
    what: "a product with 0 that reads, taken away from something",
    text: `
input x[N]
output v[N]
v[i] = 1 - 0/(2 + tanh(x[i]))
`,
  },
  {
    what: "a product with 0 taken from what reads the same: the sum has no term of 0",
    text: `
input x[N]
weight b
output z[N]
z[n] = (x[n] - 0*x[n])*(b - 0*b)
`,
  },
  {
    what: "a condition on data whose branches are the same reads all the same, also beside what is taken out",
    text: `
input x[N]
data v[N]
output y
output z
y = max[i < N](where(i > 0, where(v[2*i] >= 0.5, 1, 1), -1))
z = sum[i < N](where(v[i + 1] >= 0.5, x[i]^2, x[i]^2) + where(i > 0, (where(v[2*i] >= 0.5, x[i], inf) + max[j](x[j]))^0, -1))
`,
  },
  {
    what: "a condition that is true as it stands, and reads all the same",
    text: `
input x[N]
output a[N]
output b[N]
a[i] = sum[j < N](where(i == i or x[i + j] > 0, x[j], 0))
b[i] = sum[j < N](where(not(i < i and x[i + j] > 0), x[j], 0))
`,
  },
];

describe("what the generator found", () => {
  it.each(finds)("$what", async ({ text }) => {
    const compiled = compile(text);
    const { rows } = await verify(compiled, { file: "sample.layer", text }, { trials: 6, seed: 1 });
    expect(rows.filter((row) => row.verdict === "failed")).toEqual([]);
    expect(rows.length).toBeGreaterThan(1);
    // both are read again as they are printed
    const printed = printLayer(compiled.layer);
    expect(printLayer(compile(printed).layer)).toBe(printed);
    compile(printLayer(compiled.gradientLayer), "sample_gradient");
  });

  it("which points count, where a condition is true as it stands or never holds", () => {
    const { layer } = compile(finds.at(-1)?.text ?? "");
    const values = evaluateLayer(layer, { N: 4 }, new Map([["x", [1, 2, 3, 4]]]), float64);
    expect([values.get("a"), values.get("b")]).toEqual([
      [10, 6, 3, 1],
      [10, 10, 10, 10],
    ]);
  });
});
