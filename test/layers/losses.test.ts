import { describe } from "vitest";
import {
  add,
  agrees,
  grid,
  list,
  max,
  mean,
  product,
  scalar,
  sigmoid,
  sum,
  type Tensors,
} from "./support.js";

const logSumExp = (values: readonly number[]): number => Math.log(add(values.map(Math.exp)));

describe("losses", () => {
  agrees(
    "cosine_similarity",
    `
    param eps = 1e-8
    input a[N, D]
    input b[M, D]
    output s[N, M]
    dot[n,m] = sum[d](a[n,d]*b[m,d])
    s[n,m] = dot[n,m]/(max(sqrt(sum[d](a[n,d]^2)), eps)*max(sqrt(sum[d](b[m,d]^2)), eps))
    `,
    {
      sizes: [
        { N: 2, M: 3, D: 2, eps: 1e-8 },
        { N: 1, M: 1, D: 1, eps: 10 },
        { N: 2, M: 1, D: 3, eps: 1e-8 },
      ],
      forward: ({ N, M, D, eps }, { a, b }: Tensors<"a" | "b">) => ({
        s: grid(
          [N, M],
          (n, m) =>
            sum([D], (d) => a.at(n, d) * b.at(m, d)) /
            Math.max(Math.sqrt(sum([D], (d) => a.at(n, d) ** 2)), eps) /
            Math.max(Math.sqrt(sum([D], (d) => b.at(m, d) ** 2)), eps),
        ),
      }),
    },
  );

  agrees(
    "info_nce",
    `
    # Contrastive loss: row n of a belongs to row n of b.
    param τ = 0.5
    input a[N, D]
    input b[N, D]
    output loss
    s[n,m] = sum[d](a[n,d]*b[m,d])/τ
    loss = mean[n](log(sum[m](exp(s[n,m] - stop(max[m'](s[n,m']))))) + stop(max[m'](s[n,m'])) - s[n,n])
    `,
    {
      sizes: [
        { N: 3, D: 2, τ: 0.5 },
        { N: 1, D: 1, τ: 2 },
        { N: 2, D: 3, τ: 1 },
      ],
      forward: ({ N, D, τ }, { a, b }: Tensors<"a" | "b">) => {
        const s = (n: number, m: number): number => sum([D], (d) => a.at(n, d) * b.at(m, d)) / τ;
        return { loss: scalar(mean(list([N], (n) => logSumExp(list([N], (m) => s(n, m))) - s(n, n)))) };
      },
    },
  );

  agrees(
    "triplet_margin",
    `
    param margin = 1.5
    input a[N, D]
    input p[N, D]
    input q[N, D]
    output loss
    dist(u, v) = (u - v)^2
    loss = mean[n](relu(sqrt(sum[d](dist(a[n,d], p[n,d]))) - sqrt(sum[d](dist(a[n,d], q[n,d]))) + margin))
    `,
    {
      sizes: [
        { N: 3, D: 2, margin: 1.5 },
        { N: 1, D: 1, margin: 0.25 },
      ],
      forward: ({ N, D, margin }, { a, p, q }: Tensors<"a" | "p" | "q">) => {
        const far = (n: number, other: typeof p): number =>
          Math.sqrt(sum([D], (d) => (a.at(n, d) - other.at(n, d)) ** 2));
        return { loss: scalar(mean(list([N], (n) => Math.max(0, far(n, p) - far(n, q) + margin)))) };
      },
    },
  );

  agrees(
    "multiclass_hinge",
    `
    param margin = 1
    input s[N, C]
    index t[N] < C
    output loss[N]
    loss[n] = sum[c](where(c != t[n], max(0, margin - s[n,t[n]] + s[n,c]), 0))/C
    `,
    {
      sizes: [
        { N: 3, C: 4, margin: 1.01 },
        { N: 2, C: 1, margin: 1 },
        { N: 1, C: 2, margin: 0.3 },
      ],
      forward: ({ N, C, margin }, { s, t }: Tensors<"s" | "t">) => ({
        loss: grid(
          [N],
          (n) =>
            sum([C], (c) => (c === t.at(n) ? 0 : Math.max(0, margin - s.at(n, t.at(n)) + s.at(n, c)))) / C,
        ),
      }),
    },
  );

  agrees(
    "huber",
    `
    param δ = 0.7
    input y[N, D]
    data target[N, D]
    output loss
    h(r) = where(abs(r) <= δ, 0.5*r^2, δ*(abs(r) - δ/2))
    loss = mean[n,d](h(y[n,d] - target[n,d]))
    `,
    {
      sizes: [
        { N: 3, D: 2, δ: 0.7 },
        { N: 1, D: 1, δ: 5 },
      ],
      forward: ({ N, D, δ }, { y, target }: Tensors<"y" | "target">) => ({
        loss: scalar(
          mean(
            list([N, D], (n, d) => {
              const r = Math.abs(y.at(n, d) - target.at(n, d));
              return r <= δ ? r ** 2 / 2 : δ * (r - δ / 2);
            }),
          ),
        ),
      }),
    },
  );

  agrees(
    "focal",
    `
    param γ = 2
    param α = 0.25
    input x[N, C]
    data t[N, C]
    output loss
    # stable: log σ(x) = -softplus(-x)
    term(u, y) = -α*y*(1 - sigmoid(u))^γ*(-softplus(-u)) - (1 - α)*(1 - y)*sigmoid(u)^γ*(-softplus(u))
    loss = sum[n,c](term(x[n,c], t[n,c]))/N
    `,
    {
      sizes: [
        { N: 2, C: 3, γ: 2, α: 0.25 },
        { N: 1, C: 1, γ: 0.5, α: 0.9 },
      ],
      range: { t: [0, 1] },
      forward: ({ N, C, γ, α }, { x, t }: Tensors<"x" | "t">) => ({
        loss: scalar(
          sum([N, C], (n, c) => {
            const p = sigmoid(x.at(n, c));
            const y = t.at(n, c);
            return -α * y * (1 - p) ** γ * Math.log(p) - (1 - α) * (1 - y) * p ** γ * Math.log(1 - p);
          }) / N,
        ),
      }),
    },
  );

  agrees(
    "kl_divergence",
    `
    # KL between two softmax distributions, and the closed form for two normal ones.
    input a[N, C]
    input b[N, C]
    input μ[N]
    input logvar[N]
    output kl[N]
    output vae
    la[n,c] = a[n,c] - log(sum[c'](exp(a[n,c'])))
    lb[n,c] = b[n,c] - log(sum[c'](exp(b[n,c'])))
    kl[n] = sum[c](exp(la[n,c])*(la[n,c] - lb[n,c]))
    vae = -0.5*mean[n](1 + logvar[n] - μ[n]^2 - exp(logvar[n]))
    `,
    {
      sizes: [
        { N: 2, C: 3 },
        { N: 1, C: 1 },
      ],
      forward: ({ N, C }, { a, b, μ, logvar }: Tensors<"a" | "b" | "μ" | "logvar">) => ({
        kl: grid([N], (n) => {
          const la = logSumExp(list([C], (c) => a.at(n, c)));
          const lb = logSumExp(list([C], (c) => b.at(n, c)));
          return sum([C], (c) => Math.exp(a.at(n, c) - la) * (a.at(n, c) - la - b.at(n, c) + lb));
        }),
        vae: scalar(mean(list([N], (n) => -(1 + logvar.at(n) - μ.at(n) ** 2 - Math.exp(logvar.at(n))) / 2))),
      }),
    },
  );

  agrees(
    "label_smoothing",
    `
    param ε = 0.1
    input x[N, C]
    index t[N] < C
    output loss
    lp[n,c] = x[n,c] - log(sum[c'](exp(x[n,c'])))
    loss = -mean[n](sum[c](where(c == t[n], 1 - ε + ε/C, ε/C)*lp[n,c]))
    `,
    {
      sizes: [
        { N: 3, C: 4, ε: 0.1 },
        { N: 1, C: 1, ε: 0.5 },
      ],
      forward: ({ N, C, ε }, { x, t }: Tensors<"x" | "t">) => ({
        loss: scalar(
          mean(
            list([N], (n) => {
              const lse = logSumExp(list([C], (c) => x.at(n, c)));
              return -sum([C], (c) => ((c === t.at(n) ? 1 - ε : 0) + ε / C) * (x.at(n, c) - lse));
            }),
          ),
        ),
      }),
    },
  );

  agrees(
    "weighted_cross_entropy_ignore",
    `
    # Class weights; label 0 is ignored. Mean over the others.
    input x[N, C]
    index t[N] < C
    data w[C]
    output loss
    output valid
    used[n] = where(t[n] != 0, w[t[n]], 0)
    loss = sum[n](used[n]*(log(sum[c](exp(x[n,c]))) - x[n,t[n]]))/(sum[n](used[n]) + 1)
    valid = count[n](t[n] != 0)
    `,
    {
      sizes: [
        { N: 4, C: 3 },
        { N: 2, C: 1 },
      ],
      range: { w: [0.5, 2] },
      forward: ({ N, C }, { x, t, w }: Tensors<"x" | "t" | "w">) => {
        const used = list([N], (n) => (t.at(n) === 0 ? 0 : w.at(t.at(n))));
        return {
          loss: scalar(
            sum([N], (n) => used[n]! * (logSumExp(list([C], (c) => x.at(n, c))) - x.at(n, t.at(n)))) /
              (add(used) + 1),
          ),
          valid: scalar(list([N], (n) => t.at(n)).filter((u) => u !== 0).length),
        };
      },
    },
  );

  agrees(
    "log_sum_exp_two_ways",
    `
    input x[N, C]
    output direct[N]
    output shifted[N]
    output difference
    direct[n] = log(sum[c](exp(x[n,c])))
    top[n] = max[c](x[n,c])
    shifted[n] = top[n] + log(sum[c](exp(x[n,c] - top[n])))
    difference = sum[n]((direct[n] - shifted[n])^2)
    `,
    {
      sizes: [
        { N: 2, C: 3 },
        { N: 1, C: 1 },
      ],
      forward: ({ N, C }, { x }: Tensors<"x">) => {
        const direct = grid([N], (n) => logSumExp(list([C], (c) => x.at(n, c))));
        return { direct, shifted: direct, difference: scalar(0) };
      },
    },
  );

  agrees(
    "soft_margin_and_softmin",
    `
    param β = 2
    input x[N, C]
    output softmin[N, C]
    output smooth[N]
    softmin[n,c] = exp(-β*x[n,c])/sum[c'](exp(-β*x[n,c']))
    smooth[n] = sum[c](softmin[n,c]*x[n,c])
    `,
    {
      sizes: [
        { N: 2, C: 3, β: 2 },
        { N: 1, C: 1, β: -0.5 },
      ],
      forward: ({ N, C, β }, { x }: Tensors<"x">) => {
        const softmin = grid(
          [N, C],
          (n, c) => Math.exp(-β * x.at(n, c)) / sum([C], (k) => Math.exp(-β * x.at(n, k))),
        );
        return { softmin, smooth: grid([N], (n) => sum([C], (c) => softmin.at(n, c) * x.at(n, c))) };
      },
    },
  );

  agrees(
    "dice_and_naive_bayes",
    `
    # Soft dice over pixels, and a product of likelihoods.
    input p[N, H, W]
    data t[N, H, W]
    output dice[N]
    output likelihood[N]
    dice[n] = 1 - (2*sum[h,w](p[n,h,w]*t[n,h,w]) + 1)/(sum[h,w](p[n,h,w]) + sum[h,w](t[n,h,w]) + 1)
    likelihood[n] = prod[h,w](t[n,h,w]*p[n,h,w] + (1 - t[n,h,w])*(1 - p[n,h,w]))
    `,
    {
      sizes: [
        { N: 2, H: 2, W: 2 },
        { N: 1, H: 1, W: 1 },
      ],
      range: { p: [0.05, 0.95], t: [0, 1] },
      forward: ({ N, H, W }, { p, t }: Tensors<"p" | "t">) => ({
        dice: grid([N], (n) => {
          const both = sum([H, W], (h, w) => p.at(n, h, w) * t.at(n, h, w));
          return 1 - (2 * both + 1) / (sum([H, W], (h, w) => p.at(n, h, w) + t.at(n, h, w)) + 1);
        }),
        likelihood: grid([N], (n) =>
          product(
            [H, W],
            (h, w) => t.at(n, h, w) * p.at(n, h, w) + (1 - t.at(n, h, w)) * (1 - p.at(n, h, w)),
          ),
        ),
      }),
    },
  );

  agrees(
    "batch_hard_triplet",
    `
    # For each row the farthest of its own class and the nearest of the others, both by data.
    input x[N, D]
    index label[N] < 3
    output loss[N]
    dist[n,m] = sum[d]((x[n,d] - x[m,d])^2)
    near[n] = min[m](where(label[m] != label[n], dist[n,m], 1000))
    far[n] = max[m](where(label[m] == label[n] and m != n, dist[n,m], -1))
    loss[n] = softplus(far[n] - near[n])
    `,
    {
      sizes: [
        { N: 5, D: 2 },
        { N: 1, D: 1 },
      ],
      forward: ({ N, D }, { x, label }: Tensors<"x" | "label">) => ({
        loss: grid([N], (n) => {
          const dist = (m: number): number => sum([D], (d) => (x.at(n, d) - x.at(m, d)) ** 2);
          const same = (m: number): boolean => label.at(m) === label.at(n);
          const near = -max([N], (m) => -(same(m) ? 1000 : dist(m)));
          const far = max([N], (m) => (same(m) && m !== n ? dist(m) : -1));
          return Math.log1p(Math.exp(far - near));
        }),
      }),
    },
  );
});
