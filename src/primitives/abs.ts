/** |u|; its derivative at 0 is 0. */
import { call } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { hasSigns, sign } from "./signs.js";

export const abs: Unary = {
  tex: ["\\left|", "\\right|"],
  derivative: (u) => [call("sign", [u])],
  poles: [],
  range: "finite",
  decision: { by: "sign" },
  signs: (u) =>
    (u & (sign.zero | sign.pole)) | (hasSigns(u, sign.negative | sign.positive) ? sign.positive : 0),
  limits: { zero: "zero", minus: "plus", plus: "plus" },
  law: "abs",
  float64: Math.abs,
  isCheap: true,
  spelled: {
    typescript: { own: "Math.abs" },
    wasm: { own: "f64.abs" },
    wgsl: { own: "abs" },
    torch: { own: "torch.abs" },
  },
};
