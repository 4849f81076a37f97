/** σ(u) = 1/(1 + e^-u). */
import { add, call, multiply, negate, one, subtract } from "../notation/construct.js";
import { oneOver } from "./formulas.js";
import type { Unary } from "./record.js";
import { positiveEverywhere } from "./signs.js";
import * as special from "./special.js";

export const sigmoid: Unary = {
  tex: "\\sigma",
  // σ′ = σ(1 - σ)
  derivative: (u) => [multiply(call("sigmoid", [u]), subtract(one, call("sigmoid", [u])))],
  fromValue: (y) => multiply(y, subtract(one, y)),
  poles: [],
  range: "bounded",
  signs: positiveEverywhere,
  limits: { zero: "finite", minus: "finite", plus: "finite" },
  law: (u) => oneOver(add(one, call("exp", [negate(u)]))),
  float64: special.sigmoid,
  spelled: {
    typescript: { helper: "sigmoid" },
    wasm: { helper: "sigmoid" },
    wgsl: { helper: "sigmoid" },
    torch: { own: "torch.sigmoid" },
  },
};
