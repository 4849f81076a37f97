import { describe, expect, it } from "vitest";
import { add, agrees, grid, list, max, mean, run, scalar, sum, type Tensors } from "./support.js";

const seen = (values: readonly number[]): number[] => values.filter((u) => !Number.isNaN(u));

describe("pooling and reductions", () => {
  agrees(
    "min_pool",
    `
    param R = 2
    param S = 2
    param sh = 2
    param sw = 1
    param pad = 1
    input x[N, C, H, W]
    output y[N, C, P, Q]
    P = floor((H + 2*pad - R)/sh) + 1
    Q = floor((W + 2*pad - S)/sw) + 1
    y[n,c,p,q] = min[r < R, s < S](x[n,c,p*sh + r - pad, q*sw + s - pad])
    require pad < min(R, S), "windows without cells"
    `,
    {
      sizes: [
        { N: 1, C: 2, H: 3, W: 4, R: 2, S: 3, sh: 2, sw: 1, pad: 1 },
        { N: 1, C: 1, H: 5, W: 4, R: 2, S: 1, sh: 3, sw: 2, pad: 0 },
        { N: 2, C: 1, H: 1, W: 1, R: 3, S: 3, sh: 4, sw: 1, pad: 2 },
      ],
      forward: ({ N, C, H, W, R, S, sh, sw, pad }, { x }: Tensors<"x">) => ({
        y: grid(
          [N, C, Math.floor((H + 2 * pad - R) / sh) + 1, Math.floor((W + 2 * pad - S) / sw) + 1],
          (n, c, p, q) =>
            Math.min(...list([R, S], (r, s) => x.or(Infinity, n, c, p * sh + r - pad, q * sw + s - pad))),
        ),
      }),
    },
  );

  agrees(
    "lp_pool",
    `
    param p_ = 3
    param R = 2
    param stride = 2
    input x[N, L]
    output y[N, P]
    output rms[N, P]
    P = floor((L - R)/stride) + 1
    y[n,p] = sum[r < R](abs(x[n, p*stride + r])^p_)^(1/p_)
    rms[n,p] = sqrt(mean[r < R](x[n, p*stride + r]^2))
    `,
    {
      sizes: [
        { N: 2, L: 5, R: 2, stride: 2, p_: 3 },
        { N: 1, L: 7, R: 3, stride: 4, p_: 1.5 },
        { N: 1, L: 1, R: 1, stride: 3, p_: 2 },
      ],
      range: { x: [0.1, 2] },
      forward: ({ N, L, R, stride, p_ }, { x }: Tensors<"x">) => {
        const P = Math.floor((L - R) / stride) + 1;
        return {
          y: grid([N, P], (n, p) => sum([R], (r) => x.at(n, p * stride + r) ** p_) ** (1 / p_)),
          rms: grid([N, P], (n, p) => Math.sqrt(sum([R], (r) => x.at(n, p * stride + r) ** 2) / R)),
        };
      },
    },
  );

  agrees(
    "partial_windows",
    `
    # Means over the cells that are there, of a window laid about each place; and how many there are.
    param R = 1
    input x[N, H, W]
    output y[N, H, W]
    output cells[H, W]
    output both[N, H, W]
    y[n,h,w] = mean[-R <= i <= R, -R <= j <= R](x[n, h + i, w + j])
    cells[h,w] = sum[-R <= i <= R, -R <= j <= R](where(0 <= h + i and h + i < H and 0 <= w + j and w + j < W, 1, 0))
    both[n,h,w] = y[n,h,w]*cells[h,w] - sum[-R <= i <= R, -R <= j <= R](x[n, h + i, w + j])
    `,
    {
      sizes: [
        { N: 1, H: 3, W: 2, R: 1 },
        { N: 2, H: 1, W: 1, R: 2 },
        { N: 1, H: 2, W: 4, R: 0 },
      ],
      forward: ({ N, H, W, R }, { x }: Tensors<"x">) => {
        const window = (n: number, h: number, w: number): number[] =>
          seen(list([2 * R + 1, 2 * R + 1], (i, j) => x.or(NaN, n, h + i - R, w + j - R)));
        return {
          y: grid([N, H, W], (n, h, w) => mean(window(n, h, w))),
          cells: grid([H, W], (h, w) => window(0, h, w).length),
          both: grid([N, H, W], () => 0),
        };
      },
    },
  );

  agrees(
    "padding_average",
    `
    # The average that counts the padding, and one that pads with a value of its own.
    param pad = 1
    param v = 0.5
    input x[N, L]
    output a[N, P]
    output b[N, P]
    P = L + 2*pad - 2
    a[n,p] = mean[r < 3](pad(x[n, p + r - pad], 0))
    b[n,p] = mean[r < 3](pad(x[n, p + r - pad], v))
    `,
    {
      sizes: [
        { N: 1, L: 4, pad: 1, v: 0.5 },
        { N: 2, L: 1, pad: 2, v: -1 },
        { N: 1, L: 3, pad: 0, v: 2 },
      ],
      forward: ({ N, L, pad, v }, { x }: Tensors<"x">) => ({
        a: grid([N, L + 2 * pad - 2], (n, p) => sum([3], (r) => x.or(0, n, p + r - pad)) / 3),
        b: grid([N, L + 2 * pad - 2], (n, p) => sum([3], (r) => x.or(v, n, p + r - pad)) / 3),
      }),
    },
  );

  agrees(
    "max_plus",
    `
    # Tropical matrix product, dilation and erosion.
    input x[N, C]
    weight w[C, K]
    weight b[R]
    output y[N, K]
    output dilated[N, C]
    output eroded[N, C]
    y[n,k] = max[c](x[n,c] + w[c,k])
    dilated[n,c] = max[r](x[n, c - r] + b[r])
    eroded[n,c] = min[r](x[n, c + r] - b[r])
    `,
    {
      sizes: [
        { N: 2, C: 4, K: 3, R: 3 },
        { N: 1, C: 1, K: 1, R: 2 },
      ],
      forward: ({ N, C, K, R }, { x, w, b }: Tensors<"x" | "w" | "b">) => ({
        y: grid([N, K], (n, k) => max([C], (c) => x.at(n, c) + w.at(c, k))),
        dilated: grid([N, C], (n, c) => max([R], (r) => x.or(-Infinity, n, c - r) + b.at(r))),
        eroded: grid([N, C], (n, c) => -max([R], (r) => b.at(r) - x.or(Infinity, n, c + r))),
      }),
    },
  );

  agrees(
    "maxout",
    `
    input x[N, C]
    weight w[K, M, C]
    weight b[K, M]
    output y[N, K]
    y[n,k] = max[m](sum[c](w[k,m,c]*x[n,c]) + b[k,m])
    `,
    {
      sizes: [
        { N: 2, C: 3, K: 2, M: 3 },
        { N: 1, C: 1, K: 1, M: 1 },
      ],
      forward: ({ N, C, K, M }, { x, w, b }: Tensors<"x" | "w" | "b">) => ({
        y: grid([N, K], (n, k) => max([M], (m) => sum([C], (c) => w.at(k, m, c) * x.at(n, c)) + b.at(k, m))),
      }),
    },
  );

  agrees(
    "top_one",
    `
    # The winner's row of a table, the winner by argmax, and its distance from the runner-up.
    input s[N, K]
    weight table[K, D]
    output y[N, D]
    output k[N]
    output gap[N]
    k[n] = argmax[j](s[n,j])
    y[n,d] = s[n,k[n]]*table[k[n], d]
    gap[n] = s[n,k[n]] - max[j](where(j == k[n], -100, s[n,j]))
    `,
    {
      sizes: [
        { N: 3, K: 4, D: 2 },
        { N: 1, K: 1, D: 1 },
      ],
      forward: ({ N, K, D }, { s, table }: Tensors<"s" | "table">) => {
        const row = (n: number): number[] => list([K], (j) => s.at(n, j));
        const best = (n: number): number => row(n).indexOf(Math.max(...row(n)));
        return {
          k: grid([N], best),
          y: grid([N, D], (n, d) => Math.max(...row(n)) * table.at(best(n), d)),
          gap: grid(
            [N],
            (n) => Math.max(...row(n)) - Math.max(-100, ...row(n).filter((_, j) => j !== best(n))),
          ),
        };
      },
    },
  );

  agrees(
    "flat_argmax_2d",
    `
    input x[N, H, W]
    output y[N]
    output at[N]
    output low[N]
    at[n] = argmax[h,w](x[n,h,w])
    y[n] = x[n, floor(at[n]/W), mod(at[n], W)]
    low[n] = argmin[h, 1 <= w < W](x[n,h,w])
    `,
    {
      sizes: [
        { N: 3, H: 2, W: 3 },
        { N: 1, H: 3, W: 2 },
      ],
      forward: ({ N, H, W }, { x }: Tensors<"x">) => {
        const row = (n: number): number[] => list([H, W], (h, w) => x.at(n, h, w));
        return {
          at: grid([N], (n) => row(n).indexOf(Math.max(...row(n)))),
          y: grid([N], (n) => Math.max(...row(n))),
          // the position counts all of the axis, also where the binder starts later
          low: grid([N], (n) => {
            const right = list([H, W], (h, w) => (w === 0 ? Infinity : x.at(n, h, w)));
            return right.indexOf(Math.min(...right));
          }),
        };
      },
    },
  );

  agrees(
    "count_any_all",
    `
    input x[N, L]
    data t[L]
    output above[N]
    output some[N]
    output every[N]
    output rank[N, L]
    above[n] = count[l](x[n,l] > t[l])
    some[n] = where(any[l](x[n,l] > 1.5), sum[l](x[n,l]^2), 0)
    every[n] = where(all[l](x[n,l] < 1.9 and x[n,l] > -3), mean[l](x[n,l]^3), -1)
    rank[n,l] = count[m](x[n,m] < x[n,l] or x[n,m] == x[n,l] and m < l)*x[n,l]
    `,
    {
      sizes: [
        { N: 3, L: 4 },
        { N: 1, L: 1 },
      ],
      forward: ({ N, L }, { x, t }: Tensors<"x" | "t">) => {
        const row = (n: number): number[] => list([L], (l) => x.at(n, l));
        return {
          above: grid([N], (n) => row(n).filter((u, l) => u > t.at(l)).length),
          some: grid([N], (n) => (row(n).some((u) => u > 1.5) ? add(row(n).map((u) => u * u)) : 0)),
          every: grid([N], (n) =>
            row(n).every((u) => u < 1.9 && u > -3) ? mean(row(n).map((u) => u ** 3)) : -1,
          ),
          rank: grid([N, L], (n, l) => row(n).filter((u) => u < x.at(n, l)).length * x.at(n, l)),
        };
      },
    },
  );

  agrees(
    "global_pools",
    `
    input x[N, C, H, W]
    output y[N, 2*C]
    output gem[N, C]
    weight p
    y[n, i*C + c] = where(i == 0, max[h,w](x[n,c,h,w]), mean[h,w](x[n,c,h,w]))
    gem[n,c] = mean[h,w](x[n,c,h,w]^p)^(1/p)
    `,
    {
      sizes: [
        { N: 2, C: 2, H: 2, W: 2 },
        { N: 1, C: 1, H: 1, W: 1 },
      ],
      range: { x: [0.3, 2], p: [2, 4] },
      forward: ({ N, C, H, W }, { x, p }: Tensors<"x" | "p">) => {
        const map = (n: number, c: number): number[] => list([H, W], (h, w) => x.at(n, c, h, w));
        return {
          y: grid([N, 2 * C], (n, c) => (c < C ? Math.max(...map(n, c)) : mean(map(n, c - C)))),
          gem: grid([N, C], (n, c) => mean(map(n, c).map((u) => u ** p.at())) ** (1 / p.at())),
        };
      },
    },
  );

  agrees(
    "variance_of_pairs",
    `
    # Nested reductions of different kinds.
    input x[N, M]
    output a
    output b
    output c
    a = max[n](sum[m](x[n,m]) - min[m](x[n,m]))
    b = sum[n](prod[m](x[n,m]) * max[m](x[n,m]))
    c = mean[m](max[n](x[n,m])*min[n](x[n,m]))
    `,
    {
      sizes: [
        { N: 3, M: 2 },
        { N: 1, M: 1 },
        { N: 2, M: 4 },
      ],
      forward: ({ N, M }, { x }: Tensors<"x">) => {
        const row = (n: number): number[] => list([M], (m) => x.at(n, m));
        const column = (m: number): number[] => list([N], (n) => x.at(n, m));
        return {
          a: scalar(max([N], (n) => add(row(n)) - Math.min(...row(n)))),
          b: scalar(sum([N], (n) => row(n).reduce((u, v) => u * v, 1) * Math.max(...row(n)))),
          c: scalar(mean(list([M], (m) => Math.max(...column(m)) * Math.min(...column(m))))),
        };
      },
    },
  );
});

