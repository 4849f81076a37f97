/** Recurrent cells: the standard gate equations, and backpropagation through one step. */
import { each, filled, grid, total } from "./grid.js";
import type { Grid } from "./grid.js";
import { oracle } from "./oracle.js";

const sigmoid = (u: number): number => 1 / (1 + Math.exp(-u));
/** w·x for every gate: [n, gate, m]. */
function project(w: Grid, x: Grid): Grid {
  const [gates = 0, M = 0, D = 0] = w.shape;
  return filled([x.shape[0] ?? 0, gates, M], (n = 0, g = 0, m = 0) =>
    total(D, (d) => w.get(g, m, d) * x.get(n, d)),
  );
}
/** The gradients of w and x for z = w·x, added to dw and dx; those of the bias are the sums over n. */
function projectBackward(w: Grid, x: Grid, dz: Grid): { dw: Grid; dx: Grid; db: Grid } {
  const [gates = 0, M = 0, D = 0] = w.shape;
  const [dw, dx, db] = [grid(w.shape), grid(x.shape), grid([gates, M])];
  each(dz.shape, (n, g, m) => {
    db.add(dz.get(n, g, m), g, m);
    for (let d = 0; d < D; d++) {
      dw.add(dz.get(n, g, m) * x.get(n, d), g, m, d);
      dx.add(dz.get(n, g, m) * w.get(g, m, d), n, d);
    }
  });
  return { dw, dx, db };
}

type LstmTensors = Readonly<Record<"x" | "h" | "c" | "wx" | "wh" | "b", Grid>>;
/** Input, forget, candidate and output gate and the new cell state at one place. */
function lstmGates({ x, h, c, wx, wh, b }: LstmTensors): (
  n: number,
  m: number,
) => Record<string, number> & {
  readonly i: number;
  readonly f: number;
  readonly g: number;
  readonly o: number;
  readonly next: number;
} {
  const [zx, zh] = [project(wx, x), project(wh, h)];
  const z = (n: number, gate: number, m: number): number =>
    zx.get(n, gate, m) + zh.get(n, gate, m) + b.get(gate, m);
  return (n, m) => {
    const [i, f, g, o] = [
      sigmoid(z(n, 0, m)),
      sigmoid(z(n, 1, m)),
      Math.tanh(z(n, 2, m)),
      sigmoid(z(n, 3, m)),
    ];
    return { i, f, g, o, next: f * c.get(n, m) + i * g };
  };
}

type GruTensors = Readonly<Record<"x" | "h" | "wx" | "wh" | "bx" | "bh", Grid>>;
/** Reset, update and candidate gate at one place, and the recurrent part of the candidate. */
function gruGates({ x, h, wx, wh, bx, bh }: GruTensors): (
  n: number,
  m: number,
) => {
  readonly r: number;
  readonly u: number;
  readonly g: number;
  readonly recurrent: number;
} {
  const [px, ph] = [project(wx, x), project(wh, h)];
  return (n, m) => {
    const zx = (gate: number): number => px.get(n, gate, m) + bx.get(gate, m);
    const zh = (gate: number): number => ph.get(n, gate, m) + bh.get(gate, m);
    const [r, u] = [sigmoid(zx(0) + zh(0)), sigmoid(zx(1) + zh(1))];
    return { r, u, g: Math.tanh(zx(2) + r * zh(2)), recurrent: zh(2) };
  };
}

const cases = [
  { N: 2, D: 3, M: 4 },
  { N: 1, D: 1, M: 1 },
];
export const recurrent = [
  oracle({
    layer: "lstm_cell",
    cases,
    given: ({ N, D, M }) => ({
      ...{ x: [N, D], h: [N, M], c: [N, M] },
      ...{ wx: [4, M, D], wh: [4, M, M], b: [4, M] },
    }),
    forward: ({ N, M }, tensors) => {
      const gates = lstmGates(tensors);
      return {
        c_next: filled([N, M], (n = 0, m = 0) => gates(n, m).next),
        h_next: filled([N, M], (n = 0, m = 0) => gates(n, m).o * Math.tanh(gates(n, m).next)),
      };
    },
    backward: ({ N, M }, { dh_next, dc_next, ...tensors }) => {
      const { x, h, c, wx, wh } = tensors;
      const gates = lstmGates(tensors);
      const [dz, dc] = [grid([N, 4, M]), grid([N, M])];
      each([N, M], (n, m) => {
        const { i, f, g, o, next } = gates(n, m);
        const [dh, squashed] = [dh_next.get(n, m), Math.tanh(next)];
        const state = dc_next.get(n, m) + dh * o * (1 - squashed ** 2);
        dc.set(state * f, n, m);
        dz.set(state * g * i * (1 - i), n, 0, m);
        dz.set(state * c.get(n, m) * f * (1 - f), n, 1, m);
        dz.set(state * i * (1 - g ** 2), n, 2, m);
        dz.set(dh * squashed * o * (1 - o), n, 3, m);
      });
      const [input, hidden] = [projectBackward(wx, x, dz), projectBackward(wh, h, dz)];
      return { dx: input.dx, dh: hidden.dx, dc, dwx: input.dw, dwh: hidden.dw, db: input.db };
    },
  }),
  oracle({
    layer: "gru_cell",
    cases,
    given: ({ N, D, M }) => ({
      ...{ x: [N, D], h: [N, M] },
      ...{ wx: [3, M, D], wh: [3, M, M], bx: [3, M], bh: [3, M] },
    }),
    forward: ({ N, M }, tensors) => {
      const gates = gruGates(tensors);
      return {
        h_next: filled([N, M], (n = 0, m = 0) => {
          const { u, g } = gates(n, m);
          return (1 - u) * g + u * tensors.h.get(n, m);
        }),
      };
    },
    backward: ({ N, M }, { dh_next, ...tensors }) => {
      const { x, h, wx, wh } = tensors;
      const gates = gruGates(tensors);
      const [dzx, dzh, kept] = [grid([N, 3, M]), grid([N, 3, M]), grid([N, M])];
      each([N, M], (n, m) => {
        const { r, u, g, recurrent: part } = gates(n, m);
        const d = dh_next.get(n, m);
        const candidate = d * (1 - u) * (1 - g ** 2);
        const [reset, update] = [candidate * part * r * (1 - r), d * (h.get(n, m) - g) * u * (1 - u)];
        [reset, update, candidate].forEach((value, gate) => dzx.set(value, n, gate, m));
        [reset, update, candidate * r].forEach((value, gate) => dzh.set(value, n, gate, m));
        kept.set(d * u, n, m);
      });
      const [input, hidden] = [projectBackward(wx, x, dzx), projectBackward(wh, h, dzh)];
      const dh = grid(
        h.shape,
        hidden.dx.data.map((v, i) => v + (kept.data[i] ?? 0)),
      );
      return { dx: input.dx, dh, dwx: input.dw, dwh: hidden.dw, dbx: input.db, dbh: hidden.db };
    },
  }),
];
