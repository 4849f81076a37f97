/** Layers that read a map between its points. */
import { each, grid } from "./grid.js";
import type { Grid } from "./grid.js";
import { oracle } from "./oracle.js";
import type { Oracle } from "./oracle.js";

/** A term of an element of the result, and its derivatives by elements of what is given. */
type Put = (
  at: readonly number[],
  value: number,
  by: readonly (readonly [tensor: string, at: readonly number[], derivative: number])[],
) => void;
type Sizes<S extends string> = Readonly<Record<S, number>>;
type Tensors = Readonly<Record<string, Grid>>;

interface Sampled<S extends string> {
  readonly layer: string;
  readonly cases: readonly Sizes<S>[];
  readonly given: (sizes: Sizes<S>) => Readonly<Record<string, readonly number[]>>;
  readonly below?: (sizes: Sizes<S>) => Readonly<Record<string, number>>;
  readonly result: readonly [string, (sizes: Sizes<S>) => readonly number[]];
  /** Names every term. */
  readonly terms: (sizes: Sizes<S>, tensors: Tensors, put: Put) => void;
}
function sampled<S extends string>({ layer, cases, given, below, result, terms }: Sampled<S>): Oracle {
  const [name, shape] = result;
  return oracle<S, string, string>({
    ...{ layer, cases, given, ...(below && { below }) },
    forward: (sizes, tensors) => {
      const z = grid(shape(sizes));
      terms(sizes, tensors, (at, value) => z.add(value, ...at));
      return { [name]: z };
    },
    backward: (sizes, tensors) => {
      const indices = new Set(Object.keys(below?.(sizes) ?? {}));
      const gradients = Object.fromEntries(
        Object.entries(given(sizes)).flatMap(([t, s]) => (indices.has(t) ? [] : [[`d${t}`, grid(s)]])),
      );
      const dz = tensors[`d${name}`]!;
      terms(sizes, tensors, (at, _, by) => {
        for (const [t, place, derivative] of by)
          gradients[`d${t}`]?.add(dz.get(...at) * derivative, ...place);
      });
      return gradients;
    },
  });
}

/** A point next to a position with its weight, and that weight's derivatives by the position. */
interface Corner {
  readonly h: number;
  readonly w: number;
  readonly weight: number;
  readonly byU: number;
  readonly byV: number;
}
/** The four points around (u, v), as far as they are in the map. */
function corners(u: number, v: number, [H, W]: readonly [number, number]): readonly Corner[] {
  const [top, left] = [Math.floor(u), Math.floor(v)];
  const [down, right] = [u - top, v - left];
  const all: readonly Corner[] = [
    { h: top, w: left, weight: (1 - down) * (1 - right), byU: right - 1, byV: down - 1 },
    { h: top, w: left + 1, weight: (1 - down) * right, byU: -right, byV: 1 - down },
    { h: top + 1, w: left, weight: down * (1 - right), byU: 1 - right, byV: -down },
    { h: top + 1, w: left + 1, weight: down * right, byU: right, byV: down },
  ];
  return all.filter(({ h, w }) => h >= 0 && h < H && w >= 0 && w < W);
}
/** The position moved to the map's edge, and how it moves with what it was. */
const clamped = (u: number, extent: number): readonly [number, number] =>
  u < 0 ? [0, 0] : u > extent - 1 ? [extent - 1, 0] : [u, 1];

const gridSample = (layer: string, border: boolean): Oracle =>
  sampled<"N" | "C" | "H" | "W" | "P" | "Q">({
    layer,
    cases: [
      { N: 2, C: 3, H: 4, W: 5, P: 3, Q: 4 },
      { N: 1, C: 1, H: 1, W: 3, P: 2, Q: 1 },
    ],
    given: ({ N, C, H, W, P, Q }) => ({ x: [N, C, H, W], grid: [N, P, Q, 2] }),
    result: ["y", ({ N, C, P, Q }) => [N, C, P, Q]],
    terms: ({ N, C, H, W, P, Q }, tensors, put) =>
      each([N, C, P, Q], (n = 0, c = 0, p = 0, q = 0) => {
        const place = (axis: number, extent: number): readonly [number, number] => {
          const u = ((tensors["grid"]!.get(n, p, q, axis) + 1) * extent - 1) / 2;
          return border ? clamped(u, extent) : [u, 1];
        };
        const [[u, moveU], [v, moveV]] = [place(1, H), place(0, W)];
        for (const { h, w, weight, byU, byV } of corners(u, v, [H, W])) {
          const value = tensors["x"]!.get(n, c, h, w);
          put([n, c, p, q], value * weight, [
            ["x", [n, c, h, w], weight],
            ["grid", [n, p, q, 1], (value * byU * moveU * H) / 2],
            ["grid", [n, p, q, 0], (value * byV * moveV * W) / 2],
          ]);
        }
      }),
  });

