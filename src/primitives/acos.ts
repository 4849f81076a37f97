/** The angle in 0..π of a cosine. */
import { call, divide, negate, one, subtract } from "../notation/construct.js";
import { oneOver, pi, square, two, cathetus } from "./formulas.js";
import type { Unary } from "./record.js";
import { sign } from "./signs.js";

export const acos: Unary = {
  tex: "\\arccos",
  // acos′ = -1/√(1 - u²)
  derivative: (u) => [negate(oneOver(call("sqrt", [subtract(one, square(u))])))],
  poles: [{ where: (u) => [[call("abs", [u]), one]], value: "finite" }],
  range: "partial",
  signs: (u) => (u & sign.pole) | sign.zero | sign.positive,
  limits: { zero: "finite", minus: "infinite", plus: "infinite" },
  law: (u) => subtract(divide(pi, two), call("asin", [u])),
  float64: Math.acos,
  spelled: {
    typescript: { own: "Math.acos" },
    wasm: { helper: "acos" },
    wgsl: { formula: (u) => call("atan2", [cathetus(u), u]), as: "arcCosine" },
    torch: { own: "torch.acos" },
  },
};
