/** The hyperbolic sine. */
import { call, divide, subtract } from "../notation/construct.js";
import { oneOver, two } from "./formulas.js";
import type { Unary } from "./record.js";
import { likeItsArgument } from "./signs.js";

export const sinh: Unary = {
  tex: "\\sinh",
  derivative: (u) => [call("cosh", [u])],
  poles: [],
  range: "growing",
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "minus", plus: "plus" },
  law: (u) => divide(subtract(call("exp", [u]), oneOver(call("exp", [u]))), two),
  float64: Math.sinh,
  spelled: {
    typescript: { own: "Math.sinh" },
    wasm: { helper: "sinh" },
    wgsl: { helper: "hyperbolicSine" },
    torch: { own: "torch.sinh" },
  },
};
