/** 1 above 0, -1 below, 0 at 0. */
import { zero } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { likeItsArgument } from "./signs.js";

export const sign: Unary = {
  tex: "\\mathrm{sign}",
  derivative: () => [zero],
  poles: [],
  range: "bounded",
  decision: { by: "sign" },
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "finite", plus: "finite" },
  law: "sign",
  float64: (u) => (u > 0 ? 1 : u < 0 ? -1 : u === 0 ? 0 : NaN),
  spelled: {
    typescript: { own: "Math.sign" },
    wasm: { helper: "sign" },
    wgsl: { own: "sign" },
    torch: { own: "torch.sign" },
  },
};
