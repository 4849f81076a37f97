/** ln(1 + e^u). */
import { add, call, one } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { positiveEverywhere } from "./signs.js";
import * as special from "./special.js";

export const softplus: Unary = {
  tex: "\\mathrm{softplus}",
  // softplus′ = σ
  derivative: (u) => [call("sigmoid", [u])],
  poles: [],
  range: "finite",
  signs: positiveEverywhere,
  limits: { zero: "finite", minus: "zero", plus: "plus" },
  law: (u) => call("log", [add(one, call("exp", [u]))]),
  float64: special.softplus,
  spelled: {
    typescript: { helper: "softplus" },
    wasm: { helper: "softplus" },
    wgsl: { helper: "softplus" },
    // its own gives up the logarithm at 20, where float64 still sees it
    torch: { own: "torch.nn.functional.softplus", and: "threshold=40" },
  },
};
