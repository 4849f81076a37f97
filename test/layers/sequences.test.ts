import { describe } from "vitest";
import { add, agrees, grid, list, mean, product, sum, type Tensors } from "./support.js";

const φ = (u: number): number => (u > 0 ? u + 1 : Math.exp(u));

describe("sequences", () => {
  agrees(
    "cumulative_sum_and_product",
    `
    input x[N, L]
    output s[N, L]
    output p[N, L]
    output suffix[N, L]
    s[n,i] = sum[j <= i](x[n,j])
    p[n,i] = prod[j <= i](x[n,j])
    suffix[n,i] = sum[i <= j < L](x[n,j]*(j - i))
    `,
    {
      sizes: [
        { N: 2, L: 5 },
        { N: 1, L: 1 },
      ],
      forward: ({ N, L }, { x }: Tensors<"x">) => ({
        s: grid([N, L], (n, i) => sum([i + 1], (j) => x.at(n, j))),
        p: grid([N, L], (n, i) => product([i + 1], (j) => x.at(n, j))),
        suffix: grid([N, L], (n, i) => sum([L - i], (d) => x.at(n, i + d) * d)),
      }),
    },
  );

  agrees(
    "pairwise_products",
    `
    # The second elementary symmetric polynomial, and the third.
    input x[N, L]
    output e2[N]
    output e3[N]
    e2[n] = sum[i, j < i](x[n,i]*x[n,j])
    e3[n] = sum[i, j < i, k < j](x[n,i]*x[n,j]*x[n,k])
    `,
    {
      sizes: [
        { N: 2, L: 4 },
        { N: 1, L: 2 },
        { N: 1, L: 1 },
      ],
      forward: ({ N, L }, { x }: Tensors<"x">) => ({
        e2: grid([N], (n) => sum([L, L], (i, j) => (j < i ? x.at(n, i) * x.at(n, j) : 0))),
        e3: grid([N], (n) =>
          sum([L, L, L], (i, j, k) => (k < j && j < i ? x.at(n, i) * x.at(n, j) * x.at(n, k) : 0)),
        ),
      }),
    },
  );

  agrees(
    "exponential_average",
    `
    # An exponentially weighted mean with a learned rate, written without recursion.
    input x[N, L]
    input h[N]
    weight rate
    output y[N, L]
    a = sigmoid(rate)
    y[n,i] = a^(i + 1)*h[n] + (1 - a)*sum[j <= i](a^(i - j)*x[n,j])
    `,
    {
      sizes: [
        { N: 2, L: 4 },
        { N: 1, L: 1 },
      ],
      forward: ({ N, L }, { x, h, rate }: Tensors<"x" | "h" | "rate">) => {
        const a = 1 / (1 + Math.exp(-rate.at()));
        return {
          y: grid([N, L], (n, i) => {
            let y = h.at(n);
            for (let j = 0; j <= i; j++) y = a * y + (1 - a) * x.at(n, j);
            return y;
          }),
        };
      },
    },
  );

  agrees(
    "triangular_attention",
    `
    # Positions see those before them, and themselves; the mean where nothing is to be seen.
    input q[L, D]
    input k[L, D]
    input v[L, D]
    output y[L, D]
    s[i,j] = sum[d](q[i,d]*k[j,d])/sqrt(D)
    m[i] = stop(max[j <= i](s[i,j]))
    y[i,d] = sum[j <= i](exp(s[i,j] - m[i])*v[j,d])/sum[j <= i](exp(s[i,j] - m[i]))
    `,
    {
      sizes: [
        { L: 4, D: 2 },
        { L: 1, D: 3 },
      ],
      forward: ({ L, D }, { q, k, v }: Tensors<"q" | "k" | "v">) => ({
        y: grid([L, D], (i, d) => {
          const e = list([i + 1], (j) => Math.exp(sum([D], (c) => q.at(i, c) * k.at(j, c)) / Math.sqrt(D)));
          return add(e.map((u, j) => u * v.at(j, d))) / add(e);
        }),
      }),
    },
  );

  agrees(
    "causal_linear_attention",
    `
    φ(u) = where(u > 0, u + 1, exp(u))
    input q[N, L, D]
    input k[N, L, D]
    input v[N, L, C]
    output y[N, L, C]
    state[n,i,d,c] = sum[j <= i](φ(k[n,j,d])*v[n,j,c])
    z[n,i] = sum[d](φ(q[n,i,d])*sum[j <= i](φ(k[n,j,d])))
    y[n,i,c] = sum[d](φ(q[n,i,d])*state[n,i,d,c])/z[n,i]
    `,
    {
      sizes: [
        { N: 1, L: 3, D: 2, C: 2 },
        { N: 2, L: 1, D: 1, C: 1 },
      ],
      forward: ({ N, L, D, C }, { q, k, v }: Tensors<"q" | "k" | "v">) => {
        const a = (n: number, i: number, j: number): number =>
          sum([D], (d) => φ(q.at(n, i, d)) * φ(k.at(n, j, d)));
        return {
          y: grid(
            [N, L, C],
            (n, i, c) => sum([i + 1], (j) => a(n, i, j) * v.at(n, j, c)) / sum([i + 1], (j) => a(n, i, j)),
          ),
        };
      },
    },
  );

  agrees(
    "running_variance",
    `
    # Mean and deviation of the last R values, fewer at the start.
    param R = 3
    param eps = 1e-3
    input x[N, L]
    output z[N, L]
    local μ[N, L]
    μ[n,i] = mean[r < R](x[n, i - r])
    σ[n,i] = sqrt(mean[r < R]((x[n, i - r] - μ[n,i])^2) + eps)
    z[n,i] = (x[n,i] - μ[n,i])/σ[n,i]
    `,
    {
      sizes: [
        { N: 1, L: 5, R: 3, eps: 1e-3 },
        { N: 2, L: 2, R: 4, eps: 0.1 },
        { N: 1, L: 1, R: 1, eps: 0.5 },
      ],
      forward: ({ N, L, R, eps }, { x }: Tensors<"x">) => ({
        z: grid([N, L], (n, i) => {
          const seen = list([R], (r) => x.or(NaN, n, i - r)).filter((u) => !Number.isNaN(u));
          const μ = mean(seen);
          return (x.at(n, i) - μ) / Math.sqrt(mean(seen.map((u) => (u - μ) ** 2)) + eps);
        }),
      }),
    },
  );

  agrees(
    "finite_difference_stencils",
    `
    # First and second differences; their extents follow from what they read.
    input x[N]
    output d1
    output d2
    output energy
    d1[i] = x[i + 1] - x[i]
    d2[i] = x[i + 2] - 2*x[i + 1] + x[i]
    energy = sum[i](d1[i]^2) + mean[j](d2[j]^4)
    require N >= 3, "too short"
    `,
    {
      sizes: [{ N: 5 }, { N: 3 }],
      forward: ({ N }, { x }: Tensors<"x">) => {
        const d1 = grid([N - 1], (i) => x.at(i + 1) - x.at(i));
        const d2 = grid([N - 2], (i) => x.at(i + 2) - 2 * x.at(i + 1) + x.at(i));
        const energy = grid(
          [],
          () => sum([N - 1], (i) => d1.at(i) ** 2) + mean([...d2.data].map((u) => u ** 4)),
        );
        return { d1, d2, energy };
      },
    },
  );

  agrees(
    "rotary_embedding",
    `
    param base = 10000.5
    input x[N, L, 2*H]
    output y[N, L, 2*H]
    θ(p, i) = p / base^(2*i/(2*H))
    y[n,p,i] = where(i < H,
        x[n,p,i]*cos(θ(p, i)) - pad(x[n,p,i + H], 0)*sin(θ(p, i)),
        x[n,p,i]*cos(θ(p, i - H)) + pad(x[n,p,i - H], 0)*sin(θ(p, i - H)))
    `,
    {
      sizes: [
        { N: 1, L: 3, H: 2, base: 10 },
        { N: 2, L: 1, H: 1, base: 3.5 },
      ],
      forward: ({ N, L, H, base }, { x }: Tensors<"x">) => ({
        y: grid([N, L, 2 * H], (n, p, i) => {
          const h = i % H;
          const θ = p / base ** (h / H);
          return i < H
            ? x.at(n, p, h) * Math.cos(θ) - x.at(n, p, h + H) * Math.sin(θ)
            : x.at(n, p, h + H) * Math.cos(θ) + x.at(n, p, h) * Math.sin(θ);
        }),
      }),
    },
  );

  agrees(
    "rotary_pairs",
    `
    # Neighbouring pairs rotated; left-hand sides 2*i are not all of the axis, so one statement with mod.
    input x[L, D]
    output y[L, D]
    require mod(D, 2) == 0, "D must be even"
    ω(i) = 100^(-2*floor(i/2)/D)
    y[p,i] = x[p,i]*cos(p*ω(i)) + (2*mod(i, 2) - 1)*x[p, i + 1 - 2*mod(i, 2)]*sin(p*ω(i))
    `,
    {
      sizes: [
        { L: 3, D: 4 },
        { L: 1, D: 2 },
      ],
      forward: ({ L, D }, { x }: Tensors<"x">) => ({
        y: grid([L, D], (p, i) => {
          const even = i - (i % 2);
          const θ = p * 100 ** (-even / D);
          return i % 2 === 0
            ? x.at(p, i) * Math.cos(θ) - x.at(p, i + 1) * Math.sin(θ)
            : x.at(p, i) * Math.cos(θ) + x.at(p, i - 1) * Math.sin(θ);
        }),
      }),
    },
  );

  agrees(
    "fourier_transform",
    `
    input x[N, L]
    output re[N, L]
    output im[N, L]
    output power[N, F]
    F = floor(L/2) + 1
    re[n,f] = sum[t](x[n,t]*cos(2*pi*f*t/L))
    im[n,f] = -sum[t](x[n,t]*sin(2*pi*f*t/L))
    power[n,f] = re[n,f]^2 + im[n,f]^2
    `,
    {
      sizes: [
        { N: 1, L: 5 },
        { N: 2, L: 1 },
        { N: 1, L: 4 },
      ],
      forward: ({ N, L }, { x }: Tensors<"x">) => {
        const re = grid([N, L], (n, f) => sum([L], (t) => x.at(n, t) * Math.cos((2 * Math.PI * f * t) / L)));
        const im = grid([N, L], (n, f) => -sum([L], (t) => x.at(n, t) * Math.sin((2 * Math.PI * f * t) / L)));
        const power = grid([N, Math.floor(L / 2) + 1], (n, f) => re.at(n, f) ** 2 + im.at(n, f) ** 2);
        return { re, im, power };
      },
    },
  );

  agrees(
    "lower_triangular_solve_step",
    `
    # y = (x masked to its lower triangle) times its transpose.
    input x[I, I]
    output y[I, I]
    y[i,j] = sum[k <= min(i, j)](x[i,k]*x[j,k])
    `,
    {
      sizes: [{ I: 4 }, { I: 1 }],
      forward: ({ I }, { x }: Tensors<"x">) => ({
        y: grid([I, I], (i, j) => sum([Math.min(i, j) + 1], (k) => x.at(i, k) * x.at(j, k))),
      }),
    },
  );
});
