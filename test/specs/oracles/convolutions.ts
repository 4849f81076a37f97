/** Convolutions: the cases include strides, dilations with a common divisor, and pads beyond the kernel. */
import { bilinear } from "./bilinear.js";
import { each } from "./grid.js";

/** How many places a window has. */
export const places = (size: number, kernel: number, stride: number, pad: number, dilation: number): number =>
  Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;

/** With the channels given, which are swept row by row, and with enough of them for tiles. */
const fewAndMany = <S extends { readonly C: number; readonly K: number }>(
  cases: readonly S[],
): readonly S[] => cases.flatMap((sizes) => [sizes, { ...sizes, N: 1, C: 8, K: 9 }]);

interface Window {
  readonly stride: number;
  readonly pad: number;
  readonly dilation: number;
}
const windows: readonly Window[] = [
  { stride: 1, pad: 0, dilation: 1 },
  { stride: 2, pad: 1, dilation: 1 },
  { stride: 2, pad: 2, dilation: 2 },
  { stride: 4, pad: 1, dilation: 2 },
  { stride: 3, pad: 4, dilation: 1 },
  { stride: 2, pad: 3, dilation: 3 },
];
const places2d = (s: Record<"H" | "W" | "R" | "S" | keyof Window, number>): readonly [number, number] => [
  places(s.H, s.R, s.stride, s.pad, s.dilation),
  places(s.W, s.S, s.stride, s.pad, s.dilation),
];
const small = windows.map((window) => ({ N: 2, C: 2, H: 9, W: 8, K: 2, R: 3, S: 2, ...window }));

