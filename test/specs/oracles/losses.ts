/** Softmax and losses. */
import { filled, grid, scalar, total } from "./grid.js";
import type { Grid } from "./grid.js";
import { oracle } from "./oracle.js";

/** Softmax over the last axis. */
export function softmax(x: Grid): Grid {
  const width = x.shape.at(-1) ?? 1;
  const y = grid(x.shape);
  for (let start = 0; start < x.data.length; start += width) {
    const row = x.data.slice(start, start + width);
    const top = Math.max(...row);
    const sum = row.reduce((t, v) => t + Math.exp(v - top), 0);
    row.forEach((v, i) => (y.data[start + i] = Math.exp(v - top) / sum));
  }
  return y;
}
/** dx = y·(dy - ⟨dy, y⟩) row by row. */
export function softmaxBackward(y: Grid, dy: Grid): Grid {
  const width = y.shape.at(-1) ?? 1;
  return grid(
    y.shape,
    y.data.map((v, i) => {
      const start = i - (i % width);
      const along = total(width, (j) => (y.data[start + j] ?? 0) * (dy.data[start + j] ?? 0));
      return v * ((dy.data[i] ?? 0) - along);
    }),
  );
}

const rows = [
  { N: 3, C: 5 },
  { N: 2, C: 1 },
];
export const losses = [
  oracle({
    layer: "softmax",
    cases: rows,
    given: ({ N, C }) => ({ x: [N, C] }),
    forward: (_, { x }) => ({ y: softmax(x) }),
    backward: (_, { x, dy }) => ({ dx: softmaxBackward(softmax(x), dy) }),
  }),
  ...["cross_entropy", "softmax_cross_entropy"].map((layer) =>
    oracle({
      layer,
      cases: rows,
      given: ({ N, C }) => ({ x: [N, C], t: [N] }),
      below: ({ C }) => ({ t: C }),
      forward: ({ N }, { x, t }) => {
        const y = softmax(x);
        return { loss: scalar(-total(N, (n) => Math.log(y.get(n, t.get(n)))) / N) };
      },
      backward: ({ N, C }, { x, t, dloss }) => {
        const y = softmax(x);
        const hot = (n: number, c: number): number => (t.get(n) === c ? 1 : 0);
        return {
          dx: filled([N, C], (n = 0, c = 0) => ((y.get(n, c) - hot(n, c)) / N) * dloss.get()),
        };
      },
    }),
  ),
  oracle({
    layer: "mse_loss",
    cases: rows,
    given: ({ N, C }) => ({ x: [N, C], t: [N, C] }),
    forward: ({ N, C }, { x, t }) => ({
      loss: scalar(total(N * C, (i) => ((x.data[i] ?? 0) - (t.data[i] ?? 0)) ** 2) / (N * C)),
    }),
    backward: ({ N, C }, { x, t, dloss }) => ({
      dx: grid(
        x.shape,
        x.data.map((v, i) => (2 * (v - (t.data[i] ?? 0)) * dloss.get()) / (N * C)),
      ),
    }),
  }),
  oracle({
    layer: "bce_with_logits",
    cases: rows,
    given: ({ N, C }) => ({ x: [N, C], t: [N, C] }),
    forward: ({ N, C }, { x, t }) => ({
      loss: scalar(
        -total(N * C, (i) => {
          const [p, q] = [1 / (1 + Math.exp(-(x.data[i] ?? 0))), t.data[i] ?? 0];
          return q * Math.log(p) + (1 - q) * Math.log(1 - p);
        }) /
          (N * C),
      ),
    }),
    backward: ({ N, C }, { x, t, dloss }) => ({
      dx: grid(
        x.shape,
        x.data.map((v, i) => ((1 / (1 + Math.exp(-v)) - (t.data[i] ?? 0)) * dloss.get()) / (N * C)),
      ),
    }),
  }),
];
