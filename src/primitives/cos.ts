/** The cosine of an angle in radians. */
import { call, negate } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { anySign } from "./signs.js";

export const cos: Unary = {
  tex: "\\cos",
  derivative: (u) => [negate(call("sin", [u]))],
  poles: [],
  range: "bounded",
  signs: anySign,
  limits: { zero: "finite", minus: "infinite", plus: "infinite" },
  law: "cos",
  float64: Math.cos,
  spelled: {
    typescript: { own: "Math.cos" },
    wasm: { helper: "cos" },
    wgsl: { helper: "cosine" },
    torch: { own: "torch.cos" },
  },
};
