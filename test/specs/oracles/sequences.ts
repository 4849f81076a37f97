/** Layers over time, step by step as the textbooks write them; gradients are differences of these loops. */
import { grid, each, volume, type Grid } from "./grid.js";
import { oracle, type Oracle } from "./oracle.js";

type Sizes = Readonly<Record<string, number>>;
type Grids = Readonly<Record<string, Grid>>;
type Given = (s: Sizes) => Readonly<Record<string, readonly number[]>>;

/** Σ ⟨z, dz⟩ by differences of the fourth order: (8·(f(h) - f(-h)) - f(2h) + f(-2h)) / 12h. */
function differences(s: Sizes, tensors: Grids, forward: Oracle["forward"], inputs: readonly string[]): Grids {
  const loss = (): number =>
    Object.entries(forward(s, tensors)).reduce(
      (sum, [name, z]) => sum + z.data.reduce((part, v, i) => part + v * tensors[`d${name}`]!.data[i]!, 0),
      0,
    );
  const h = 2e-3;
  return Object.fromEntries(
    inputs.map((name) => {
      const x = tensors[name]!;
      const slopes = x.data.map((value, i) => {
        const at = (by: number): number => {
          x.data[i] = value + by;
          const found = loss();
          x.data[i] = value;
          return found;
        };
        return (8 * (at(h) - at(-h)) - at(2 * h) + at(-2 * h)) / (12 * h);
      });
      return [`d${name}`, grid(x.shape, slopes)];
    }),
  );
}

/** @param fixed given tensors that are not differentiated */
const sequence = (
  layer: string,
  cases: readonly Sizes[],
  given: Given,
  forward: Oracle["forward"],
  { fixed = [], below = () => ({}) }: { fixed?: readonly string[]; below?: Oracle["below"] } = {},
): Oracle =>
  ({
    ...oracle<string, string, string>({
      layer,
      cases,
      given,
      forward,
      backward: (s, tensors) =>
        differences(
          s,
          tensors,
          forward,
          Object.keys(given(s)).filter((name) => !fixed.includes(name)),
        ),
    }),
    below,
  }) satisfies Oracle;

/** A tensor filled in the order of its places. */
function filled(shape: readonly number[], value: (z: Grid, ...at: number[]) => number): Grid {
  const z = grid(shape);
  each(shape, (...at) => z.set(value(z, ...at), ...at));
  return z;
}
const total = (n: number, value: (i: number) => number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += value(i);
  return sum;
};
const sigmoid = (u: number): number => 1 / (1 + Math.exp(-u));
const cells = (gates: number | undefined): Given => {
  const many = gates === undefined ? [] : [gates];
  return ({ T = 0, N = 0, D = 0, M = 0 }) => ({
    x: [T, N, D],
    h0: [N, M],
    ...(gates === 4 && { c0: [N, M] }),
    w: [...many, M, D],
    u: [...many, M, M],
    b: [...many, M],
    ...(gates === 3 && { c: [3, M] }),
    mask: [T, N],
  });
};
const cellCases = [
  { T: 3, N: 2, D: 3, M: 2 },
  { T: 1, N: 1, D: 1, M: 3 },
];
const rows = [
  { N: 2, T: 5 },
  { N: 1, T: 1 },
];

