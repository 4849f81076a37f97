/** u where u < v or u is NaN, else v: of equal ones the second, with its derivative. */
import { compare, one, select, zero } from "../notation/construct.js";
import type { Binary } from "./record.js";
import { extremeSigns, sign } from "./signs.js";

export const min: Binary = {
  tex: "\\min",
  derivative: (u, v) => [select(compare("<", u, v), one, zero), select(compare("<", u, v), zero, one)],
  poles: [],
  range: "finite",
  decision: { by: "order", first: "less" },
  signs: extremeSigns(sign.negative, sign.positive),
  limits: { zero: "finite", minus: "finite", plus: "finite" },
  law: "min",
  float64: (u, v) => (u < v || Number.isNaN(u) ? u : v),
  isCheap: true,
  spelled: {
    typescript: { own: "Math.min" },
    wasm: { own: "f64.min" },
    wgsl: { helper: "lesser" },
    torch: { helper: "_minimum" },
  },
};
