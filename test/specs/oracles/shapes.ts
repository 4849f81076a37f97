/** Pooling, flattening and lookups: layers that move values about. */
import { places } from "./convolutions.js";
import { each, filled, grid } from "./grid.js";
import { oracle } from "./oracle.js";

const poolSizes = [
  { N: 1, C: 2, H: 6, W: 4, R: 2, S: 2, stride: 2, pad: 0, dilation: 1 },
  { N: 2, C: 1, H: 7, W: 5, R: 3, S: 2, stride: 1, pad: 1, dilation: 1 },
  { N: 1, C: 2, H: 7, W: 8, R: 2, S: 3, stride: 3, pad: 1, dilation: 2 },
  { N: 1, C: 1, H: 5, W: 5, R: 1, S: 1, stride: 2, pad: 0, dilation: 1 },
];
type PoolSizes = Readonly<(typeof poolSizes)[number]>;

/** The cells of the input under the window at (p, q). */
function cells(s: PoolSizes, p: number, q: number): [number, number][] {
  const found: [number, number][] = [];
  each([s.R, s.S], (r, t) => {
    const h = p * s.stride - s.pad + r * s.dilation;
    const w = q * s.stride - s.pad + t * s.dilation;
    if (h >= 0 && h < s.H && w >= 0 && w < s.W) found.push([h, w]);
  });
  return found;
}
const pooled = (s: PoolSizes): number[] => [
  s.N,
  s.C,
  places(s.H, s.R, s.stride, s.pad, s.dilation),
  places(s.W, s.S, s.stride, s.pad, s.dilation),
];

export const shapes = [
  oracle({
    layer: "max_pool2d",
    cases: poolSizes,
    given: ({ N, C, H, W }) => ({ x: [N, C, H, W] }),
    forward: (s, { x }) => ({
      y: filled(pooled(s), (n = 0, c = 0, p = 0, q = 0) =>
        Math.max(...cells(s, p, q).map(([h, w]) => x.get(n, c, h, w))),
      ),
    }),
    backward: (s, { x, dy }) => {
      const dx = grid(x.shape);
      each(pooled(s), (n, c, p, q) => {
        let best: [number, number] | undefined;
        for (const [h, w] of cells(s, p, q))
          if (!best || x.get(n, c, h, w) > x.get(n, c, ...best)) best = [h, w];
        if (best) dx.add(dy.get(n, c, p, q), n, c, ...best);
      });
      return { dx };
    },
  }),
  oracle({
    layer: "avg_pool2d",
    cases: [...poolSizes, { N: 1, C: 1, H: 3, W: 4, R: 2, S: 2, stride: 1, pad: 3, dilation: 1 }]
      .filter(({ dilation }) => dilation === 1)
      .map(({ dilation: _, ...sizes }) => sizes),
    given: ({ N, C, H, W }) => ({ x: [N, C, H, W] }),
    forward: (s, { x }) => ({
      y: filled(pooled({ ...s, dilation: 1 }), (n = 0, c = 0, p = 0, q = 0) => {
        const under = cells({ ...s, dilation: 1 }, p, q);
        const sum = under.reduce((t, [h, w]) => t + x.get(n, c, h, w), 0);
        return under.length === 0 ? 0 : sum / under.length;
      }),
    }),
    backward: (s, { x, dy }) => {
      const dx = grid(x.shape);
      each(pooled({ ...s, dilation: 1 }), (n, c, p, q) => {
        const under = cells({ ...s, dilation: 1 }, p, q);
        for (const [h, w] of under) dx.add(dy.get(n, c, p, q) / under.length, n, c, h, w);
      });
      return { dx };
    },
  }),
  oracle({
    layer: "global_max",
    cases: [
      { N: 2, C: 3, L: 5 },
      { N: 1, C: 1, L: 1 },
    ],
    given: ({ N, C, L }) => ({ x: [N, C, L] }),
    forward: ({ N, C, L }, { x }) => ({
      y: filled([N, C], (n = 0, c = 0) => Math.max(...x.data.slice((n * C + c) * L, (n * C + c + 1) * L))),
    }),
    backward: ({ N, C, L }, { x, dy }) => {
      const dx = grid(x.shape);
      each([N, C], (n, c) => {
        const row = x.data.slice((n * C + c) * L, (n * C + c + 1) * L);
        dx.set(dy.get(n, c), n, c, row.indexOf(Math.max(...row)));
      });
      return { dx };
    },
  }),
  oracle({
    layer: "flatten",
    cases: [{ N: 2, C: 3, H: 4, W: 2 }],
    given: ({ N, C, H, W }) => ({ x: [N, C, H, W] }),
    forward: ({ N, C, H, W }, { x }) => ({ y: grid([N, C * H * W], x.data.slice()) }),
    backward: (_, { x, dy }) => ({ dx: grid(x.shape, dy.data.slice()) }),
  }),
  oracle({
    layer: "embedding",
    cases: [
      { N: 2, L: 4, V: 5, D: 3 },
      { N: 3, L: 5, V: 2, D: 1 },
    ],
    given: ({ N, L, V, D }) => ({ t: [N, L], table: [V, D] }),
    below: ({ V }) => ({ t: V }),
    forward: ({ N, L, D }, { t, table }) => ({
      y: filled([N, L, D], (n = 0, l = 0, d = 0) => table.get(t.get(n, l), d)),
    }),
    backward: ({ N, L, D }, { t, table, dy }) => {
      const dtable = grid(table.shape);
      each([N, L, D], (n, l, d) => dtable.add(dy.get(n, l, d), t.get(n, l), d));
      return { dtable };
    },
  }),
];
