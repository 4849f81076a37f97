import { describe } from "vitest";
import { agrees, grid, list, mean, mod, product, sum, type Tensors } from "./support.js";

const maximum = (values: readonly number[]): number => Math.max(...values);

/** Ranges that start below zero, reads that are often outside, factors that may leave a sum and may not. */
describe("edges of ranges and sums", () => {
  agrees(
    "factors_of_a_sum",
    `
    param s = 2
    input x[N]
    input a[N]
    weight w[K]
    output y[N]
    output z[N]
    y[i] = sum[r](a[i]*x[i/s]*w[r])
    z[i] = sum[r](a[i]*x[i + s]*w[r]) + sum[r](where(w[r] > 0, a[i]*x[i - s], 0))
    `,
    {
      sizes: [
        { N: 5, K: 3, s: 2 },
        { N: 1, K: 1, s: 3 },
        { N: 4, K: 2, s: 1 },
      ],
      forward: ({ N, K, s }, { x, a, w }: Tensors<"x" | "a" | "w">) => ({
        y: grid([N], (i) => sum([K], (r) => a.at(i) * x.or(0, i / s) * w.at(r))),
        z: grid([N], (i) =>
          sum([K], (r) => a.at(i) * (x.or(0, i + s) * w.at(r) + (w.at(r) > 0 ? x.or(0, i - s) : 0))),
        ),
      }),
    },
  );

  agrees(
    "windows_about_the_place",
    `
    # Greatest and least of a window that starts before the place.
    input x[N, M]
    input w[N]
    output y[N, M]
    output z[N]
    y[i,j] = max[-1 <= r <= 1, -1 <= q <= 1](x[i + r, j + q])
    z[i] = max[-2 <= r <= 1](x[i + r, 0]*w[i]) + min[-2 <= r <= 0](x[i + r, M - 1])
    `,
    {
      sizes: [
        { N: 4, M: 3 },
        { N: 1, M: 2 },
        { N: 2, M: 1 },
      ],
      forward: ({ N, M }, { x, w }: Tensors<"x" | "w">) => ({
        y: grid([N, M], (i, j) => maximum(list([3, 3], (r, q) => x.or(-Infinity, i + r - 1, j + q - 1)))),
        z: grid(
          [N],
          (i) =>
            maximum(list([4], (r) => (x.has(i + r - 2, 0) ? x.at(i + r - 2, 0) * w.at(i) : -Infinity))) -
            maximum(list([3], (r) => -x.or(Infinity, i + r - 2, M - 1))),
        ),
      }),
    },
  );

  agrees(
    "circular_neighbours",
    `
    # Places before the first are the last ones, by mod.
    index t[N] < M
    input w[N]
    input v[M]
    output y[N]
    output z[N]
    y[i] = sum[i - 1 <= r < N](w[mod(r, N)])
    z[i] = prod[i - 1 <= r < N, q < 2](sin(v[t[mod(r, N)]]))
    `,
    {
      sizes: [
        { N: 4, M: 2 },
        { N: 1, M: 3 },
      ],
      forward: ({ N }, { t, w, v }: Tensors<"t" | "w" | "v">) => ({
        y: grid([N], (i) => sum([N - i + 1], (k) => w.at(mod(i - 1 + k, N)))),
        z: grid([N], (i) => product([N - i + 1, 2], (k) => Math.sin(v.at(t.at(mod(i - 1 + k, N)))))),
      }),
    },
  );

  agrees(
    "gathered_prefix",
    `
    # A sum up to the place, of the row that the data says.
    index t[N] < M
    input x[M, N]
    output y[N]
    y[i] = sum[r <= i](x[t[i], r])
    `,
    {
      sizes: [
        { N: 4, M: 2 },
        { N: 1, M: 1 },
      ],
      forward: ({ N }, { t, x }: Tensors<"t" | "x">) => ({
        y: grid([N], (i) => sum([i + 1], (r) => x.at(t.at(i), r))),
      }),
    },
  );

  agrees(
    "nested_below_zero",
    `
    # Inner reductions for an outer index that starts below zero.
    input x[K]
    data a[N]
    output y[N]
    y[i] = sum[-1 <= r < 2](sin(sum[k](x[k]*r)) + max[k](x[k]*r)) + sum[i - 1 <= r < N](max[k](x[k]*(r + 0.5)))*a[i]
    `,
    {
      sizes: [
        { K: 3, N: 3 },
        { K: 1, N: 1 },
      ],
      forward: ({ K, N }, { x, a }: Tensors<"x" | "a">) => {
        const greatest = (by: number): number => maximum(list([K], (k) => x.at(k) * by));
        return {
          y: grid(
            [N],
            (i) =>
              sum([3], (r) => Math.sin(sum([K], (k) => x.at(k) * (r - 1))) + greatest(r - 1)) +
              sum([N - i + 1], (k) => greatest(i - 1 + k + 0.5)) * a.at(i),
          ),
        };
      },
    },
  );

  agrees(
    "means_of_what_is_there",
    `
    input x[N]
    data a[M]
    output y[M]
    output z[N]
    y[i] = sum[r < M](mean[r - 1 <= j < N](x[j])*a[i])
    z[i] = mean[i - 1 <= j <= i + 1](x[j])
    `,
    {
      sizes: [
        { N: 3, M: 3 },
        { N: 1, M: 1 },
        { N: 2, M: 4 },
      ],
      forward: ({ N, M }, { x, a }: Tensors<"x" | "a">) => {
        const between = (from: number, to: number): number =>
          mean(list([N], (j) => j).flatMap((j) => (from <= j && j < to ? [x.at(j)] : [])));
        return {
          y: grid([M], (i) => sum([M], (r) => between(r - 1, N) * a.at(i))),
          z: grid([N], (i) => between(i - 1, i + 2)),
        };
      },
    },
  );

  agrees(
    "counts_of_inner_points",
    `
    input w[M]
    output y
    output z[M]
    y = sum[i](mean[r < 3](where(i + 2 > r, w[i], 0)))
    z[j] = sum[i](where(i <= j, mean[r < 3](where(i + 2 > r, w[i], 0)), 0))
    `,
    {
      sizes: [{ M: 4 }, { M: 1 }],
      forward: ({ M }, { w }: Tensors<"w">) => {
        const part = (i: number): number => (w.at(i) * Math.min(3, i + 2)) / 3;
        return { y: grid([], () => sum([M], part)), z: grid([M], (j) => sum([j + 1], part)) };
      },
    },
  );

  agrees(
    "ranges_that_come_out_empty",
    `
    param s = 1
    input a[N]
    input b[M]
    output y[M]
    require M >= s
    y[j] = sum[r < 4](b[mod(j, s)]*a[r - 2*s])
    `,
    {
      sizes: [
        { N: 3, M: 4, s: 1 },
        { N: 3, M: 3, s: 2 },
        { N: 2, M: 3, s: 3 },
      ],
      forward: ({ M, s }, { a, b }: Tensors<"a" | "b">) => ({
        y: grid([M], (j) => sum([4], (r) => b.at(j % s) * a.or(0, r - 2 * s))),
      }),
    },
  );
});
