/** u where u > 0, else 0. */
import { compare, one, select, zero } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { hasSigns, sign } from "./signs.js";

export const relu: Unary = {
  tex: "\\mathrm{relu}",
  // relu′ = [u > 0]
  derivative: (u) => [select(compare("<", zero, u), one, zero)],
  fromValue: (y) => select(compare("<", zero, y), one, zero),
  poles: [],
  range: "finite",
  decision: { by: "sign" },
  signs: (u) => (u & (sign.positive | sign.pole)) | (hasSigns(u, sign.negative | sign.zero) ? sign.zero : 0),
  limits: { zero: "zero", minus: "zero", plus: "plus" },
  law: "relu",
  float64: (u) => (u <= 0 ? 0 : u),
  isCheap: true,
  spelled: {
    typescript: { helper: "relu" },
    wasm: { helper: "relu" },
    wgsl: { helper: "relu" },
    torch: { own: "torch.relu" },
  },
};
