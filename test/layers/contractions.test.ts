import { describe } from "vitest";
import { agrees, grid, list, max, scalar, sigmoid, sum, type Tensors } from "./support.js";

describe("contractions", () => {
  agrees(
    "bilinear_form",
    `
    input x[N, I]
    input y[N, J]
    weight a[K, I, J]
    weight b[K]
    output z[N, K]
    z[n,k] = sum[i,j](x[n,i]*a[k,i,j]*y[n,j]) + b[k]
    `,
    {
      sizes: [
        { N: 2, I: 2, J: 3, K: 2 },
        { N: 1, I: 1, J: 1, K: 1 },
      ],
      forward: ({ N, I, J, K }, { x, y, a, b }: Tensors<"x" | "y" | "a" | "b">) => ({
        z: grid([N, K], (n, k) => b.at(k) + sum([I, J], (i, j) => x.at(n, i) * a.at(k, i, j) * y.at(n, j))),
      }),
    },
  );

  agrees(
    "quadratic_form",
    `
    # The same tensor twice in one product, and a matrix on both sides.
    input x[N, I]
    weight a[I, I]
    output q[N]
    output cubed[I, I]
    q[n] = sum[i,j](x[n,i]*a[i,j]*x[n,j])
    cubed[i,j] = sum[k,l](a[i,k]*a[k,l]*a[l,j])
    `,
    {
      sizes: [
        { N: 2, I: 3 },
        { N: 1, I: 1 },
      ],
      forward: ({ N, I }, { x, a }: Tensors<"x" | "a">) => ({
        q: grid([N], (n) => sum([I, I], (i, j) => x.at(n, i) * a.at(i, j) * x.at(n, j))),
        cubed: grid([I, I], (i, j) => sum([I, I], (k, l) => a.at(i, k) * a.at(k, l) * a.at(l, j))),
      }),
    },
  );

  agrees(
    "three_operands",
    `
    # A CP decomposition put together, and its distance from t.
    weight a[I, R]
    weight b[J, R]
    weight c[K, R]
    input t[I, J, K]
    output z[I, J, K]
    output err
    z[i,j,k] = Σ[r](a[i,r]*b[j,r]*c[k,r])
    err = Σ[i,j,k]((t[i,j,k] - z[i,j,k])^2)
    `,
    {
      sizes: [
        { I: 2, J: 3, K: 2, R: 2 },
        { I: 1, J: 1, K: 2, R: 1 },
      ],
      forward: ({ I, J, K, R }, { a, b, c, t }: Tensors<"a" | "b" | "c" | "t">) => {
        const z = grid([I, J, K], (i, j, k) => sum([R], (r) => a.at(i, r) * b.at(j, r) * c.at(k, r)));
        return { z, err: scalar(sum([I, J, K], (i, j, k) => (t.at(i, j, k) - z.at(i, j, k)) ** 2)) };
      },
    },
  );

  agrees(
    "tucker",
    `
    weight core[P, Q]
    input a[I, P]
    input b[J, Q]
    output z[I, J]
    output norm
    z[i,j] = sum[p](a[i,p]*sum[q](core[p,q]*b[j,q]))
    norm = sqrt(sum[i,j](z[i,j]^2) + 1)
    `,
    {
      sizes: [
        { P: 2, Q: 3, I: 2, J: 2 },
        { P: 1, Q: 1, I: 1, J: 1 },
      ],
      forward: ({ P, Q, I, J }, { core, a, b }: Tensors<"core" | "a" | "b">) => {
        const z = grid([I, J], (i, j) => sum([P, Q], (p, q) => a.at(i, p) * core.at(p, q) * b.at(j, q)));
        return { z, norm: scalar(Math.sqrt(sum([I, J], (i, j) => z.at(i, j) ** 2) + 1)) };
      },
    },
  );

  agrees(
    "outer_products",
    `
    input x[N, I]
    input y[N, J]
    output outer[N, I, J]
    output flat[N, I*J]
    output gram[N, N]
    outer[n,i,j] = x[n,i]*y[n,j]
    flat[n, i*J + j] = x[n,i]*y[n,j]
    gram[n,m] = sum[i](x[n,i]*x[m,i])
    `,
    {
      sizes: [
        { N: 2, I: 2, J: 3 },
        { N: 1, I: 1, J: 1 },
      ],
      forward: ({ N, I, J }, { x, y }: Tensors<"x" | "y">) => ({
        outer: grid([N, I, J], (n, i, j) => x.at(n, i) * y.at(n, j)),
        flat: grid([N, I * J], (n, l) => x.at(n, Math.floor(l / J)) * y.at(n, l % J)),
        gram: grid([N, N], (n, m) => sum([I], (i) => x.at(n, i) * x.at(m, i))),
      }),
    },
  );

  agrees(
    "repeated_index",
    `
    # einsum("nii,ij->nj"), a batched trace, and the sum of a diagonal block.
    input x[N, I, I]
    weight w[I, J]
    output y[N, J]
    output tr[N]
    output upper
    y[n,j] = sum[i](x[n,i,i]*w[i,j])
    tr[n] = sum[i](x[n,i,i])
    upper = sum[n, i, i < j < I](x[n,i,j]*x[n,j,i])
    `,
    {
      sizes: [
        { N: 2, I: 3, J: 2 },
        { N: 1, I: 1, J: 1 },
      ],
      forward: ({ N, I, J }, { x, w }: Tensors<"x" | "w">) => ({
        y: grid([N, J], (n, j) => sum([I], (i) => x.at(n, i, i) * w.at(i, j))),
        tr: grid([N], (n) => sum([I], (i) => x.at(n, i, i))),
        upper: scalar(sum([N, I, I], (n, i, j) => (i < j ? x.at(n, i, j) * x.at(n, j, i) : 0))),
      }),
    },
  );

  agrees(
    "factorisation_machine",
    `
    # The pair terms, the long way and the short way.
    input x[N, D]
    weight v[D, K]
    output long[N]
    output short[N]
    long[n] = sum[i, j < i](x[n,i]*x[n,j]*sum[k](v[i,k]*v[j,k]))
    short[n] = 0.5*sum[k](sum[d](v[d,k]*x[n,d])^2 - sum[d](v[d,k]^2*x[n,d]^2))
    `,
    {
      sizes: [
        { N: 2, D: 3, K: 2 },
        { N: 1, D: 1, K: 1 },
      ],
      forward: ({ N, D, K }, { x, v }: Tensors<"x" | "v">) => {
        const pairs = grid([N], (n) =>
          sum([D, D, K], (i, j, k) => (j < i ? x.at(n, i) * x.at(n, j) * v.at(i, k) * v.at(j, k) : 0)),
        );
        return { long: pairs, short: pairs };
      },
    },
  );

  agrees(
    "mixture_of_experts",
    `
    # The two best experts by gate; the second by masking the first.
    input x[N, D]
    weight g[D, M]
    weight w[M, D, K]
    output y[N, K]
    s[n,m] = sum[d](x[n,d]*g[d,m])
    first[n] = argmax[m](s[n,m])
    second[n] = argmax[m](where(m == first[n], -inf, s[n,m]))
    p[n] = sigmoid(s[n,first[n]] - s[n,second[n]])
    y[n,k] = p[n]*sum[d](x[n,d]*w[first[n],d,k]) + (1 - p[n])*sum[d](x[n,d]*w[second[n],d,k])
    require M >= 2, "two experts at least"
    `,
    {
      sizes: [
        { N: 3, D: 2, M: 3, K: 2 },
        { N: 1, D: 1, M: 2, K: 1 },
      ],
      forward: ({ N, D, M, K }, { x, g, w }: Tensors<"x" | "g" | "w">) => ({
        y: grid([N, K], (n, k) => {
          const s = list([M], (m) => sum([D], (d) => x.at(n, d) * g.at(d, m)));
          const first = s.indexOf(max([M], (m) => s[m]!));
          const second = s.indexOf(max([M], (m) => (m === first ? -Infinity : s[m]!)));
          const p = sigmoid(s[first]! - s[second]!);
          const expert = (m: number): number => sum([D], (d) => x.at(n, d) * w.at(m, d, k));
          return p * expert(first) + (1 - p) * expert(second);
        }),
      }),
    },
  );

  agrees(
    "outputs_feed_outputs",
    `
    # Each output reads the one before.
    input x[N, C]
    weight w[C, C]
    output a[N, C]
    output b[N, C]
    output c[N]
    output total
    a[n,k] = tanh(sum[c](x[n,c]*w[c,k]))
    b[n,k] = a[n,k] + sum[c](a[n,c]*w[k,c])
    c[n] = sum[k](a[n,k]*b[n,k])
    total = mean[n](c[n]) - max[n,k](b[n,k])
    `,
    {
      sizes: [
        { N: 2, C: 3 },
        { N: 1, C: 1 },
      ],
      forward: ({ N, C }, { x, w }: Tensors<"x" | "w">) => {
        const a = grid([N, C], (n, k) => Math.tanh(sum([C], (c) => x.at(n, c) * w.at(c, k))));
        const b = grid([N, C], (n, k) => a.at(n, k) + sum([C], (c) => a.at(n, c) * w.at(k, c)));
        const c = grid([N], (n) => sum([C], (k) => a.at(n, k) * b.at(n, k)));
        const total = sum([N], (n) => c.at(n)) / N - max([N, C], (n, k) => b.at(n, k));
        return { a, b, c, total: scalar(total) };
      },
    },
  );

  agrees(
    "kalman_like",
    `
    # A 2 x 2 inverse by its formula, written with fixed subscripts.
    input m[N, 2, 2]
    input v[N, 2]
    output y[N, 2]
    output det[N]
    det[n] = m[n,0,0]*m[n,1,1] - m[n,0,1]*m[n,1,0] + 10
    y[n,i] = (where(i == 0, m[n,1,1], m[n,0,0])*v[n,i] - m[n, i, 1 - i]*v[n, 1 - i])/det[n]
    `,
    {
      sizes: [{ N: 3 }, { N: 1 }],
      forward: ({ N }, { m, v }: Tensors<"m" | "v">) => {
        const det = grid([N], (n) => m.at(n, 0, 0) * m.at(n, 1, 1) - m.at(n, 0, 1) * m.at(n, 1, 0) + 10);
        return {
          det,
          y: grid(
            [N, 2],
            (n, i) => (m.at(n, 1 - i, 1 - i) * v.at(n, i) - m.at(n, i, 1 - i) * v.at(n, 1 - i)) / det.at(n),
          ),
        };
      },
    },
  );
});
