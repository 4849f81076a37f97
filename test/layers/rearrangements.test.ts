import { describe } from "vitest";
import { agrees, grid, mod, scalar, sum, type Tensors } from "./support.js";

describe("rearrangements", () => {
  agrees(
    "pixel_shuffle",
    `
    param r = 2
    input x[N, C*r*r, H, W]
    output y[N, C, H*r, W*r]
    y[n, c, h*r + i, w*r + j] = x[n, (c*r + i)*r + j, h, w]
    `,
    {
      sizes: [
        { N: 1, C: 2, H: 2, W: 3, r: 2 },
        { N: 2, C: 1, H: 1, W: 1, r: 3 },
        { N: 1, C: 1, H: 2, W: 1, r: 1 },
      ],
      forward: ({ N, C, H, W, r }, { x }: Tensors<"x">) => ({
        y: grid([N, C, H * r, W * r], (n, c, p, q) =>
          x.at(n, (c * r + (p % r)) * r + (q % r), Math.floor(p / r), Math.floor(q / r)),
        ),
      }),
    },
  );

  agrees(
    "pixel_shuffle_gather",
    `
    # The same, by floor and mod.
    param r = 2
    input x[N, C*r^2, H, W]
    output y[N, C, H*r, W*r]
    y[n,c,p,q] = x[n, c*r^2 + mod(p, r)*r + mod(q, r), floor(p/r), floor(q/r)]
    `,
    {
      sizes: [
        { N: 1, C: 2, H: 2, W: 3, r: 2 },
        { N: 2, C: 1, H: 1, W: 1, r: 3 },
        { N: 1, C: 1, H: 2, W: 1, r: 1 },
      ],
      forward: ({ N, C, H, W, r }, { x }: Tensors<"x">) => ({
        y: grid([N, C, H * r, W * r], (n, c, p, q) =>
          x.at(n, (c * r + (p % r)) * r + (q % r), Math.floor(p / r), Math.floor(q / r)),
        ),
      }),
    },
  );

  agrees(
    "pixel_unshuffle",
    `
    param r = 2
    input x[N, C, H*r, W*r]
    output y[N, C*r*r, H, W]
    y[n, (c*r + i)*r + j, h, w] = x[n, c, h*r + i, w*r + j]
    `,
    {
      sizes: [
        { N: 1, C: 2, H: 2, W: 3, r: 2 },
        { N: 2, C: 1, H: 1, W: 1, r: 3 },
      ],
      forward: ({ N, C, H, W, r }, { x }: Tensors<"x">) => ({
        y: grid([N, C * r * r, H, W], (n, c, h, w) =>
          x.at(n, Math.floor(c / (r * r)), h * r + (Math.floor(c / r) % r), w * r + (c % r)),
        ),
      }),
    },
  );

  agrees(
    "nearest_upsample",
    `
    # Nearest-neighbour resizing from H to P by floor(p*H/P).
    input x[N, C, H, W]
    data like[P, Q]
    output y[N, C, P, Q]
    y[n,c,p,q] = x[n, c, floor(p*H/P), floor(q*W/Q)] + 0*like[p,q]
    `,
    {
      sizes: [
        { N: 1, C: 2, H: 2, W: 3, P: 5, Q: 4 },
        { N: 1, C: 1, H: 5, W: 4, P: 2, Q: 3 },
        { N: 1, C: 1, H: 1, W: 1, P: 3, Q: 1 },
      ],
      forward: ({ N, C, H, W, P, Q }, { x }: Tensors<"x" | "like">) => ({
        y: grid([N, C, P, Q], (n, c, p, q) => x.at(n, c, Math.floor((p * H) / P), Math.floor((q * W) / Q))),
      }),
    },
  );

  agrees(
    "upsample_then_pool",
    `
    input x[N, H, W]
    output y[N, 2*H, 3*W]
    output back[N, H, W]
    y[n,p,q] = x[n, floor(p/2), floor(q/3)]
    back[n,h,w] = mean[i < 2, j < 3](y[n, 2*h + i, 3*w + j]^2)
    `,
    {
      sizes: [
        { N: 1, H: 2, W: 2 },
        { N: 2, H: 1, W: 1 },
      ],
      forward: ({ N, H, W }, { x }: Tensors<"x">) => ({
        y: grid([N, 2 * H, 3 * W], (n, p, q) => x.at(n, Math.floor(p / 2), Math.floor(q / 3))),
        back: grid([N, H, W], (n, h, w) => x.at(n, h, w) ** 2),
      }),
    },
  );

  agrees(
    "space_to_depth",
    `
    param block = 2
    input x[N, H, W, C]
    output y[N, P, Q, block*block*C]
    P = H/block
    Q = W/block
    y[n, p, q, d] = x[n, p*block + floor(d/(block*C)), q*block + mod(floor(d/C), block), mod(d, C)]
    `,
    {
      sizes: [
        { N: 1, H: 4, W: 2, C: 3, block: 2 },
        { N: 2, H: 3, W: 3, C: 1, block: 3 },
        { N: 1, H: 2, W: 1, C: 2, block: 1 },
      ],
      forward: ({ N, H, W, C, block }, { x }: Tensors<"x">) => ({
        y: grid([N, H / block, W / block, block * block * C], (n, p, q, d) =>
          x.at(n, p * block + Math.floor(d / (block * C)), q * block + (Math.floor(d / C) % block), d % C),
        ),
      }),
    },
  );

  agrees(
    "circular_shift",
    `
    # numpy's roll, by any amount.
    param by = 1
    input x[N, L]
    output y[N, L]
    y[n,i] = x[n, mod(i - by, L)]
    `,
    {
      sizes: [
        { N: 2, L: 5, by: 2 },
        { N: 1, L: 4, by: -7 },
        { N: 1, L: 1, by: 3 },
        { N: 1, L: 3, by: 0 },
      ],
      forward: ({ N, L, by }, { x }: Tensors<"x">) => ({
        y: grid([N, L], (n, i) => x.at(n, mod(i - by, L))),
      }),
    },
  );

  agrees(
    "channel_shuffle",
    `
    input x[N, G*K, L]
    output y[N, K*G, L]
    y[n, k*G + g, l] = x[n, g*K + k, l]
    `,
    {
      sizes: [
        { N: 1, G: 2, K: 3, L: 2 },
        { N: 2, G: 1, K: 2, L: 1 },
        { N: 1, G: 4, K: 1, L: 1 },
      ],
      forward: ({ N, G, K, L }, { x }: Tensors<"x">) => ({
        y: grid([N, K * G, L], (n, c, l) => x.at(n, (c % G) * K + Math.floor(c / G), l)),
      }),
    },
  );

  agrees(
    "trace_and_diagonal",
    `
    input x[I, I]
    output trace
    output diagonal[I]
    output anti[I]
    output symmetric[I, I]
    trace = sum[i](x[i,i])
    diagonal[i] = x[i,i]
    anti[i] = x[i, I - 1 - i]
    symmetric[i,j] = (x[i,j] + x[j,i])/2
    `,
    {
      sizes: [{ I: 3 }, { I: 1 }, { I: 4 }],
      forward: ({ I }, { x }: Tensors<"x">) => ({
        trace: scalar(sum([I], (i) => x.at(i, i))),
        diagonal: grid([I], (i) => x.at(i, i)),
        anti: grid([I], (i) => x.at(i, I - 1 - i)),
        symmetric: grid([I, I], (i, j) => (x.at(i, j) + x.at(j, i)) / 2),
      }),
    },
  );

  agrees(
    "toeplitz",
    `
    # The banded matrix of a filter, and its product with x.
    input x[L]
    weight w[2*R + 1]
    output t[L, L]
    output y[L]
    t[i,j] = where(abs(i - j) <= R, w[i - j + R], 0)
    y[i] = sum[j](t[i,j]*x[j])
    `,
    {
      sizes: [
        { L: 5, R: 1 },
        { L: 2, R: 3 },
        { L: 1, R: 1 },
      ],
      forward: ({ L, R }, { x, w }: Tensors<"x" | "w">) => {
        const t = grid([L, L], (i, j) => w.or(0, i - j + R));
        return { t, y: grid([L], (i) => sum([L], (j) => t.at(i, j) * x.at(j))) };
      },
    },
  );

  agrees(
    "reflect_pad",
    `
    param pad = 1
    input x[N, L]
    output y[N, L + 2*pad]
    require pad < L, "more padding than there is to reflect"
    y[n,i] = where(i < pad, x[n, pad - i], where(i < L + pad, x[n, i - pad], x[n, 2*L + pad - 2 - i]))
    `,
    {
      sizes: [
        { N: 1, L: 4, pad: 2 },
        { N: 2, L: 2, pad: 1 },
        { N: 1, L: 1, pad: 0 },
      ],
      forward: ({ N, L, pad }, { x }: Tensors<"x">) => ({
        y: grid([N, L + 2 * pad], (n, i) => {
          const at = i - pad;
          return x.at(n, at < 0 ? -at : at >= L ? 2 * L - 2 - at : at);
        }),
      }),
    },
  );

  agrees(
    "interleave",
    `
    # Two sequences into one, and every third of it.
    input a[L]
    input b[L]
    output y[2*L]
    output third[T]
    T = ceil(2*L/3)
    y[i] = where(mod(i, 2) == 0, a[floor(i/2)], b[floor(i/2)])
    third[k] = y[3*k]
    `,
    {
      sizes: [{ L: 4 }, { L: 1 }, { L: 3 }],
      forward: ({ L }, { a, b }: Tensors<"a" | "b">) => {
        const y = grid([2 * L], (i) => (i % 2 === 0 ? a : b).at(Math.floor(i / 2)));
        return { y, third: grid([Math.ceil((2 * L) / 3)], (k) => y.at(3 * k)) };
      },
    },
  );

  agrees(
    "haar_wavelet",
    `
    # One level: averages and differences, and a broadcast table of both.
    h = 1/sqrt(2)
    input x[N, 2*M]
    output low[N, M]
    output high[N, M]
    output both[N, 2, M]
    low[n,m] = h*(x[n,2*m] + x[n,2*m + 1])
    high[n,m] = h*(x[n,2*m] - x[n,2*m + 1])
    both[n,i,m] = where(i == 0, low[n,m], high[n,m])
    `,
    {
      sizes: [
        { N: 2, M: 3 },
        { N: 1, M: 1 },
      ],
      forward: ({ N, M }, { x }: Tensors<"x">) => {
        const haar = (sign: number): ((n: number, m: number) => number) => {
          return (n, m) => (x.at(n, 2 * m) + sign * x.at(n, 2 * m + 1)) / Math.SQRT2;
        };
        const [low, high] = [grid([N, M], haar(1)), grid([N, M], haar(-1))];
        return { low, high, both: grid([N, 2, M], (n, i, m) => (i === 0 ? low : high).at(n, m)) };
      },
    },
  );
});
