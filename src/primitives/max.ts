/** u where u > v or u is NaN, else v: of equal ones the second, with its derivative. */
import { compare, one, select, zero } from "../notation/construct.js";
import type { Binary } from "./record.js";
import { extremeSigns, sign } from "./signs.js";

export const max: Binary = {
  tex: "\\max",
  derivative: (u, v) => [select(compare("<", v, u), one, zero), select(compare("<", v, u), zero, one)],
  poles: [],
  range: "finite",
  decision: { by: "order", first: "greater" },
  signs: extremeSigns(sign.positive, sign.negative),
  limits: { zero: "finite", minus: "finite", plus: "finite" },
  law: "max",
  float64: (u, v) => (u > v || Number.isNaN(u) ? u : v),
  isCheap: true,
  spelled: {
    typescript: { own: "Math.max" },
    wasm: { own: "f64.max" },
    wgsl: { helper: "greater" },
    torch: { helper: "_maximum" },
  },
};
