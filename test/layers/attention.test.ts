import { describe } from "vitest";
import { add, agrees, grid, list, sum, type Tensors } from "./support.js";

const softmax = (scores: readonly number[]): number[] => {
  const e = scores.map(Math.exp);
  return e.map((u) => u / add(e));
};

const φ = (u: number): number => (u > 0 ? u + 1 : Math.exp(u));

describe("attention", () => {
  agrees(
    "multi_query",
    `
    # Many query heads, one key and value head.
    input q[B, H, L, D]
    input k[B, S, D]
    input v[B, S, D]
    output o[B, L, H*D]
    s[b,h,i,j] = sum[d](q[b,h,i,d]*k[b,j,d]) / sqrt(D)
    u[b,h,i,j] = exp(s[b,h,i,j] - stop(max[j'](s[b,h,i,j'])))
    o[b, i, h*D + d] = sum[j](u[b,h,i,j]*v[b,j,d]) / sum[j](u[b,h,i,j])
    `,
    {
      sizes: [
        { B: 1, H: 2, L: 2, S: 3, D: 2 },
        { B: 2, H: 1, L: 1, S: 1, D: 1 },
      ],
      forward: ({ B, H, L, S, D }, { q, k, v }: Tensors<"q" | "k" | "v">) => ({
        o: grid([B, L, H * D], (b, i, hd) => {
          const h = Math.floor(hd / D);
          const a = softmax(
            list([S], (j) => sum([D], (d) => q.at(b, h, i, d) * k.at(b, j, d)) / Math.sqrt(D)),
          );
          return add(a.map((u, j) => u * v.at(b, j, hd % D)));
        }),
      }),
    },
  );

  agrees(
    "grouped_query",
    `
    # G groups of M query heads share a key and value head.
    input q[B, L, G*M, D]
    input k[B, S, G, D]
    input v[B, S, G, D]
    output o[B, L, G*M, D]
    s[b,i,h,j] = sum[d](q[b,i,h,d]*k[b,j,floor(h/M),d]) / sqrt(D)
    a[b,i,h,j] = exp(s[b,i,h,j])/sum[j'](exp(s[b,i,h,j']))
    o[b,i,h,d] = sum[j](a[b,i,h,j]*v[b,j,floor(h/M),d])
    `,
    {
      sizes: [
        { B: 1, L: 2, G: 2, M: 2, D: 2, S: 2 },
        { B: 1, L: 1, G: 1, M: 3, D: 1, S: 3 },
        { B: 1, L: 1, G: 3, M: 1, D: 1, S: 2 },
      ],
      forward: ({ B, L, G, M, D, S }, { q, k, v }: Tensors<"q" | "k" | "v">) => ({
        o: grid([B, L, G * M, D], (b, i, h, d) => {
          const g = Math.floor(h / M);
          const a = softmax(
            list([S], (j) => sum([D], (c) => q.at(b, i, h, c) * k.at(b, j, g, c)) / Math.sqrt(D)),
          );
          return add(a.map((u, j) => u * v.at(b, j, g, d)));
        }),
      }),
    },
  );

  agrees(
    "relative_position_bias",
    `
    # A learned bias for each clipped distance (as in T5), by head.
    param far = 2
    input s[H, L, L]
    weight bias[H, 2*far + 1]
    output a[H, L, L]
    z[h,i,j] = s[h,i,j] + where(j - i < -far, bias[h, 0], where(j - i > far, bias[h, 2*far], bias[h, j - i + far]))
    u[h,i,j] = exp(z[h,i,j])
    a[h,i,j] = u[h,i,j]/sum[j'](u[h,i,j'])
    `,
    {
      sizes: [
        { H: 2, L: 4, far: 2 },
        { H: 1, L: 3, far: 1 },
        { H: 1, L: 1, far: 0 },
      ],
      forward: ({ H, L, far }, { s, bias }: Tensors<"s" | "bias">) => ({
        a: grid([H, L, L], (h, i, j) => {
          const z = list([L], (k) => s.at(h, i, k) + bias.at(h, Math.min(Math.max(k - i, -far), far) + far));
          return softmax(z)[j]!;
        }),
      }),
    },
  );

  agrees(
    "relative_position_table",
    `
    # Shaw et al.: a vector for each distance j - i.
    input q[L, D]
    input k[L, D]
    weight r[2*L - 1, D]
    output s[L, L]
    s[i,j] = sum[d](q[i,d]*(k[j,d] + r[j - i + L - 1, d])) * D^(-0.5)
    `,
    {
      sizes: [
        { L: 3, D: 2 },
        { L: 1, D: 1 },
      ],
      forward: ({ L, D }, { q, k, r }: Tensors<"q" | "k" | "r">) => ({
        s: grid(
          [L, L],
          (i, j) => sum([D], (d) => q.at(i, d) * (k.at(j, d) + r.at(j - i + L - 1, d))) / Math.sqrt(D),
        ),
      }),
    },
  );

  agrees(
    "alibi",
    `
    # Attention with linear biases: head h has the slope 2^(-8(h+1)/H); the future is masked.
    input q[H, L, D]
    input k[H, L, D]
    input v[H, L, D]
    output y[H, L, D]
    s[h,i,j] = where(j <= i, sum[d](q[h,i,d]*k[h,j,d])/sqrt(D) - 2^(-8*(h + 1)/H)*(i - j), -inf)
    m[h,i] = stop(max[j](s[h,i,j]))
    u[h,i,j] = exp(s[h,i,j] - m[h,i])
    y[h,i,d] = sum[j](u[h,i,j]*v[h,j,d])/sum[j](u[h,i,j])
    `,
    {
      sizes: [
        { H: 2, L: 3, D: 2 },
        { H: 1, L: 1, D: 1 },
      ],
      forward: ({ H, L, D }, { q, k, v }: Tensors<"q" | "k" | "v">) => ({
        y: grid([H, L, D], (h, i, d) => {
          const slope = 2 ** ((-8 * (h + 1)) / H);
          const a = softmax(
            list(
              [i + 1],
              (j) => sum([D], (c) => q.at(h, i, c) * k.at(h, j, c)) / Math.sqrt(D) - slope * (i - j),
            ),
          );
          return add(a.map((u, j) => u * v.at(h, j, d)));
        }),
      }),
    },
  );

  agrees(
    "local_window",
    `
    # Each place attends to R neighbours on either side; those outside do not take part.
    param R = 1
    input q[L, D]
    input k[L, D]
    input v[L, D]
    output y[L, D]
    # u[i, r] is the weight of i + r - R, 0 where that is outside
    u[i, r] = where(i + r >= R and i + r - R < L, exp(sum[d](q[i,d]*k[i + r - R,d])), 0)
    local u[L, 2*R + 1]
    y[i,d] = sum[r](u[i,r]*v[i + r - R,d])/sum[r](u[i,r])
    `,
    {
      sizes: [
        { L: 4, D: 2, R: 1 },
        { L: 2, D: 1, R: 3 },
        { L: 1, D: 1, R: 0 },
      ],
      forward: ({ L, D, R }, { q, k, v }: Tensors<"q" | "k" | "v">) => ({
        y: grid([L, D], (i, d) => {
          const near = list([L], (j) => j).filter((j) => Math.abs(i - j) <= R);
          const a = softmax(near.map((j) => sum([D], (c) => q.at(i, c) * k.at(j, c))));
          return add(near.map((j, at) => a[at]! * v.at(j, d)));
        }),
      }),
    },
  );

  agrees(
    "linear_attention",
    `
    elu1(u) = max(u, 0) + exp(min(u, 0))
    input q[N, L, D]
    input k[N, S, D]
    input v[N, S, C]
    output y[N, L, C]
    kv[n,d,c] = sum[s](elu1(k[n,s,d])*v[n,s,c])
    y[n,l,c] = sum[d](elu1(q[n,l,d])*kv[n,d,c]) / sum[d](elu1(q[n,l,d])*sum[s](elu1(k[n,s,d])))
    `,
    {
      sizes: [
        { N: 1, L: 2, S: 3, D: 2, C: 2 },
        { N: 2, L: 1, S: 1, D: 1, C: 1 },
      ],
      forward: ({ N, L, S, D, C }, { q, k, v }: Tensors<"q" | "k" | "v">) => {
        return {
          y: grid([N, L, C], (n, l, c) => {
            const a = list([S], (s) => sum([D], (d) => φ(q.at(n, l, d)) * φ(k.at(n, s, d))));
            return add(a.map((u, s) => u * v.at(n, s, c))) / add(a);
          }),
        };
      },
    },
  );

  agrees(
    "additive_attention",
    `
    # Bahdanau: u·tanh(Wq + Vk), and a data mask.
    input q[L, D]
    input k[S, D]
    data mask[L, S]
    weight w[D, E]
    weight v[D, E]
    weight u[E]
    output c[L, D]
    s[i,j] = sum[e'](u[e']*tanh(sum[d](q[i,d]*w[d,e']) + sum[d](k[j,d]*v[d,e']))) + mask[i,j]
    c[i,d] = sum[j](exp(s[i,j])*k[j,d])/sum[j](exp(s[i,j]))
    `,
    {
      sizes: [
        { L: 2, S: 3, D: 2, E: 2 },
        { L: 1, S: 1, D: 1, E: 1 },
      ],
      forward: ({ L, S, D, E }, { q, k, mask, w, v, u }: Tensors<"q" | "k" | "mask" | "w" | "v" | "u">) => ({
        c: grid([L, D], (i, d) => {
          const a = softmax(
            list(
              [S],
              (j) =>
                mask.at(i, j) +
                sum(
                  [E],
                  (e) =>
                    u.at(e) * Math.tanh(sum([D], (c) => q.at(i, c) * w.at(c, e) + k.at(j, c) * v.at(c, e))),
                ),
            ),
          );
          return add(a.map((weight, j) => weight * k.at(j, d)));
        }),
      }),
    },
  );
});