export const convolutions = [
  bilinear({
    layer: "conv2d_unit",
    cases: fewAndMany([{ N: 2, C: 2, H: 4, W: 5, K: 2, R: 3, S: 2 }]),
    x: ["x", ({ N, C, H, W }) => [N, C, H, W]],
    w: ["w", ({ K, C, R, S }) => [K, C, R, S]],
    z: ["z", ({ N, K, H, W, R, S }) => [N, K, H - R + 1, W - S + 1]],
    bias: 1,
    products: ({ N, C, H, W, K, R, S }, put) =>
      each([N, K, H - R + 1, W - S + 1, C, R, S], (n, k, p, q, c, r, s) =>
        put([n, k, p, q], [n, c, p + r, q + s], [k, c, r, s]),
      ),
  }),
  ...(["conv2d", "conv2d_relu"] as const).map((layer) =>
    bilinear({
      layer,
      cases: fewAndMany(small),
      x: ["x", ({ N, C, H, W }) => [N, C, H, W]],
      w: ["w", ({ K, C, R, S }) => [K, C, R, S]],
      z: [layer === "conv2d" ? "z" : "y", (s) => [s.N, s.K, ...places2d(s)]],
      bias: 1,
      relu: layer === "conv2d_relu",
      products: (s, put) =>
        each([s.N, s.K, ...places2d(s), s.C, s.R, s.S], (n, k, p, q, c, r, t) => {
          const h = p * s.stride - s.pad + r * s.dilation;
          const w = q * s.stride - s.pad + t * s.dilation;
          put([n, k, p, q], [n, c, h, w], [k, c, r, t]);
        }),
    }),
  ),
  bilinear({
    layer: "conv2d_nhwc",
    cases: windows.map(({ stride, pad, dilation }, i) => {
      const other = windows[(i + 1) % windows.length] ?? { stride: 1, pad: 0, dilation: 1 };
      return {
        ...{ N: 2, H: 9, W: 8, C: 2, K: 2, R: 3, S: 2 },
        ...{ stride_h: stride, pad_h: pad, dilation_h: dilation },
        ...{ stride_w: other.stride, pad_w: other.pad, dilation_w: other.dilation },
      };
    }),
    x: ["x", ({ N, H, W, C }) => [N, H, W, C]],
    w: ["w", ({ K, R, S, C }) => [K, R, S, C]],
    z: [
      "z",
      (s) => {
        const P = places(s.H, s.R, s.stride_h, s.pad_h, s.dilation_h);
        const Q = places(s.W, s.S, s.stride_w, s.pad_w, s.dilation_w);
        return [s.N, P, Q, s.K];
      },
    ],
    bias: 3,
    products: (s, put) => {
      const P = places(s.H, s.R, s.stride_h, s.pad_h, s.dilation_h);
      const Q = places(s.W, s.S, s.stride_w, s.pad_w, s.dilation_w);
      each([s.N, P, Q, s.K, s.R, s.S, s.C], (n, p, q, k, r, t, c) => {
        const h = p * s.stride_h - s.pad_h + r * s.dilation_h;
        const w = q * s.stride_w - s.pad_w + t * s.dilation_w;
        put([n, p, q, k], [n, h, w, c], [k, r, t, c]);
      });
    },
  }),
  bilinear({
    layer: "conv1d",
    cases: fewAndMany(windows.map((window) => ({ N: 2, C: 2, L: 9, K: 3, R: 3, ...window }))),
    x: ["x", ({ N, C, L }) => [N, C, L]],
    w: ["w", ({ K, C, R }) => [K, C, R]],
    z: ["z", (s) => [s.N, s.K, places(s.L, s.R, s.stride, s.pad, s.dilation)]],
    bias: 1,
    products: (s, put) =>
      each([s.N, s.K, places(s.L, s.R, s.stride, s.pad, s.dilation), s.C, s.R], (n, k, p, c, r) =>
        put([n, k, p], [n, c, p * s.stride - s.pad + r * s.dilation], [k, c, r]),
      ),
  }),
  bilinear({
    layer: "conv3d",
    cases: [
      ...windows.slice(0, 4).map((window) => {
        return { N: 1, C: 2, D: 4, H: 5, W: 6, K: 2, T: 2, R: 2, S: 3, ...window };
      }),
      { N: 1, C: 8, D: 3, H: 2, W: 3, K: 8, T: 2, R: 1, S: 2, stride: 2, pad: 1, dilation: 1 },
    ],
    x: ["x", ({ N, C, D, H, W }) => [N, C, D, H, W]],
    w: ["w", ({ K, C, T, R, S }) => [K, C, T, R, S]],
    z: ["z", (s) => [s.N, s.K, places(s.D, s.T, s.stride, s.pad, s.dilation), ...places2d(s)]],
    bias: 1,
    products: (s, put) => {
      const O = places(s.D, s.T, s.stride, s.pad, s.dilation);
      each([s.N, s.K, O, ...places2d(s), s.C, s.T, s.R, s.S], (n, k, o, p, q, c, a, b, e) => {
        const d = o * s.stride - s.pad + a * s.dilation;
        const h = p * s.stride - s.pad + b * s.dilation;
        const w = q * s.stride - s.pad + e * s.dilation;
        put([n, k, o, p, q], [n, c, d, h, w], [k, c, a, b, e]);
      });
    },
  }),
  bilinear({
    layer: "depthwise_conv2d",
    cases: small.map(({ K: _, ...sizes }) => sizes),
    x: ["x", ({ N, C, H, W }) => [N, C, H, W]],
    w: ["w", ({ C, R, S }) => [C, R, S]],
    z: ["z", (s) => [s.N, s.C, ...places2d(s)]],
    bias: 1,
    products: (s, put) =>
      each([s.N, s.C, ...places2d(s), s.R, s.S], (n, c, p, q, r, t) => {
        const h = p * s.stride - s.pad + r * s.dilation;
        const w = q * s.stride - s.pad + t * s.dilation;
        put([n, c, p, q], [n, c, h, w], [c, r, t]);
      }),
  }),
  bilinear({
    layer: "grouped_conv2d",
    cases: small.map((sizes) => ({ ...sizes, N: 1, G: 2 })),
    x: ["x", ({ N, G, C, H, W }) => [N, G * C, H, W]],
    w: ["w", ({ G, K, C, R, S }) => [G * K, C, R, S]],
    z: ["z", (s) => [s.N, s.G * s.K, ...places2d(s)]],
    bias: 1,
    products: (s, put) =>
      each([s.N, s.G * s.K, ...places2d(s), s.C, s.R, s.S], (n, k, p, q, c, r, t) => {
        const group = Math.floor(k / s.K);
        const h = p * s.stride - s.pad + r * s.dilation;
        const w = q * s.stride - s.pad + t * s.dilation;
        put([n, k, p, q], [n, group * s.C + c, h, w], [k, c, r, t]);
      }),
  }),
  // Each element of x is spread over the outputs under its kernel; what falls outside is cut off.
  bilinear({
    layer: "conv_transpose2d",
    cases: fewAndMany([
      { N: 2, C: 2, H: 3, W: 4, K: 3, R: 3, S: 2, stride: 1, pad: 0, dilation: 1, output_pad: 0 },
      { N: 1, C: 2, H: 4, W: 3, K: 2, R: 3, S: 3, stride: 2, pad: 1, dilation: 1, output_pad: 1 },
      { N: 1, C: 1, H: 3, W: 3, K: 2, R: 3, S: 2, stride: 2, pad: 1, dilation: 2, output_pad: 0 },
      { N: 1, C: 2, H: 3, W: 2, K: 1, R: 2, S: 2, stride: 4, pad: 0, dilation: 2, output_pad: 3 },
    ]),
    x: ["x", ({ N, C, H, W }) => [N, C, H, W]],
    w: ["w", ({ C, K, R, S }) => [C, K, R, S]],
    z: ["z", (s) => [s.N, s.K, ...spread(s)]],
    bias: 1,
    products: (s, put) => {
      const [P, Q] = spread(s);
      each([s.N, s.C, s.H, s.W, s.K, s.R, s.S], (n, c, h, w, k, r, t) => {
        const p = h * s.stride - s.pad + r * s.dilation;
        const q = w * s.stride - s.pad + t * s.dilation;
        if (p >= 0 && p < P && q >= 0 && q < Q) put([n, k, p, q], [n, c, h, w], [c, k, r, t]);
      });
    },
  }),
];
function spread(s: Record<"H" | "W" | "R" | "S" | "output_pad" | keyof Window, number>): [number, number] {
  const extent = (size: number, kernel: number): number =>
    (size - 1) * s.stride - 2 * s.pad + s.dilation * (kernel - 1) + s.output_pad + 1;
  return [extent(s.H, s.R), extent(s.W, s.S)];
}
