import { describe, expect, it } from "vitest";
import { agrees, grid, list, mod, run, scalar, sum, type Tensors } from "./support.js";

describe("gathers", () => {
  agrees(
    "embedding_bag",
    `
    index t[N, L] < V
    weight table[V, D]
    weight scale[V]
    output bag[N, D]
    output avg[N, D]
    bag[n,d] = sum[l](table[t[n,l], d]*scale[t[n,l]])
    avg[n,d] = mean[l](table[t[n,l], d])
    `,
    {
      sizes: [
        { N: 2, L: 4, V: 3, D: 2 },
        { N: 1, L: 1, V: 1, D: 1 },
      ],
      forward: ({ N, L, D }, { t, table, scale }: Tensors<"t" | "table" | "scale">) => ({
        bag: grid([N, D], (n, d) => sum([L], (l) => table.at(t.at(n, l), d) * scale.at(t.at(n, l)))),
        avg: grid([N, D], (n, d) => sum([L], (l) => table.at(t.at(n, l), d)) / L),
      }),
    },
  );

  agrees(
    "embedding_bag_padded",
    `
    # Token 0 is padding: it does not count.
    index t[N, L] < V
    weight table[V, D]
    output y[N, D]
    y[n,d] = sum[l](where(t[n,l] > 0, table[t[n,l], d], 0)) / max(1, count[l](t[n,l] > 0))
    `,
    {
      sizes: [
        { N: 2, L: 4, V: 3, D: 2 },
        { N: 1, L: 2, V: 1, D: 1 },
      ],
      forward: ({ N, L, D }, { t, table }: Tensors<"t" | "table">) => ({
        y: grid([N, D], (n, d) => {
          const used = list([L], (l) => t.at(n, l)).filter((u) => u > 0);
          return used.reduce((a, u) => a + table.at(u, d), 0) / Math.max(1, used.length);
        }),
      }),
    },
  );

  agrees(
    "two_index_gather",
    `
    # Bilinear reading between grid cells: four neighbours of (i, j), two index tensors.
    index i[N] < H
    index j[N] < W
    input x[H + 1, W + 1]
    input u[N]
    input v[N]
    output y[N]
    y[n] = (1 - u[n])*(1 - v[n])*x[i[n], j[n]] + u[n]*(1 - v[n])*x[i[n] + 1, j[n]] +
           (1 - u[n])*v[n]*x[i[n], j[n] + 1] + u[n]*v[n]*x[i[n] + 1, j[n] + 1]
    `,
    {
      sizes: [
        { N: 4, H: 2, W: 3 },
        { N: 1, H: 1, W: 1 },
      ],
      forward: ({ N }, { i, j, x, u, v }: Tensors<"i" | "j" | "x" | "u" | "v">) => ({
        y: grid([N], (n) =>
          sum(
            [2, 2],
            (a, b) =>
              (a ? u.at(n) : 1 - u.at(n)) * (b ? v.at(n) : 1 - v.at(n)) * x.at(i.at(n) + a, j.at(n) + b),
          ),
        ),
      }),
    },
  );

  agrees(
    "gather_shifted",
    `
    # The transition score of each pair of labels, from a table with a start row in front.
    index t[N, L] < K
    weight trans[K + 1, K]
    output score[N]
    score[n] = trans[0, t[n,0]] + sum[1 <= l < L](trans[t[n, l - 1] + 1, t[n,l]])
    `,
    {
      sizes: [
        { N: 2, L: 4, K: 3 },
        { N: 1, L: 1, K: 2 },
      ],
      forward: ({ N, L }, { t, trans }: Tensors<"t" | "trans">) => ({
        score: grid([N], (n) => sum([L], (l) => trans.at(l === 0 ? 0 : t.at(n, l - 1) + 1, t.at(n, l)))),
      }),
    },
  );

  agrees(
    "scatter_by_condition",
    `
    # Rows added up by segment: a scatter, written as a sum with a condition.
    index seg[N] < S
    input x[N, D]
    data like[S]
    output y[S, D]
    output n_of[S]
    y[s,d] = sum[n](where(seg[n] == s, x[n,d], 0))
    n_of[s] = count[n](seg[n] == s)
    `,
    {
      sizes: [
        { N: 5, D: 2, S: 3 },
        { N: 1, D: 1, S: 2 },
      ],
      forward: ({ N, D, S }, { seg, x }: Tensors<"seg" | "x" | "like">) => ({
        y: grid([S, D], (s, d) => sum([N], (n) => (seg.at(n) === s ? x.at(n, d) : 0))),
        n_of: grid([S], (s) => list([N], (n) => seg.at(n)).filter((u) => u === s).length),
      }),
    },
  );

  agrees(
    "graph_convolution",
    `
    # Messages along edges, summed at their targets, divided by how many there are.
    index src[E] < V
    index dst[E] < V
    input h[V, D]
    weight w[D, K]
    output y[V, K]
    degree[v] = count[i](dst[i] == v)
    local degree[V]
    m[i,k] = sum[d](h[src[i], d]*w[d,k])
    y[v,k] = relu(sum[i](where(dst[i] == v, m[i,k], 0))/max(degree[v], 1))
    `,
    {
      sizes: [
        { E: 5, V: 3, D: 2, K: 2 },
        { E: 1, V: 1, D: 1, K: 1 },
      ],
      forward: ({ E, V, D, K }, { src, dst, h, w }: Tensors<"src" | "dst" | "h" | "w">) => ({
        y: grid([V, K], (v, k) => {
          const edges = list([E], (e) => e).filter((e) => dst.at(e) === v);
          const total = edges.reduce((a, e) => a + sum([D], (d) => h.at(src.at(e), d) * w.at(d, k)), 0);
          return Math.max(0, total / Math.max(edges.length, 1));
        }),
      }),
    },
  );

  agrees(
    "strided_and_indexed",
    `
    # Windows that start where the data says; cells outside do not take part.
    index at[N] < L
    input x[L]
    weight w[R]
    output y[N]
    output z[N]
    y[n] = sum[r](x[at[n] + 2*r - 1]*w[r])
    z[n] = max[r](x[mod(at[n] + r, L)]*w[r])
    `,
    {
      sizes: [
        { N: 4, L: 5, R: 3 },
        { N: 1, L: 1, R: 1 },
        { N: 2, L: 2, R: 4 },
      ],
      forward: ({ N, L, R }, { at, x, w }: Tensors<"at" | "x" | "w">) => ({
        y: grid([N], (n) => sum([R], (r) => x.or(0, at.at(n) + 2 * r - 1) * w.at(r))),
        z: grid([N], (n) => Math.max(...list([R], (r) => x.at(mod(at.at(n) + r, L)) * w.at(r)))),
      }),
    },
  );

  agrees(
    "index_of_index",
    `
    # A permutation of tokens, two lookups deep, and an index as a number.
    index order[N] < N
    index t[N] < V
    weight table[V]
    output y[N]
    output z
    y[n] = table[t[order[n]]]*order[n]
    z = sum[n](t[n]*y[n])
    `,
    {
      sizes: [
        { N: 4, V: 3 },
        { N: 1, V: 1 },
      ],
      forward: ({ N }, { order, t, table }: Tensors<"order" | "t" | "table">) => {
        const y = grid([N], (n) => table.at(t.at(order.at(n))) * order.at(n));
        return { y, z: scalar(sum([N], (n) => t.at(n) * y.at(n))) };
      },
    },
  );

  agrees(
    "hard_attention",
    `
    # Vector quantisation with a straight-through estimator.
    input x[N, D]
    weight code[K, D]
    output y[N, D]
    output commit
    k[n] = argmin[j](sum[d]((x[n,d] - code[j,d])^2))
    y[n,d] = x[n,d] + stop(code[k[n],d] - x[n,d])
    commit = mean[n,d]((stop(x[n,d]) - code[k[n],d])^2) + 0.25*mean[n,d]((x[n,d] - stop(code[k[n],d]))^2)
    `,
    {
      sizes: [
        { N: 3, D: 2, K: 3 },
        { N: 1, D: 1, K: 1 },
      ],
      forward: ({ N, D, K }, { x, code }: Tensors<"x" | "code">, held) => {
        const far = (n: number, j: number): number =>
          sum([D], (d) => (held.x.at(n, d) - held.code.at(j, d)) ** 2);
        const k = list([N], (n) => {
          const all = list([K], (j) => far(n, j));
          return all.indexOf(Math.min(...all));
        });
        return {
          y: grid([N, D], (n, d) => x.at(n, d) + held.code.at(k[n]!, d) - held.x.at(n, d)),
          commit: scalar(
            sum([N, D], (n, d) => (held.x.at(n, d) - code.at(k[n]!, d)) ** 2) / (N * D) +
              (0.25 * sum([N, D], (n, d) => (x.at(n, d) - held.code.at(k[n]!, d)) ** 2)) / (N * D),
          ),
        };
      },
    },
  );

  it("refuses values outside an index tensor's range, naming the element", async () => {
    const text = "index t[N] < V\nweight w[V]\noutput y[N]\ny[n] = w[t[n]]";
    const numbers = { w: [1, 2], dy: [1, 1] };
    expect(await run(text, { N: 2, V: 2 }, { ...numbers, t: [1, 1] })).toMatchObject({
      y: [2, 2],
      dw: [0, 2],
    });
    await expect(run(text, { N: 2, V: 2 }, { ...numbers, t: [0, 2] })).rejects.toThrow(/t\[1\]/u);
    await expect(run(text, { N: 2, V: 2 }, { ...numbers, t: [-1, 0] })).rejects.toThrow(/t\[0\]/u);
  });

  it("skips what a gather inside a reduction would read outside, and its gradient too", async () => {
    const text = "index t[N] < V\nweight w[V]\noutput y\ny = sum[n](w[t[n] + 1])";
    expect(await run(text, { N: 3, V: 3 }, { t: [2, 0, 1], w: [1, 10, 100], dy: [2] })).toMatchObject({
      y: [110],
      dw: [0, 2, 2],
    });
  });
});
