/** The error function, 2/√π ∫₀ᵘ e^(-t²) dt. */
import { call, divide, multiply, negate } from "../notation/construct.js";
import { pi, square, two } from "./formulas.js";
import type { Unary } from "./record.js";
import { likeItsArgument } from "./signs.js";
import * as special from "./special.js";

export const erf: Unary = {
  tex: "\\mathrm{erf}",
  // erf′ = 2/√π · e^(-u²)
  derivative: (u) => [multiply(divide(two, call("sqrt", [pi])), call("exp", [negate(square(u))]))],
  poles: [],
  range: "bounded",
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "finite", plus: "finite" },
  law: "erf",
  float64: special.erf,
  spelled: {
    typescript: { helper: "erf" },
    wasm: { helper: "erf" },
    wgsl: { helper: "erf" },
    torch: { own: "torch.erf" },
  },
};
