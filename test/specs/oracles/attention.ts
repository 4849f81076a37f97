/** Scaled dot product attention, plain and causal. */
import { each, filled, grid, total } from "./grid.js";
import type { Grid } from "./grid.js";
import { softmax, softmaxBackward } from "./losses.js";
import { oracle } from "./oracle.js";
import type { Oracle } from "./oracle.js";

/** softmax(q·kᵀ/√D), with -∞ for the scores that are masked. */
function weights(q: Grid, k: Grid, causal: boolean): Grid {
  const [N = 0, H = 0, L = 0, D = 0] = q.shape;
  const S = k.shape[2] ?? 0;
  return softmax(
    filled([N, H, L, S], (n = 0, h = 0, i = 0, j = 0) =>
      causal && j > i
        ? Number.NEGATIVE_INFINITY
        : total(D, (d) => q.get(n, h, i, d) * k.get(n, h, j, d)) / Math.sqrt(D),
    ),
  );
}

type Common = "N" | "H" | "L" | "D" | "C";
/** `keys` says how many positions are attended to. */
const attentionLike = <K extends string>(
  layer: string,
  cases: readonly Readonly<Record<K | Common, number>>[],
  keys: (sizes: Readonly<Record<K | Common, number>>) => number,
  causal: boolean,
): Oracle =>
  oracle<K | Common, "q" | "k" | "v", "y">({
    layer,
    cases,
    given: (sizes) => {
      const { N, H, L, D, C } = sizes;
      return { q: [N, H, L, D], k: [N, H, keys(sizes), D], v: [N, H, keys(sizes), C] };
    },
    forward: (sizes, { q, k, v }) => {
      const { N, H, L, C } = sizes;
      const S = keys(sizes);
      const a = weights(q, k, causal);
      return {
        y: filled([N, H, L, C], (n = 0, h = 0, i = 0, c = 0) =>
          total(S, (j) => a.get(n, h, i, j) * v.get(n, h, j, c)),
        ),
      };
    },
    backward: (sizes, { q, k, v, dy }) => {
      const { N, H, L, D, C } = sizes;
      const S = keys(sizes);
      const a = weights(q, k, causal);
      const da = filled([N, H, L, S], (n = 0, h = 0, i = 0, j = 0) =>
        total(C, (c) => dy.get(n, h, i, c) * v.get(n, h, j, c)),
      );
      const ds = softmaxBackward(a, da);
      const [dq, dk, dv] = [grid(q.shape), grid(k.shape), grid(v.shape)];
      each([N, H, L, S], (n, h, i, j) => {
        for (let d = 0; d < D; d++) {
          dq.add((ds.get(n, h, i, j) * k.get(n, h, j, d)) / Math.sqrt(D), n, h, i, d);
          dk.add((ds.get(n, h, i, j) * q.get(n, h, i, d)) / Math.sqrt(D), n, h, j, d);
        }
        for (let c = 0; c < C; c++) dv.add(a.get(n, h, i, j) * dy.get(n, h, i, c), n, h, j, c);
      });
      return { dq, dk, dv };
    },
  });

export const attention: readonly Oracle[] = [
  attentionLike(
    "attention",
    [
      { N: 2, H: 2, L: 3, S: 4, D: 3, C: 2 },
      { N: 1, H: 1, L: 2, S: 1, D: 1, C: 3 },
    ],
    ({ S }) => S,
    false,
  ),
  attentionLike(
    "causal_attention",
    [
      { N: 2, H: 2, L: 4, D: 3, C: 2 },
      { N: 1, H: 1, L: 1, D: 1, C: 1 },
    ],
    ({ L }) => L,
    true,
  ),
];
