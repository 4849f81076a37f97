/** The least integer that is at least u. */
import { zero } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { sign } from "./signs.js";

export const ceil: Unary = {
  tex: ["\\left\\lceil ", "\\right\\rceil"],
  derivative: () => [zero],
  poles: [],
  range: "finite",
  decision: { by: "step", offset: 0 },
  signs: (u) => u | sign.zero,
  limits: { zero: "zero", minus: "minus", plus: "plus" },
  law: "ceil",
  float64: Math.ceil,
  spelled: {
    typescript: { own: "Math.ceil" },
    wasm: { own: "f64.ceil" },
    wgsl: { own: "ceil" },
    torch: { own: "torch.ceil" },
  },
};
