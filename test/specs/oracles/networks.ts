/** Networks: the hand-written layers one after the other, and backwards in the opposite order. */
import { each, grid, volume } from "./grid.js";
import type { Grid } from "./grid.js";
import { oracle } from "./oracle.js";
import type { Oracle } from "./oracle.js";

type Sizes = Readonly<Record<string, number>>;
type Tensors = Readonly<Record<string, Grid>>;

/** What a network may do with its tensors. Each records how gradients go back. */
interface Recorder {
  /** The first output of a layer. */
  call(layer: string, sizes: Sizes, tensors: Tensors): Grid;
  /** The same elements, the last axes and those before them counted anew. */
  reshape(x: Grid, shape: readonly number[]): Grid;
  /** The element of x that stands at each place of a tensor of this shape. */
  permute(x: Grid, shape: readonly number[], from: (...at: number[]) => readonly number[]): Grid;
  add(a: Grid, b: Grid): Grid;
  multiply(a: Grid, b: Grid): Grid;
}

function record(single: readonly Oracle[]): Recorder & { readonly back: (z: Grid, dz: Grid) => Gradients } {
  const layers = new Map(single.map((o) => [o.layer, o]));
  const trail: ((gradients: Gradients) => void)[] = [];
  const done = (z: Grid, back: (dz: Grid, gradients: Gradients) => void): Grid => {
    trail.push((gradients) => back(gradients.of(z), gradients));
    return z;
  };
  return {
    call(layer, sizes, tensors) {
      const found = layers.get(layer);
      if (!found) throw new Error(`no oracle of ${layer}`);
      const [[name, z] = []] = Object.entries(found.forward(sizes, tensors));
      if (!z) throw new Error(`${layer} has no output`);
      return done(z, (dz, gradients) => {
        for (const [key, d] of Object.entries(found.backward(sizes, { ...tensors, [`d${name}`]: dz })))
          gradients.add(tensors[key.slice(1)]!, d.data);
      });
    },
    reshape: (x, shape) => done(grid(shape, x.data.slice()), (dz, gradients) => gradients.add(x, dz.data)),
    permute(x, shape, from) {
      const z = grid(shape);
      each(shape, (...at) => z.set(x.get(...from(...at)), ...at));
      return done(z, (dz, gradients) =>
        each(shape, (...at) => gradients.of(x).add(dz.get(...at), ...from(...at))),
      );
    },
    add: (a, b) =>
      done(
        grid(
          a.shape,
          a.data.map((v, i) => v + b.data[i]!),
        ),
        (dz, gradients) => {
          gradients.add(a, dz.data);
          gradients.add(b, dz.data);
        },
      ),
    multiply: (a, b) =>
      done(
        grid(
          a.shape,
          a.data.map((v, i) => v * b.data[i]!),
        ),
        (dz, gradients) => {
          gradients.add(
            a,
            dz.data.map((d, i) => d * b.data[i]!),
          );
          gradients.add(
            b,
            dz.data.map((d, i) => d * a.data[i]!),
          );
        },
      ),
    back(z, dz) {
      const gradients = new Gradients();
      gradients.add(z, dz.data);
      for (const step of trail.toReversed()) step(gradients);
      return gradients;
    },
  };
}
/** The gradients of tensors, zero where nothing was added. */
class Gradients {
  private readonly found = new Map<Grid, Grid>();
  of(x: Grid): Grid {
    const known = this.found.get(x) ?? grid(x.shape);
    this.found.set(x, known);
    return known;
  }
  add(x: Grid, dx: Float64Array): void {
    const { data } = this.of(x);
    dx.forEach((d, i) => (data[i]! += d));
  }
}

