/** Steps of optimisers, as PyTorch's documentation of torch.optim.SGD and torch.optim.Adam writes them, and their derivatives. */
import { filled } from "./grid.js";
import { oracle } from "./oracle.js";

export const optimisers = [
  oracle({
    layer: "sgd_momentum",
    cases: [
      { N: 5, momentum: 0.9, decay: 0 },
      { N: 3, momentum: 0.5, decay: 0.1 },
    ],
    given: ({ N }) => ({ w: [N], g: [N], v: [N], rate: [] }),
    forward: ({ N, momentum, decay }, { w, g, v, rate }) => {
      const v_next = filled([N], (n = 0) => momentum * v.get(n) + (g.get(n) + decay * w.get(n)));
      return { v_next, w_next: filled([N], (n = 0) => w.get(n) - rate.get() * v_next.get(n)) };
    },
    backward: ({ N, momentum, decay }, { rate, dw_next, dv_next }) => {
      const dv = filled([N], (n = 0) => dv_next.get(n) - rate.get() * dw_next.get(n));
      return {
        dw: filled([N], (n = 0) => dw_next.get(n) + decay * dv.get(n)),
        dg: dv,
        dv: filled([N], (n = 0) => momentum * dv.get(n)),
      };
    },
  }),
  oracle({
    layer: "adam",
    cases: [
      { N: 5, beta1: 0.9, beta2: 0.999, eps: 1e-8 },
      { N: 3, beta1: 0.5, beta2: 0.8, eps: 0.1 },
    ],
    given: ({ N }) => ({ w: [N], g: [N], m: [N], v: [N], rate: [], t: [] }),
    least: { v: 0.1, t: 1 },
    forward: ({ N, beta1, beta2, eps }, { w, g, m, v, rate, t }) => {
      const m_next = filled([N], (n = 0) => beta1 * m.get(n) + (1 - beta1) * g.get(n));
      const v_next = filled([N], (n = 0) => beta2 * v.get(n) + (1 - beta2) * g.get(n) ** 2);
      const [short1, short2] = [1 - beta1 ** t.get(), 1 - beta2 ** t.get()];
      return {
        ...{ m_next, v_next },
        w_next: filled(
          [N],
          (n = 0) =>
            w.get(n) - (rate.get() * (m_next.get(n) / short1)) / (Math.sqrt(v_next.get(n) / short2) + eps),
        ),
      };
    },
    backward: ({ N, beta1, beta2, eps }, { g, m, v, rate, t, dw_next, dm_next, dv_next }) => {
      const [short1, short2] = [1 - beta1 ** t.get(), 1 - beta2 ** t.get()];
      // with s = √v̂: w_next = w - rate·m̂/(s + ε), and ds = dv_next/(2·s·short2)
      const s = (n: number): number => Math.sqrt((beta2 * v.get(n) + (1 - beta2) * g.get(n) ** 2) / short2);
      const byM = filled(
        [N],
        (n = 0) => dm_next.get(n) - (dw_next.get(n) * rate.get()) / (short1 * (s(n) + eps)),
      );
      const byV = filled([N], (n = 0) => {
        const hat = (beta1 * m.get(n) + (1 - beta1) * g.get(n)) / short1;
        return dv_next.get(n) + (dw_next.get(n) * rate.get() * hat) / ((s(n) + eps) ** 2 * 2 * s(n) * short2);
      });
      return {
        dw: filled([N], (n = 0) => dw_next.get(n)),
        dm: filled([N], (n = 0) => beta1 * byM.get(n)),
        dv: filled([N], (n = 0) => beta2 * byV.get(n)),
        dg: filled([N], (n = 0) => (1 - beta1) * byM.get(n) + (1 - beta2) * 2 * g.get(n) * byV.get(n)),
      };
    },
  }),
];
