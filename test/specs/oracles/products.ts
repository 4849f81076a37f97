/** Linear layers and matrix products. */
import { bilinear } from "./bilinear.js";
import { each } from "./grid.js";

const dense = [
  { N: 1, C: 1, K: 1 },
  { N: 3, C: 4, K: 5 },
];
export const products = [
  bilinear({
    layer: "linear",
    cases: dense,
    x: ["x", ({ N, C }) => [N, C]],
    w: ["w", ({ C, K }) => [C, K]],
    z: ["z", ({ N, K }) => [N, K]],
    bias: 1,
    products: ({ N, C, K }, put) => each([N, C, K], (n, c, k) => put([n, k], [n, c], [c, k])),
  }),
  bilinear({
    layer: "linear_oi",
    cases: dense,
    x: ["x", ({ N, C }) => [N, C]],
    w: ["w", ({ C, K }) => [K, C]],
    z: ["y", ({ N, K }) => [N, K]],
    bias: 1,
    products: ({ N, C, K }, put) => each([N, C, K], (n, c, k) => put([n, k], [n, c], [k, c])),
  }),
  bilinear({
    layer: "linear_relu",
    cases: dense,
    x: ["x", ({ N, C }) => [N, C]],
    w: ["w", ({ C, K }) => [C, K]],
    z: ["y", ({ N, K }) => [N, K]],
    bias: 1,
    relu: true,
    products: ({ N, C, K }, put) => each([N, C, K], (n, c, k) => put([n, k], [n, c], [c, k])),
  }),
  bilinear({
    layer: "matmul",
    cases: [{ M: 3, K: 4, N: 5 }],
    x: ["x", ({ M, K }) => [M, K]],
    w: ["w", ({ K, N }) => [K, N]],
    z: ["y", ({ M, N }) => [M, N]],
    products: ({ M, K, N }, put) => each([M, K, N], (m, k, n) => put([m, n], [m, k], [k, n])),
  }),
  bilinear({
    layer: "bmm",
    cases: [{ N: 2, L: 3, C: 4, D: 5 }],
    x: ["x", ({ N, L, C }) => [N, L, C]],
    w: ["t", ({ N, C, D }) => [N, C, D]],
    z: ["y", ({ N, L, D }) => [N, L, D]],
    products: ({ N, L, C, D }, put) =>
      each([N, L, C, D], (n, l, c, d) => put([n, l, d], [n, l, c], [n, c, d])),
  }),
  bilinear({
    layer: "conv1d_pointwise",
    cases: [{ N: 2, C: 3, L: 5, K: 4 }],
    x: ["x", ({ N, C, L }) => [N, C, L]],
    w: ["w", ({ C, K }) => [K, C]],
    z: ["y", ({ N, K, L }) => [N, K, L]],
    bias: 1,
    products: ({ N, C, L, K }, put) => each([N, C, L, K], (n, c, l, k) => put([n, k, l], [n, c, l], [k, c])),
  }),
];
