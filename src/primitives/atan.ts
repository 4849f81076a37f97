/** The angle in -π/2..π/2 of a tangent. */
import { add, one } from "../notation/construct.js";
import { oneOver, square } from "./formulas.js";
import type { Unary } from "./record.js";
import { likeItsArgument } from "./signs.js";

export const atan: Unary = {
  tex: "\\arctan",
  // atan′ = 1/(1 + u²)
  derivative: (u) => [oneOver(add(one, square(u)))],
  poles: [],
  range: "bounded",
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "finite", plus: "finite" },
  law: "atan",
  float64: Math.atan,
  spelled: {
    typescript: { own: "Math.atan" },
    wasm: { helper: "atan" },
    wgsl: { helper: "arcTangent" },
    torch: { own: "torch.atan" },
  },
};
