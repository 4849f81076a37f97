/** u². */
import { multiply, raise } from "../notation/construct.js";
import { two } from "./formulas.js";
import type { Unary } from "./record.js";
import { hasSigns, sign } from "./signs.js";

export const square: Unary = {
  tex: "\\mathrm{square}",
  derivative: (u) => [multiply(two, u)],
  poles: [],
  range: "finite",
  signs: (u) =>
    (u & (sign.zero | sign.pole)) | (hasSigns(u, sign.negative | sign.positive) ? sign.positive : 0),
  limits: { zero: "zero", minus: "plus", plus: "plus" },
  law: (u) => raise(u, two),
  float64: (u) => u * u,
  spelled: {
    typescript: { helper: "square" },
    wasm: { helper: "square" },
    wgsl: { helper: "square" },
    torch: { own: "torch.square" },
  },
};