interface Network {
  readonly layer: string;
  readonly cases: readonly Sizes[];
  readonly given: (sizes: Sizes) => Readonly<Record<string, readonly number[]>>;
  readonly y: (sizes: Sizes, tensors: Tensors, recorder: Recorder) => Grid;
}
const network = (single: readonly Oracle[], { layer, cases, given, y }: Network): Oracle =>
  oracle<string, string, "y">({
    ...{ layer, cases, given },
    forward: (sizes, tensors) => ({ y: y(sizes, tensors, record(single)) }),
    backward: (sizes, { dy, ...tensors }) => {
      const recorder = record(single);
      const gradients = recorder.back(y(sizes, tensors, recorder), dy!);
      return Object.fromEntries(
        Object.keys(tensors).map((name) => [`d${name}`, gradients.of(tensors[name]!)]),
      );
    },
  });

const rows = ({ shape }: Grid): number => volume(shape.slice(0, -1));
/** x·w over the last axis, with a bias where there is one. */
function linear(r: Recorder, x: Grid, w: Grid, b?: Grid): Grid {
  const [C = 0, K = 0] = w.shape;
  const flat = r.reshape(x, [rows(x), C]);
  const z = b
    ? r.call("linear", { N: rows(x), C, K }, { x: flat, w, b })
    : r.call("matmul", { M: rows(x), K: C, N: K }, { x: flat, w });
  return r.reshape(z, [...x.shape.slice(0, -1), K]);
}
const pointwise = (r: Recorder, layer: string, x: Grid): Grid =>
  r.reshape(r.call(layer, { N: volume(x.shape) }, { x: r.reshape(x, [volume(x.shape)]) }), x.shape);
const norm = (r: Recorder, layer: string, eps: number, x: Grid, weights: Tensors): Grid => {
  const [N, D] = [rows(x), x.shape.at(-1)!];
  return r.reshape(r.call(layer, { N, D, eps }, { x: r.reshape(x, [N, D]), ...weights }), x.shape);
};
/** w[h,e,d] as the D x HE matrix of a linear layer. */
const flatHeads = (r: Recorder, w: Grid): Grid => {
  const [H = 0, E = 0, D = 0] = w.shape;
  return r.permute(w, [D, H * E], (d = 0, k = 0) => [Math.floor(k / E), k % E, d]);
};
/** Attention of H heads on u, each with its own projections, summed by wo. */
function heads(r: Recorder, layer: string, u: Grid, t: Tensors): Grid {
  const [N = 0, L = 0] = u.shape;
  const [H = 0, E = 0, D = 0] = t["wq"]!.shape;
  const part = (w: string, b: string): Grid => {
    const bias = t[b] && r.reshape(t[b], [H * E]);
    const flat = linear(r, u, flatHeads(r, t[w]!), bias);
    return r.permute(flat, [N, H, L, E], (n = 0, h = 0, l = 0, e = 0) => [n, l, h * E + e]);
  };
  const given = { q: part("wq", "bq"), k: part("wk", "bk"), v: part("wv", "bv") };
  const a = r.call(layer, { N, H, L, S: L, D: E, C: E }, given);
  const joined = r.permute(a, [N, L, H * E], (n = 0, l = 0, k = 0) => [n, Math.floor(k / E), l, k % E]);
  const wo = r.permute(t["wo"]!, [H * E, D], (k = 0, d = 0) => [d, Math.floor(k / E), k % E]);
  return linear(r, joined, wo, t["bo"]);
}
const mlp = (r: Recorder, x: Grid, t: Tensors): Grid =>
  linear(r, pointwise(r, "gelu", linear(r, x, t["w1"]!, t["b1"])), t["w2"]!, t["b2"]);
const swiglu = (r: Recorder, x: Grid, t: Tensors): Grid => {
  const gate = pointwise(r, "silu", linear(r, x, t["wg"]!));
  return linear(r, r.multiply(gate, linear(r, x, t["wu"]!)), t["wd"]!);
};
const blocks: readonly Sizes[] = [
  { N: 2, L: 3, D: 4, H: 2, E: 3, M: 5, eps: 1e-5 },
  { N: 1, L: 1, D: 3, H: 1, E: 2, M: 1, eps: 0.1 },
];