export const sequences: readonly Oracle[] = [
  sequence(
    "cumsum",
    rows,
    ({ N = 0, T = 0 }) => ({ x: [N, T] }),
    (_, { x }) => ({
      y: filled(x!.shape, (y, n = 0, t = 0) => x!.get(n, t) + (t > 0 ? y.get(n, t - 1) : 0)),
    }),
  ),
  sequence(
    "cumprod",
    rows,
    ({ N = 0, T = 0 }) => ({ x: [N, T] }),
    (_, { x }) => ({
      y: filled(x!.shape, (y, n = 0, t = 0) => x!.get(n, t) * (t > 0 ? y.get(n, t - 1) : 1)),
    }),
  ),
  sequence(
    "ema",
    [
      { T: 4, D: 3 },
      { T: 3, D: 1, alpha: 0.5 },
    ],
    ({ T = 0, D = 0 }) => ({ x: [T, D] }),
    ({ alpha = 0.1 }, { x }) => ({
      y: filled(x!.shape, (y, t = 0, d = 0) =>
        t > 0 ? (1 - alpha) * y.get(t - 1, d) + alpha * x!.get(t, d) : x!.get(t, d),
      ),
    }),
  ),
  sequence(
    "rnn",
    cellCases,
    cells(undefined),
    ({ T = 0, N = 0, D = 0, M = 0 }, { x, h0, w, u, b, mask }) => ({
      h: filled([T, N, M], (h, t = 0, n = 0, m = 0) => {
        const old = (k: number): number => (t > 0 ? h.get(t - 1, n, k) : h0!.get(n, k));
        const a = total(D, (d) => w!.get(m, d) * x!.get(t, n, d)) + total(M, (k) => u!.get(m, k) * old(k));
        const keep = mask!.get(t, n);
        return keep * Math.tanh(a + b!.get(m)) + (1 - keep) * old(m);
      }),
    }),
    { fixed: ["mask"] },
  ),
  sequence(
    "lstm",
    cellCases,
    cells(4),
    ({ T = 0, N = 0, D = 0, M = 0 }, { x, h0, c0, w, u, b, mask }) => {
      const [h, c] = [grid([T, N, M]), grid([T, N, M])];
      each([T, N, M], (t = 0, n = 0, m = 0) => {
        const old = (k: number): number => (t > 0 ? h.get(t - 1, n, k) : h0!.get(n, k));
        const cell = t > 0 ? c.get(t - 1, n, m) : c0!.get(n, m);
        const z = [0, 1, 2, 3].map(
          (g) =>
            total(D, (d) => w!.get(g, m, d) * x!.get(t, n, d)) +
            total(M, (k) => u!.get(g, m, k) * old(k)) +
            b!.get(g, m),
        );
        const keep = mask!.get(t, n);
        const next = sigmoid(z[1]!) * cell + sigmoid(z[0]!) * Math.tanh(z[2]!);
        c.set(keep * next + (1 - keep) * cell, t, n, m);
        h.set(keep * sigmoid(z[3]!) * Math.tanh(c.get(t, n, m)) + (1 - keep) * old(m), t, n, m);
      });
      return { h, c };
    },
    { fixed: ["mask"] },
  ),
  sequence(
    "gru",
    cellCases,
    cells(3),
    ({ T = 0, N = 0, D = 0, M = 0 }, { x, h0, w, u, b, c, mask }) => ({
      h: filled([T, N, M], (h, t = 0, n = 0, m = 0) => {
        const old = (k: number): number => (t > 0 ? h.get(t - 1, n, k) : h0!.get(n, k));
        const own = (g: number): number => total(D, (d) => w!.get(g, m, d) * x!.get(t, n, d)) + b!.get(g, m);
        const back = (g: number): number => total(M, (k) => u!.get(g, m, k) * old(k)) + c!.get(g, m);
        const candidate = Math.tanh(own(2) + sigmoid(own(0) + back(0)) * back(2));
        const z = sigmoid(own(1) + back(1));
        const keep = mask!.get(t, n);
        return keep * ((1 - z) * candidate + z * old(m)) + (1 - keep) * old(m);
      }),
    }),
    { fixed: ["mask"] },
  ),
  sequence(
    "selective_scan",
    [{ B: 2, L: 4, D: 2, N: 2 }],
    ({ B = 0, L = 0, D = 0, N = 0 }) => ({
      x: [B, L, D],
      delta: [B, L, D],
      A: [D, N],
      Bm: [B, L, N],
      Cm: [B, L, N],
      skip: [D],
    }),
    ({ B = 0, L = 0, D = 0, N = 0 }, { x, delta, A, Bm, Cm, skip }) => {
      const h = filled([B, L, D, N], (old, b = 0, t = 0, d = 0, n = 0) => {
        const step = delta!.get(b, t, d);
        const before = t > 0 ? Math.exp(step * A!.get(d, n)) * old.get(b, t - 1, d, n) : 0;
        return before + step * Bm!.get(b, t, n) * x!.get(b, t, d);
      });
      return {
        y: filled(
          [B, L, D],
          (_, b = 0, t = 0, d = 0) =>
            total(N, (n) => Cm!.get(b, t, n) * h.get(b, t, d, n)) + skip!.get(d) * x!.get(b, t, d),
        ),
      };
    },
  ),
  sequence(
    "linear_attention_causal",
    [{ B: 2, T: 3, D: 2, E: 2 }],
    ({ B = 0, T = 0, D = 0, E = 0 }) => ({ q: [B, T, D], k: [B, T, D], v: [B, T, E] }),
    ({ B = 0, T = 0, D = 0, E = 0 }, { q, k, v }) => {
      const phi = (u: number): number => (u > 0 ? u + 1 : Math.exp(u));
      const weight = (b: number, t: number, j: number): number =>
        total(D, (d) => phi(q!.get(b, t, d)) * phi(k!.get(b, j, d)));
      return {
        y: filled(
          [B, T, E],
          (_, b = 0, t = 0, e = 0) =>
            total(t + 1, (j) => weight(b, t, j) * v!.get(b, j, e)) / total(t + 1, (j) => weight(b, t, j)),
        ),
      };
    },
  ),
  sequence(
    "ctc_loss",
    // at these sizes what is drawn has an alignment for each sequence
    [{ T: 3, N: 2, C: 2, S: 5 }],
    ({ T = 0, N = 0, C = 0, S = 0 }) => ({ logp: [T, N, C], label: [N, S], end: [N], place: [N] }),
    ({ N = 0, S = 0 }, { logp, label, end, place }) => {
      const probability = (n: number, t: number, s: number): number => {
        if (s < 0) return 0;
        const [own, other] = [label!.get(n, s), s >= 2 ? label!.get(n, s - 2) : label!.get(n, s)];
        const before =
          t === 0
            ? Number(s <= 1)
            : probability(n, t - 1, s) +
              probability(n, t - 1, s - 1) +
              (own === other ? 0 : probability(n, t - 1, s - 2));
        return Math.exp(logp!.get(t, n, own)) * before;
      };
      if (volume([N, S]) === 0) return { loss: grid([N]) };
      return {
        loss: filled([N], (_, n = 0) => {
          const [t, s] = [end!.get(n), place!.get(n)];
          return -Math.log(probability(n, t, s) + probability(n, t, s - 1));
        }),
      };
    },
    {
      fixed: ["label", "end", "place"],
      below: ({ T = 0, C = 0, S = 0 }) => ({ label: C, end: T, place: S }),
    },
  ),
];
