import { describe } from "vitest";
import { agrees, grid, list, max, mean, sum, type Tensors } from "./support.js";

const variance = (values: readonly number[]): number => mean(values.map((u) => (u - mean(values)) ** 2));

describe("normalisation", () => {
  agrees(
    "group_norm",
    `
    param eps = 1e-5
    input x[N, G*D, H, W]
    weight γ[G*D]
    weight β[G*D]
    output y[N, G*D, H, W]
    local μ[N, G]
    local var_[N, G]
    local x̂[N, G*D, H, W]
    μ[n,g] = mean[d,h,w](x[n, g*D + d, h, w])
    var_[n,g] = mean[d,h,w]((x[n, g*D + d, h, w] - μ[n,g])^2)
    x̂[n, g*D + d, h, w] = (x[n, g*D + d, h, w] - μ[n,g]) / sqrt(var_[n,g] + eps)
    y[n,c,h,w] = γ[c]*x̂[n,c,h,w] + β[c]
    `,
    {
      sizes: [
        { N: 2, G: 2, D: 2, H: 2, W: 1, eps: 1e-5 },
        { N: 1, G: 1, D: 3, H: 1, W: 2, eps: 0.1 },
        { N: 1, G: 3, D: 1, H: 1, W: 1, eps: 0.5 },
      ],
      forward: ({ N, G, D, H, W, eps }, { x, γ, β }: Tensors<"x" | "γ" | "β">) => ({
        y: grid([N, G * D, H, W], (n, c, h, w) => {
          const g = Math.floor(c / D);
          const group = list([D, H, W], (d, i, j) => x.at(n, g * D + d, i, j));
          return γ.at(c) * ((x.at(n, c, h, w) - mean(group)) / Math.sqrt(variance(group) + eps)) + β.at(c);
        }),
      }),
    },
  );

  agrees(
    "group_norm_floor",
    `
    # Group norm, the group of a channel found by floor.
    param eps = 1e-3
    param G = 2
    input x[N, C, L]
    output y[N, C, L]
    D = C/G
    m[n,g] = mean[d < D, l](x[n, g*D + d, l])
    local m[N, G]
    local v[N, G]
    v[n,g] = mean[d < D, l](square(x[n, g*D + d, l] - m[n,g]))
    y[n,c,l] = (x[n,c,l] - m[n,floor(c/D)]) * (v[n,floor(c/D)] + eps)^(-1/2)
    check N = 2, C = 4, L = 3
    `,
    {
      sizes: [
        { N: 2, C: 4, L: 2, G: 2, eps: 1e-3 },
        { N: 1, C: 3, L: 2, G: 1, eps: 1e-3 },
        { N: 1, C: 3, L: 1, G: 3, eps: 1 },
      ],
      forward: ({ N, C, L, G, eps }, { x }: Tensors<"x">) => ({
        y: grid([N, C, L], (n, c, l) => {
          const D = C / G;
          const group = list([D, L], (d, i) => x.at(n, Math.floor(c / D) * D + d, i));
          return (x.at(n, c, l) - mean(group)) / Math.sqrt(variance(group) + eps);
        }),
      }),
    },
  );

  agrees(
    "instance_norm",
    `
    param eps = 1e-5
    input x[N, C, H, W]
    weight scale[C]
    weight shift[C]
    output y[N, C, H, W]
    centred[n,c,h,w] = x[n,c,h,w] - mean[h',w'](x[n,c,h',w'])
    r[n,c] = 1/sqrt(mean[h,w](centred[n,c,h,w]^2) + eps)
    y[n,c,h,w] = scale[c]*centred[n,c,h,w]*r[n,c] + shift[c]
    `,
    {
      sizes: [
        { N: 2, C: 2, H: 2, W: 3, eps: 1e-5 },
        { N: 1, C: 1, H: 1, W: 2, eps: 1e-2 },
        { N: 1, C: 2, H: 1, W: 1, eps: 1 },
      ],
      forward: ({ N, C, H, W, eps }, { x, scale, shift }: Tensors<"x" | "scale" | "shift">) => ({
        y: grid([N, C, H, W], (n, c, h, w) => {
          const all = list([H, W], (i, j) => x.at(n, c, i, j));
          return (
            (scale.at(c) * (x.at(n, c, h, w) - mean(all))) / Math.sqrt(variance(all) + eps) + shift.at(c)
          );
        }),
      }),
    },
  );

  agrees(
    "weight_standardised_conv",
    `
    # The kernel of each output channel has mean 0 and deviation 1 before it is used.
    param eps = 1e-4
    param stride = 1
    input x[N, C, L]
    weight w[K, C, R]
    output z[N, K, P]
    P = floor((L - R)/stride) + 1
    ŵ[k,c,r] = (w[k,c,r] - mean[c',r'](w[k,c',r'])) / sqrt(mean[c',r'](w[k,c',r']^2) - mean[c',r'](w[k,c',r'])^2 + eps)
    z[n,k,p] = sum[c,r](x[n, c, p*stride + r]*ŵ[k,c,r])
    `,
    {
      sizes: [
        { N: 1, C: 2, L: 6, K: 2, R: 3, stride: 2, eps: 1e-4 },
        { N: 2, C: 1, L: 3, K: 1, R: 2, stride: 3, eps: 0.1 },
        { N: 1, C: 1, L: 1, K: 1, R: 1, stride: 1, eps: 1 },
      ],
      forward: ({ N, C, L, K, R, stride, eps }, { x, w }: Tensors<"x" | "w">) => {
        const ŵ = grid([K, C, R], (k, c, r) => {
          const all = list([C, R], (i, j) => w.at(k, i, j));
          return (w.at(k, c, r) - mean(all)) / Math.sqrt(variance(all) + eps);
        });
        return {
          z: grid([N, K, Math.floor((L - R) / stride) + 1], (n, k, p) =>
            sum([C, R], (c, r) => x.at(n, c, p * stride + r) * ŵ.at(k, c, r)),
          ),
        };
      },
    },
  );

  agrees(
    "weight_norm",
    `
    input x[N, C]
    weight v[K, C]
    weight g[K]
    output y[N, K]
    w[k,c] = g[k]*v[k,c]/sqrt(sum[c'](v[k,c']^2))
    y[n,k] = sum[c](w[k,c]*x[n,c])
    `,
    {
      sizes: [
        { N: 2, C: 3, K: 2 },
        { N: 1, C: 1, K: 1 },
      ],
      forward: ({ N, C, K }, { x, v, g }: Tensors<"x" | "v" | "g">) => ({
        y: grid(
          [N, K],
          (n, k) =>
            (g.at(k) * sum([C], (c) => v.at(k, c) * x.at(n, c))) /
            Math.hypot(...list([C], (c) => v.at(k, c))),
        ),
      }),
    },
  );

  agrees(
    "local_response_norm",
    `
    # AlexNet's: over R channels around, those outside left out, divided by R all the same.
    param R = 3
    param α = 0.1
    param β = 0.75
    param k = 2
    input x[N, C, L]
    output y[N, C, L]
    y[n,c,l] = x[n,c,l] / (k + α*mean[r < R](pad(x[n, c + r - floor(R/2), l], 0)^2))^β
    `,
    {
      sizes: [
        { N: 1, C: 4, L: 2, R: 3, α: 0.1, β: 0.75, k: 2 },
        { N: 2, C: 1, L: 1, R: 5, α: 2, β: 0.5, k: 1 },
        { N: 1, C: 3, L: 1, R: 2, α: 1, β: 2, k: 3 },
      ],
      forward: ({ N, C, L, R, α, β, k }, { x }: Tensors<"x">) => ({
        y: grid([N, C, L], (n, c, l) => {
          const squares = sum([R], (r) => x.or(0, n, c + r - Math.floor(R / 2), l) ** 2);
          return x.at(n, c, l) / (k + (α * squares) / R) ** β;
        }),
      }),
    },
  );

  agrees(
    "scale_norms",
    `
    # Three norms of a row by themselves, the largest by absolute value among them.
    param p = 3
    input x[N, D]
    output l1[N, D]
    output lp[N, D]
    output linf[N, D]
    l1[n,d] = x[n,d]/sum[d'](abs(x[n,d']))
    lp[n,d] = x[n,d]/sum[d'](abs(x[n,d'])^p)^(1/p)
    linf[n,d] = x[n,d]/max[d'](abs(x[n,d']))
    `,
    {
      sizes: [
        { N: 2, D: 3, p: 3 },
        { N: 1, D: 2, p: 2.5 },
        { N: 1, D: 1, p: 4 },
      ],
      range: { x: [0.2, 2] },
      forward: ({ N, D, p }, { x }: Tensors<"x">) => {
        const by = (norm: (row: number[]) => number): ReturnType<typeof grid> =>
          grid([N, D], (n, d) => x.at(n, d) / norm(list([D], (i) => Math.abs(x.at(n, i)))));
        return {
          l1: by((row) => row.reduce((a, b) => a + b)),
          lp: by((row) => row.reduce((a, b) => a + b ** p, 0) ** (1 / p)),
          linf: by((row) => Math.max(...row)),
        };
      },
    },
  );

  agrees(
    "switchable_standardisation",
    `
    # Rows scaled to [0, 1] by their least and greatest element.
    input x[N, D]
    output y[N, D]
    lo[n] = min[d](x[n,d])
    hi[n] = max[d](x[n,d])
    y[n,d] = (x[n,d] - lo[n])/(hi[n] - lo[n] + 1)
    `,
    {
      sizes: [
        { N: 2, D: 4 },
        { N: 1, D: 1 },
      ],
      forward: ({ N, D }, { x }: Tensors<"x">) => ({
        y: grid([N, D], (n, d) => {
          const lo = -max([D], (i) => -x.at(n, i));
          return (x.at(n, d) - lo) / (max([D], (i) => x.at(n, i)) - lo + 1);
        }),
      }),
    },
  );
});
