/** The hyperbolic cosine. */
import { add, call, divide } from "../notation/construct.js";
import { oneOver, two } from "./formulas.js";
import type { Unary } from "./record.js";
import { positiveEverywhere } from "./signs.js";

export const cosh: Unary = {
  tex: "\\cosh",
  derivative: (u) => [call("sinh", [u])],
  poles: [],
  range: "growing",
  signs: positiveEverywhere,
  limits: { zero: "finite", minus: "plus", plus: "plus" },
  law: (u) => divide(add(call("exp", [u]), oneOver(call("exp", [u]))), two),
  float64: Math.cosh,
  spelled: {
    typescript: { own: "Math.cosh" },
    wasm: { helper: "cosh" },
    wgsl: { helper: "hyperbolicCosine" },
    torch: { own: "torch.cosh" },
  },
};
