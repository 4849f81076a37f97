/** The angle in -π/2..π/2 of a sine. */
import { call, one, subtract } from "../notation/construct.js";
import { cathetus, oneOver, square } from "./formulas.js";
import type { Unary } from "./record.js";
import { likeItsArgument } from "./signs.js";

export const asin: Unary = {
  tex: "\\arcsin",
  // asin′ = 1/√(1 - u²)
  derivative: (u) => [oneOver(call("sqrt", [subtract(one, square(u))]))],
  poles: [{ where: (u) => [[call("abs", [u]), one]], value: "finite" }],
  range: "partial",
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "infinite", plus: "infinite" },
  law: "asin",
  float64: Math.asin,
  spelled: {
    typescript: { own: "Math.asin" },
    wasm: { helper: "asin" },
    wgsl: { formula: (u) => call("atan2", [u, cathetus(u)]), as: "arcSine" },
    torch: { own: "torch.asin" },
  },
};