const resize = sampled<"N" | "C" | "H" | "W" | "P" | "Q">({
  layer: "resize_bilinear",
  cases: [
    { N: 2, C: 1, H: 3, W: 5, P: 7, Q: 2 },
    { N: 1, C: 2, H: 1, W: 4, P: 3, Q: 4 },
  ],
  given: ({ N, C, H, W }) => ({ x: [N, C, H, W] }),
  result: ["y", ({ N, C, P, Q }) => [N, C, P, Q]],
  terms: ({ N, C, H, W, P, Q }, { x }, put) =>
    each([N, C, P, Q], (n = 0, c = 0, p = 0, q = 0) => {
      const place = (i: number, from: number, to: number): number =>
        clamped(((i + 0.5) * from) / to - 0.5, from)[0];
      for (const { h, w, weight } of corners(place(p, H, P), place(q, W, Q), [H, W]))
        put([n, c, p, q], weight * x!.get(n, c, h, w), [["x", [n, c, h, w], weight]]);
    }),
});

const roiAlign = sampled<"N" | "C" | "H" | "W" | "K" | "P" | "Q" | "S">({
  layer: "roi_align",
  cases: [
    { N: 2, C: 2, H: 4, W: 5, K: 3, P: 2, Q: 3, S: 2 },
    { N: 1, C: 1, H: 3, W: 2, K: 4, P: 1, Q: 2, S: 1 },
  ],
  given: ({ N, C, H, W, K }) => ({ x: [N, C, H, W], box: [K, 4], img: [K] }),
  below: ({ N }) => ({ img: N }),
  result: ["y", ({ C, K, P, Q }) => [K, C, P, Q]],
  terms: ({ C, H, W, K, P, Q, S }, { x, box, img }, put) =>
    each([K, C, P, Q, S, S], (k = 0, c = 0, p = 0, q = 0, a = 0, b = 0) => {
      const n = img!.get(k);
      /** The position along an axis, and how far along the box it is. */
      const place = (first: number, bin: number, bins: number, sample: number): readonly [number, number] => {
        const part = (bin + (sample + 0.5) / S) / bins;
        const [from, to] = [box!.get(k, first), box!.get(k, first + 2)];
        return [from - 0.5 + part * (to - from), part];
      };
      const [[u, down], [v, right]] = [place(1, p, P, a), place(0, q, Q, b)];
      if (u < -1 || u > H || v < -1 || v > W) return;
      const [[top, moveU], [left, moveV]] = [clamped(u, H), clamped(v, W)];
      for (const { h, w, weight, byU, byV } of corners(top, left, [H, W])) {
        const value = x!.get(n, c, h, w) / S ** 2;
        put([k, c, p, q], value * weight, [
          ["x", [n, c, h, w], weight / S ** 2],
          ["box", [k, 1], value * byU * moveU * (1 - down)],
          ["box", [k, 3], value * byU * moveU * down],
          ["box", [k, 0], value * byV * moveV * (1 - right)],
          ["box", [k, 2], value * byV * moveV * right],
        ]);
      }
    }),
});

type Deformable = "N" | "C" | "H" | "W" | "R" | "S" | "K" | "stride" | "pad" | "dilation";
const extents = ({ H, W, R, S, stride, pad, dilation }: Sizes<Deformable>): readonly [number, number] => [
  Math.floor((H + 2 * pad - dilation * (R - 1) - 1) / stride) + 1,
  Math.floor((W + 2 * pad - dilation * (S - 1) - 1) / stride) + 1,
];
const deformable = sampled<Deformable>({
  layer: "deformable_conv2d",
  cases: [
    { N: 2, C: 2, H: 4, W: 5, R: 2, S: 3, K: 3, stride: 1, pad: 1, dilation: 1 },
    { N: 1, C: 1, H: 7, W: 6, R: 2, S: 2, K: 2, stride: 2, pad: 0, dilation: 2 },
  ],
  given: (sizes) => {
    const { N, C, H, W, R, S, K } = sizes;
    const [P, Q] = extents(sizes);
    return { x: [N, C, H, W], offset: [N, R, S, 2, P, Q], m: [N, R, S, P, Q], w: [K, C, R, S], b: [K] };
  },
  result: ["z", (sizes) => [sizes.N, sizes.K, ...extents(sizes)]],
  terms: (sizes, { x, offset, m, w: kernel, b }, put) => {
    const { N, C, H, W, R, S, K, stride, pad, dilation } = sizes;
    const [P, Q] = extents(sizes);
    each([N, K, P, Q], (n = 0, k = 0, p = 0, q = 0) => {
      put([n, k, p, q], b!.get(k), [["b", [k], 1]]);
      each([C, R, S], (c = 0, r = 0, s = 0) => {
        const u = p * stride - pad + r * dilation + offset!.get(n, r, s, 0, p, q);
        const v = q * stride - pad + s * dilation + offset!.get(n, r, s, 1, p, q);
        const [scale, tap] = [m!.get(n, r, s, p, q), kernel!.get(k, c, r, s)];
        for (const { h, w, weight, byU, byV } of corners(u, v, [H, W])) {
          const value = x!.get(n, c, h, w);
          put([n, k, p, q], value * weight * scale * tap, [
            ["x", [n, c, h, w], weight * scale * tap],
            ["w", [k, c, r, s], value * weight * scale],
            ["m", [n, r, s, p, q], value * weight * tap],
            ["offset", [n, r, s, 0, p, q], value * byU * scale * tap],
            ["offset", [n, r, s, 1, p, q], value * byV * scale * tap],
          ]);
        }
      });
    });
  },
});

export const sampling: readonly Oracle[] = [
  gridSample("grid_sample", false),
  gridSample("grid_sample_border", true),
  resize,
  roiAlign,
  deformable,
];