describe("zeros, ties and empty reductions", () => {
  it("differentiates products with zeros in them", async () => {
    const text = "input x[N, L]\noutput y[N]\ny[n] = prod[l](x[n,l])";
    const { y, dx } = await run(
      text,
      { N: 4, L: 3 },
      {
        x: [2, 0, 3, 0, 5, 0, 0, 0, 0, 1, -2, 3],
        dy: [1, 1, 1, 10],
      },
    );
    expect(y).toEqual([0, 0, 0, -6]);
    expect(dx!.map((u) => u + 0)).toEqual([0, 6, 0, 0, 0, 0, 0, 0, 0, -60, 30, -20]);
  });

  it("differentiates prefix products with zeros in them", async () => {
    const text = "input x[L]\noutput y[L]\ny[i] = prod[j <= i](x[j])";
    const { y, dx } = await run(text, { L: 4 }, { x: [2, 0, 3, 5], dy: [1, 1, 1, 1] });
    expect(y).toEqual([2, 0, 0, 0]);
    expect(dx).toEqual([1, 2 + 2 * 3 + 2 * 3 * 5, 0, 0]);
  });

  it("gives ties to the first point of a reduction", async () => {
    const text = "input x[N, L]\noutput y[N]\noutput z[N]\ny[n] = max[l](x[n,l])\nz[n] = min[l](x[n,l])";
    const { dx } = await run(text, { N: 2, L: 3 }, { x: [1, 1, 1, 0, 2, 2], dy: [1, 1], dz: [10, 10] });
    expect(dx).toEqual([11, 0, 0, 10, 1, 0]);
  });

  it("gives pointwise ties to the second argument, and none to relu and abs", async () => {
    const text = `
      input a[N]
      input b[N]
      output y[N]
      output z[N]
      output u[N]
      y[n] = max(a[n], b[n])
      z[n] = min(a[n], b[n])
      u[n] = relu(a[n]) + abs(a[n]) + 3*sign(a[n])
    `;
    const { y, z, da, db } = await run(
      text,
      { N: 3 },
      {
        a: [0, 1, -1],
        b: [0, 1, 2],
        dy: [1, 1, 1],
        dz: [10, 10, 10],
        du: [100, 100, 100],
      },
    );
    expect([y, z]).toEqual([
      [0, 1, 2],
      [0, 1, -1],
    ]);
    expect(da).toEqual([0, 200, 10 - 100]);
    expect(db).toEqual([11, 11, 1]);
  });

  it("reduces nothing to the neutral element", async () => {
    const text = `
      input x[L]
      output s[L]
      output p[L]
      output m[L]
      output hi[L]
      output lo[L]
      output k[L]
      output where_[L]
      output yes[L]
      s[i] = sum[j < i](x[j])
      p[i] = prod[j < i](x[j])
      m[i] = mean[j < i](x[j])
      hi[i] = max[j < i](x[j])
      lo[i] = min[j < i](x[j])
      k[i] = count[j < i](x[j] > 0)
      where_[i] = argmax[j < i](x[j])
      yes[i] = where(any[j < i](x[j] > 0), 1, 0) + where(all[j < i](x[j] > 0), 2, 0)
    `;
    const results = await run(
      text,
      { L: 1 },
      { x: [5], ds: [1], dp: [1], dm: [1], dhi: [1], dlo: [1], dyes: [1], dk: [1] },
    );
    const values = ["s", "p", "m", "hi", "lo", "k", "where_", "yes"].map((name) => results[name]![0]);
    expect(values).toEqual([0, 1, 0, -Infinity, Infinity, 0, -1, 2]);
    expect(results["dx"]).toEqual([0]);
  });

  it("reads nothing at an argmax of nothing", async () => {
    const text = `
      input x[L]
      output y[L]
      output z
      local k[L]
      k[i] = argmax[j < i](x[j])
      y[i] = x[k[i]]*2
      z = sum[i](x[k[i]])
    `;
    const { y, z, dx } = await run(text, { L: 3 }, { x: [5, 7, 6], dy: [1, 1, 1], dz: [10] });
    expect(y).toEqual([0, 10, 14]);
    expect(z).toEqual([12]);
    expect(dx).toEqual([12, 12, 0]);
  });

  it("takes the mean over no cell as 0", async () => {
    const text =
      "param pad = 2\ninput x[L]\noutput y[L + 2*pad]\ny[p] = mean[r < 1](x[p + r - pad]) + where(p < pad, 1, 0)";
    const { y, dx } = await run(text, { L: 2 }, { x: [5, 7], dy: [1, 2, 3, 4, 5, 6] });
    expect(y).toEqual([1, 1, 5, 7, 0, 0]);
    expect(dx).toEqual([3, 4]);
  });
});