export const networks = (single: readonly Oracle[]): readonly Oracle[] =>
  definitions.map((n) => network(single, n));
const definitions: readonly Network[] = [
  {
    layer: "mlp",
    cases: [
      { N: 3, C: 4, M: 5, K: 2 },
      { N: 1, C: 1, M: 2, K: 3 },
    ],
    given: ({ N = 0, C = 0, M = 0, K = 0 }) => ({ x: [N, C], w1: [C, M], b1: [M], w2: [M, K], b2: [K] }),
    y: (_, t, r) => mlp(r, t["x"]!, t),
  },
  {
    layer: "swiglu",
    cases: [
      { N: 3, D: 4, M: 5 },
      { N: 1, D: 2, M: 1 },
    ],
    given: ({ N = 0, D = 0, M = 0 }) => ({ x: [N, D], wg: [D, M], wu: [D, M], wd: [M, D] }),
    y: (_, t, r) => swiglu(r, t["x"]!, t),
  },
  {
    layer: "resnet_block",
    cases: [
      { N: 2, C: 2, H: 3, W: 4, eps: 1e-5 },
      { N: 1, C: 3, H: 1, W: 2, eps: 0.1 },
    ],
    given: ({ N = 0, C = 0, H = 0, W = 0 }) => ({
      ...{ x: [N, C, H, W], w1: [C, C, 3, 3], g1: [C], b1: [C] },
      ...{ w2: [C, C, 3, 3], g2: [C], b2: [C] },
    }),
    y: ({ N = 0, C = 0, H = 0, W = 0, eps = 0 }, t, r) => {
      const b = grid([C]);
      const conv = { N, C, H, W, K: C, R: 3, S: 3, stride: 1, pad: 1, dilation: 1 };
      const part = (x: Grid, i: number): Grid =>
        r.call(
          "batch_norm2d",
          { N, C, H, W, eps },
          {
            x: r.call("conv2d", conv, { x, w: t[`w${i}`]!, b }),
            ...{ w: t[`g${i}`]!, b: t[`b${i}`]! },
          },
        );
      return pointwise(r, "relu", r.add(t["x"]!, part(pointwise(r, "relu", part(t["x"]!, 1)), 2)));
    },
  },
  {
    layer: "transformer_block",
    cases: blocks,
    given: ({ N = 0, L = 0, D = 0, H = 0, E = 0, M = 0 }) => ({
      ...{ x: [N, L, D], g1: [D], c1: [D], wq: [H, E, D], bq: [H, E], wk: [H, E, D], bk: [H, E] },
      ...{ wv: [H, E, D], bv: [H, E], wo: [D, H, E], bo: [D] },
      ...{ g2: [D], c2: [D], w1: [D, M], b1: [M], w2: [M, D], b2: [D] },
    }),
    y: ({ eps = 0 }, t, r) => {
      const u = norm(r, "layer_norm", eps, t["x"]!, { w: t["g1"]!, b: t["c1"]! });
      const h = r.add(t["x"]!, heads(r, "attention", u, t));
      return r.add(h, mlp(r, norm(r, "layer_norm", eps, h, { w: t["g2"]!, b: t["c2"]! }), t));
    },
  },
  {
    layer: "decoder_block",
    cases: blocks,
    given: ({ N = 0, L = 0, D = 0, H = 0, E = 0, M = 0 }) => ({
      ...{ x: [N, L, D], g1: [D], wq: [H, E, D], wk: [H, E, D], wv: [H, E, D], wo: [D, H, E] },
      ...{ g2: [D], wg: [D, M], wu: [D, M], wd: [M, D] },
    }),
    y: ({ eps = 0 }, t, r) => {
      const u = norm(r, "rms_norm", eps, t["x"]!, { w: t["g1"]! });
      const h = r.add(t["x"]!, heads(r, "causal_attention", u, t));
      return r.add(h, swiglu(r, norm(r, "rms_norm", eps, h, { w: t["g2"]! }), t));
    },
  },
];
