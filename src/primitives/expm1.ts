/** e^u - 1, exact where u is small. */
import { add, call, one, subtract } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { likeItsArgument } from "./signs.js";

export const expm1: Unary = {
  tex: "\\mathrm{expm1}",
  // (e^u - 1)′ = e^u = y + 1
  derivative: (u) => [call("exp", [u])],
  fromValue: (y) => add(y, one),
  poles: [],
  range: "growing",
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "finite", plus: "plus" },
  law: (u) => subtract(call("exp", [u]), one),
  float64: Math.expm1,
  spelled: {
    typescript: { own: "Math.expm1" },
    wasm: { helper: "expm1" },
    wgsl: { helper: "expm1" },
    torch: { own: "torch.expm1" },
  },
};
