import { describe } from "vitest";
import { agrees, grid, mod, sum, type Tensors } from "./support.js";

describe("convolutions", () => {
  agrees(
    "grouped_conv3d",
    `
    param sd = 1
    param sh = 2
    param sw = 1
    param pad = 1
    param dil = 1
    input  x[N, G*C, D, H, W]
    weight w[G*K, C, T, R, S]
    weight b[G*K]
    output z[N, G*K, O, P, Q]
    O = floor((D + 2*pad - dil*(T - 1) - 1)/sd) + 1
    P = floor((H + 2*pad - dil*(R - 1) - 1)/sh) + 1
    Q = floor((W + 2*pad - dil*(S - 1) - 1)/sw) + 1
    z[n, g*K + k, o, p, q] = b[g*K + k] + sum[c,t,r,s](
      x[n, g*C + c, o*sd - pad + t*dil, p*sh - pad + r*dil, q*sw - pad + s*dil] * w[g*K + k, c, t, r, s])
    check N = 1, G = 2, C = 1, D = 3, H = 4, W = 3, K = 2, T = 2, R = 3, S = 1
    `,
    {
      sizes: [
        { N: 1, G: 2, C: 2, D: 3, H: 4, W: 3, K: 1, T: 2, R: 3, S: 1, sd: 1, sh: 2, sw: 1, pad: 1, dil: 1 },
        { N: 1, G: 2, C: 1, D: 4, H: 5, W: 4, K: 2, T: 2, R: 2, S: 2, sd: 3, sh: 2, sw: 1, pad: 0, dil: 2 },
        { N: 2, G: 1, C: 1, D: 1, H: 1, W: 1, K: 1, T: 1, R: 1, S: 1, sd: 1, sh: 4, sw: 2, pad: 3, dil: 1 },
        { N: 1, G: 3, C: 1, D: 2, H: 2, W: 3, K: 1, T: 2, R: 2, S: 2, sd: 2, sh: 4, sw: 3, pad: 4, dil: 2 },
      ],
      forward: (
        { N, G, C, D, H, W, K, T, R, S, sd, sh, sw, pad, dil },
        { x, w, b }: Tensors<"x" | "w" | "b">,
      ) => {
        const extent = (L: number, F: number, stride: number): number =>
          Math.floor((L + 2 * pad - dil * (F - 1) - 1) / stride) + 1;
        return {
          z: grid(
            [N, G * K, extent(D, T, sd), extent(H, R, sh), extent(W, S, sw)],
            (n, k, o, p, q) =>
              b.at(k) +
              sum(
                [C, T, R, S],
                (c, t, r, s) =>
                  x.or(
                    0,
                    n,
                    Math.floor(k / K) * C + c,
                    o * sd - pad + t * dil,
                    p * sh - pad + r * dil,
                    q * sw - pad + s * dil,
                  ) * w.at(k, c, t, r, s),
              ),
          ),
        };
      },
    },
  );

  agrees(
    "separable_conv",
    `
    param stride = 2
    input x[N, C, H, W]
    weight depth[C, M, R, S]
    weight point[K, C*M]
    output z[N, K, P, Q]
    P = ceil(H/stride)
    Q = ceil(W/stride)
    # "same" padding: half the window on either side
    h[n, c*M + m, p, q] = sum[r,s](x[n, c, p*stride + r - floor((R-1)/2), q*stride + s - floor((S-1)/2)] * depth[c,m,r,s])
    z[n,k,p,q] = sum[c](h[n,c,p,q] * point[k,c])
    local h[N, C*M, P, Q]
    `,
    {
      sizes: [
        { N: 1, C: 2, M: 2, K: 2, H: 4, W: 5, R: 3, S: 2, stride: 2 },
        { N: 2, C: 1, M: 3, K: 1, H: 1, W: 3, R: 4, S: 5, stride: 1 },
        { N: 1, C: 1, M: 1, K: 2, H: 7, W: 2, R: 2, S: 1, stride: 3 },
      ],
      forward: (
        { N, C, M, K, H, W, R, S, stride },
        { x, depth, point }: Tensors<"x" | "depth" | "point">,
      ) => {
        const P = Math.ceil(H / stride);
        const Q = Math.ceil(W / stride);
        const h = grid([N, C * M, P, Q], (n, c, p, q) =>
          sum(
            [R, S],
            (r, s) =>
              x.or(
                0,
                n,
                Math.floor(c / M),
                p * stride + r - Math.floor((R - 1) / 2),
                q * stride + s - Math.floor((S - 1) / 2),
              ) * depth.at(Math.floor(c / M), c % M, r, s),
          ),
        );
        return {
          z: grid([N, K, P, Q], (n, k, p, q) => sum([C * M], (c) => h.at(n, c, p, q) * point.at(k, c))),
        };
      },
    },
  );

  agrees(
    "transposed_by_equality",
    `
    param sh = 2
    param sw = 3
    param pad = 0
    input x[N, C, P, Q]
    weight w[C, K, R, S]
    output y[N, K, H, W]
    H = (P - 1)*sh + R - 2*pad
    W = (Q - 1)*sw + S - 2*pad
    y[n,k,i,j] = sum[c,p,q,r,s](where(p*sh + r - pad == i and q*sw + s - pad == j, x[n,c,p,q]*w[c,k,r,s], 0))
    `,
    {
      sizes: [
        { N: 1, C: 2, K: 2, P: 2, Q: 3, R: 3, S: 2, sh: 2, sw: 3, pad: 0 },
        { N: 1, C: 1, K: 1, P: 3, Q: 2, R: 2, S: 4, sh: 1, sw: 2, pad: 1 },
        { N: 2, C: 1, K: 1, P: 1, Q: 1, R: 1, S: 1, sh: 5, sw: 1, pad: 0 },
        { N: 1, C: 1, K: 2, P: 3, Q: 3, R: 5, S: 4, sh: 2, sw: 3, pad: 2 },
      ],
      forward: ({ N, C, K, P, Q, R, S, sh, sw, pad }, { x, w }: Tensors<"x" | "w">) => {
        const y = grid([N, K, (P - 1) * sh + R - 2 * pad, (Q - 1) * sw + S - 2 * pad], () => 0);
        for (let n = 0; n < N; n++)
          for (let k = 0; k < K; k++)
            sum([C, P, Q, R, S], (c, p, q, r, s) => {
              const at = [n, k, p * sh + r - pad, q * sw + s - pad];
              if (y.has(...at)) y.add(x.at(n, c, p, q) * w.at(c, k, r, s), ...at);
              return 0;
            });
        return { y };
      },
    },
  );

  agrees(
    "dilated_transposed_1d",
    `
    param stride = 2
    param dil = 2
    param pad = 1
    input x[N, C, L]
    weight w[C, K, R]
    output y[N, K, (L - 1)*stride + dil*(R - 1) + 1 - 2*pad]
    y[n,k,i] = sum[c,r]( x[n, c, (i + pad - dil*r)/stride] * w[c,k,r] )
    `,
    {
      sizes: [
        { N: 1, C: 2, K: 1, L: 4, R: 3, stride: 2, dil: 2, pad: 1 },
        { N: 1, C: 1, K: 2, L: 3, R: 2, stride: 4, dil: 6, pad: 2 },
        { N: 1, C: 1, K: 1, L: 3, R: 3, stride: 6, dil: 4, pad: 0 },
        { N: 1, C: 1, K: 1, L: 1, R: 2, stride: 3, dil: 2, pad: 0 },
        { N: 2, C: 1, K: 1, L: 5, R: 1, stride: 1, dil: 1, pad: 2 },
      ],
      forward: ({ N, C, K, L, R, stride, dil, pad }, { x, w }: Tensors<"x" | "w">) => ({
        y: grid([N, K, (L - 1) * stride + dil * (R - 1) + 1 - 2 * pad], (n, k, i) =>
          sum([C, R], (c, r) => x.or(0, n, c, (i + pad - dil * r) / stride) * w.at(c, k, r)),
        ),
      }),
    },
  );

  agrees(
    "unfold1d",
    `
    param stride = 1
    param dil = 1
    input x[N, C, L]
    output cols[N, C*R, P]
    param R = 3
    P = floor((L - dil*(R-1) - 1)/stride) + 1
    cols[n, c*R + r, p] = x[n, c, p*stride + r*dil]
    `,
    {
      sizes: [
        { N: 2, C: 2, L: 7, R: 3, stride: 2, dil: 1 },
        { N: 1, C: 1, L: 7, R: 2, stride: 3, dil: 4 },
        { N: 1, C: 3, L: 1, R: 1, stride: 5, dil: 2 },
      ],
      forward: ({ N, C, L, R, stride, dil }, { x }: Tensors<"x">) => ({
        cols: grid([N, C * R, Math.floor((L - dil * (R - 1) - 1) / stride) + 1], (n, cr, p) =>
          x.at(n, Math.floor(cr / R), p * stride + (cr % R) * dil),
        ),
      }),
    },
  );

  agrees(
    "im2col",
    `
    # im2col with zero padding, then a matrix product.
    param pad = 1
    input x[N, C, H, W]
    weight w[K, C*R*S]
    param R = 3
    param S = 3
    output z[N, K, P*Q]
    P = H + 2*pad - R + 1
    Q = W + 2*pad - S + 1
    local a[N, C*R*S, P*Q]
    a[n, (c*R + r)*S + s, p*Q + q] = pad(x[n, c, p + r - pad, q + s - pad], 0)
    z[n, k, l] = sum[m](a[n,m,l] * w[k,m])
    variant im2col_1x1: R = 1, S = 1, pad = 0
    `,
    {
      sizes: [
        { N: 1, C: 2, H: 3, W: 4, K: 2, R: 3, S: 2, pad: 1 },
        { N: 2, C: 1, H: 1, W: 1, K: 1, R: 1, S: 3, pad: 2 },
        { N: 1, C: 1, H: 4, W: 3, K: 1, R: 2, S: 3, pad: 0 },
      ],
      forward: ({ N, C, H, W, K, R, S, pad }, { x, w }: Tensors<"x" | "w">) => {
        const P = H + 2 * pad - R + 1;
        const Q = W + 2 * pad - S + 1;
        return {
          z: grid([N, K, P * Q], (n, k, l) =>
            sum(
              [C, R, S],
              (c, r, s) =>
                x.or(0, n, c, Math.floor(l / Q) + r - pad, (l % Q) + s - pad) * w.at(k, (c * R + r) * S + s),
            ),
          ),
        };
      },
    },
  );

  agrees(
    "circular_conv",
    `
    # circular convolution
    input  x[N, L]
    weight w[R]
    output z[N, L]
    z[n,i] = sum[r](x[n, mod(i - r, L)] * w[r])
    `,
    {
      sizes: [
        { N: 2, L: 5, R: 3 },
        { N: 1, L: 3, R: 7 },
        { N: 1, L: 1, R: 2 },
        { N: 3, L: 4, R: 1 },
      ],
      forward: ({ N, L, R }, { x, w }: Tensors<"x" | "w">) => ({
        z: grid([N, L], (n, i) => sum([R], (r) => x.at(n, mod(i - r, L)) * w.at(r))),
      }),
    },
  );

  agrees(
    "rotated_kernel",
    `
    # True convolution: the kernel is turned round first, by the left-hand side.
    input x[H, W]
    weight w[R, S]
    output turned[R, S]
    output z
    turned[R - 1 - r, S - 1 - s] = w[r, s]
    z[p,q] = sum[r,s](x[p + r, q + s] * turned[r,s])
    `,
    {
      sizes: [
        { H: 4, W: 5, R: 2, S: 3 },
        { H: 3, W: 3, R: 3, S: 1 },
        { H: 1, W: 1, R: 1, S: 1 },
      ],
      forward: ({ H, W, R, S }, { x, w }: Tensors<"x" | "w">) => ({
        turned: grid([R, S], (r, s) => w.at(R - 1 - r, S - 1 - s)),
        z: grid([H - R + 1, W - S + 1], (p, q) =>
          sum([R, S], (r, s) => x.at(p + r, q + s) * w.at(R - 1 - r, S - 1 - s)),
        ),
      }),
    },
  );

  agrees(
    "locally_connected",
    `
    # A convolution whose weights are not shared.
    param stride = 2
    input x[N, C, L]
    weight w[P, K, C, R]
    output z[N, K, P]
    require (P - 1)*stride + R <= L, "too many places"
    z[n,k,p] = sum[c,r](x[n, c, p*stride + r]*w[p,k,c,r])
    `,
    {
      sizes: [
        { N: 2, C: 2, L: 7, P: 3, K: 1, R: 2, stride: 2 },
        { N: 1, C: 1, L: 9, P: 2, K: 2, R: 1, stride: 5 },
        { N: 1, C: 1, L: 1, P: 1, K: 1, R: 1, stride: 2 },
      ],
      forward: ({ N, C, P, K, R, stride }, { x, w }: Tensors<"x" | "w">) => ({
        z: grid([N, K, P], (n, k, p) => sum([C, R], (c, r) => x.at(n, c, p * stride + r) * w.at(p, k, c, r))),
      }),
    },
  );

  agrees(
    "strided_deconv_and_conv",
    `
    # An hourglass: down by a strided convolution, up by its transpose with the same weights.
    param stride = 3
    input x[L]
    weight w[R]
    output y[L]
    P = floor((L - 1)/stride) + 1
    local h[P]
    h[p] = tanh(sum[r](x[p*stride + r - 1]*w[r]))
    y[i] = sum[p, r](where(p*stride + r - 1 == i, h[p]*w[r], 0))
    `,
    {
      sizes: [
        { L: 8, R: 3, stride: 3 },
        { L: 5, R: 2, stride: 4 },
        { L: 4, R: 5, stride: 2 },
        { L: 1, R: 1, stride: 1 },
      ],
      forward: ({ L, R, stride }, { x, w }: Tensors<"x" | "w">) => {
        const P = Math.floor((L - 1) / stride) + 1;
        const h = grid([P], (p) => Math.tanh(sum([R], (r) => x.or(0, p * stride + r - 1) * w.at(r))));
        return {
          y: grid([L], (i) => sum([P, R], (p, r) => (p * stride + r - 1 === i ? h.at(p) * w.at(r) : 0))),
        };
      },
    },
  );
});
