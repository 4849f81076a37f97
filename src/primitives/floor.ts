/** The greatest integer that is at most u. */
import { zero } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { sign } from "./signs.js";

export const floor: Unary = {
  tex: ["\\left\\lfloor ", "\\right\\rfloor"],
  derivative: () => [zero],
  poles: [],
  range: "finite",
  decision: { by: "step", offset: 0 },
  signs: (u) => u | sign.zero,
  limits: { zero: "zero", minus: "minus", plus: "plus" },
  law: "floor",
  float64: Math.floor,
  spelled: {
    typescript: { own: "Math.floor" },
    wasm: { own: "f64.floor" },
    wgsl: { own: "floor" },
    torch: { own: "torch.floor" },
  },
};
