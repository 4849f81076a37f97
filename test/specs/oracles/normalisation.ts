/** Normalisations. With x̂ = (x - μ)/σ over m values, dx = (dx̂ - mean(dx̂) - x̂·mean(dx̂·x̂)) / σ. */
import { each, filled, grid, total } from "./grid.js";
import type { Grid } from "./grid.js";
import { oracle } from "./oracle.js";
import type { Oracle } from "./oracle.js";

interface Normalised {
  readonly xhat: Float64Array;
  readonly rstd: number;
}
/** Normalises one group of values. */
function normalise(x: Float64Array, eps: number): Normalised {
  const mean = total(x.length, (i) => x[i] ?? 0) / x.length;
  const variance = total(x.length, (i) => ((x[i] ?? 0) - mean) ** 2) / x.length;
  const rstd = 1 / Math.sqrt(variance + eps);
  return { xhat: x.map((v) => (v - mean) * rstd), rstd };
}
/** From the gradient of x̂ to that of x. */
function denormalise({ xhat, rstd }: Normalised, dxhat: Float64Array): Float64Array {
  const m = xhat.length;
  const mean = total(m, (i) => dxhat[i] ?? 0) / m;
  const along = total(m, (i) => (dxhat[i] ?? 0) * (xhat[i] ?? 0)) / m;
  return dxhat.map((d, i) => (d - mean - (xhat[i] ?? 0) * along) * rstd);
}

type Sizes = Readonly<Record<string, number>>;
/**
 * A layer that normalises groups of x and scales and shifts by w and b.
 * `group` and `channel` number the group and the channel of each element of x, given its position.
 */
function affineNorm(
  layer: string,
  cases: readonly Sizes[],
  shape: (sizes: Sizes) => readonly number[],
  group: (...at: number[]) => number,
  channel: (...at: number[]) => number,
  relu = false,
): Oracle {
  const positions = (sizes: Sizes): { group: number; channel: number }[] => {
    const found: { group: number; channel: number }[] = [];
    each(shape(sizes), (...at) => found.push({ group: group(...at), channel: channel(...at) }));
    return found;
  };
  const groupsOf = (sizes: Sizes): number[][] => {
    const groups: number[][] = [];
    positions(sizes).forEach((p, i) => (groups[p.group] ??= []).push(i));
    return groups;
  };
  const pick = (x: Grid, members: readonly number[]): Float64Array =>
    Float64Array.from(members, (i) => x.data[i] ?? 0);
  const output = (sizes: Sizes, x: Grid, w: Grid, b: Grid): { xhat: Grid; z: Grid } => {
    const xhat = grid(x.shape);
    for (const members of groupsOf(sizes)) {
      const result = normalise(pick(x, members), sizes["eps"] ?? 1e-5);
      members.forEach((i, j) => (xhat.data[i] = result.xhat[j] ?? 0));
    }
    const at = positions(sizes);
    const z = grid(
      x.shape,
      xhat.data.map((v, i) => v * w.get(at[i]?.channel ?? -1) + b.get(at[i]?.channel ?? -1)),
    );
    return { xhat, z };
  };
  const channels = (sizes: Sizes): number => Math.max(...positions(sizes).map((p) => p.channel)) + 1;
  return oracle<string, "x" | "w" | "b", "y">({
    layer,
    cases,
    given: (sizes) => ({ x: shape(sizes), w: [channels(sizes)], b: [channels(sizes)] }),
    forward: (sizes, { x, w, b }) => {
      const { z } = output(sizes, x, w, b);
      return {
        y: relu
          ? grid(
              z.shape,
              z.data.map((v) => Math.max(0, v)),
            )
          : z,
      };
    },
    backward: (sizes, { x, w, b, dy }) => {
      const { xhat, z } = output(sizes, x, w, b);
      const dz = dy.data.map((d, i) => (relu && !((z.data[i] ?? 0) > 0) ? 0 : d));
      const [dx, dw, db] = [grid(x.shape), grid(w.shape), grid(b.shape)];
      const at = positions(sizes);
      at.forEach((p, i) => {
        dw.add((dz[i] ?? 0) * (xhat.data[i] ?? 0), p.channel);
        db.add(dz[i] ?? 0, p.channel);
      });
      for (const members of groupsOf(sizes)) {
        const dxhat = Float64Array.from(members, (i) => (dz[i] ?? 0) * w.get(at[i]?.channel ?? -1));
        const part = denormalise(normalise(pick(x, members), sizes["eps"] ?? 1e-5), dxhat);
        members.forEach((i, j) => (dx.data[i] = part[j] ?? 0));
      }
      return { dx, dw, db };
    },
  });
}

const vectors: readonly Sizes[] = [
  { N: 5, C: 3 },
  { N: 2, C: 1 },
  { N: 4, C: 2, eps: 0.1 },
];
const second = (_: number, c: number): number => c;
export const normalisation: readonly Oracle[] = [
  affineNorm("batch_norm1d", vectors, ({ N = 0, C = 0 }) => [N, C], second, second),
  affineNorm("batch_norm1d_relu", vectors, ({ N = 0, C = 0 }) => [N, C], second, second, true),
  affineNorm(
    "batch_norm1d_ncl",
    [
      { N: 3, C: 2, L: 4 },
      { N: 1, C: 3, L: 5, eps: 0.01 },
    ],
    ({ N = 0, C = 0, L = 0 }) => [N, C, L],
    second,
    second,
  ),
  affineNorm(
    "batch_norm2d",
    [
      { N: 3, C: 2, H: 2, W: 3 },
      { N: 1, C: 3, H: 5, W: 1, eps: 0.01 },
    ],
    ({ N = 0, C = 0, H = 0, W = 0 }) => [N, C, H, W],
    second,
    second,
  ),
  affineNorm(
    "layer_norm",
    [
      { N: 3, D: 5 },
      { N: 1, D: 4, eps: 0.1 },
    ],
    ({ N = 0, D = 0 }) => [N, D],
    (n) => n,
    second,
  ),
  oracle({
    layer: "rms_norm",
    cases: [
      { N: 3, D: 5, eps: 1e-6 },
      { N: 2, D: 1, eps: 0.1 },
    ],
    given: ({ N, D }) => ({ x: [N, D], w: [D] }),
    forward: ({ N, D, eps }, { x, w }) => ({
      y: filled([N, D], (n = 0, d = 0) => x.get(n, d) * reciprocalRms(x, n, D, eps) * w.get(d)),
    }),
    // With ρ = (mean x² + ε)^(-1/2): dx = ρ·w·dy - ρ³·x·mean(w·dy·x).
    backward: ({ N, D, eps }, { x, w, dy }) => {
      const rho = (n: number): number => reciprocalRms(x, n, D, eps);
      const along = (n: number): number => total(D, (d) => w.get(d) * dy.get(n, d) * x.get(n, d)) / D;
      const dw = filled([D], (d = 0) => total(N, (n) => dy.get(n, d) * x.get(n, d) * rho(n)));
      const dx = filled(
        [N, D],
        (n = 0, d = 0) => rho(n) * w.get(d) * dy.get(n, d) - rho(n) ** 3 * x.get(n, d) * along(n),
      );
      return { dx, dw };
    },
  }),
];
const reciprocalRms = (x: Grid, n: number, D: number, eps: number): number =>
  1 / Math.sqrt(total(D, (d) => x.get(n, d) ** 2) / D + eps);
