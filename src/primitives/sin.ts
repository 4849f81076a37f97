/** The sine of an angle in radians. */
import { call } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { anySign } from "./signs.js";

export const sin: Unary = {
  tex: "\\sin",
  derivative: (u) => [call("cos", [u])],
  poles: [],
  range: "bounded",
  signs: anySign,
  limits: { zero: "zero", minus: "infinite", plus: "infinite" },
  law: "sin",
  float64: Math.sin,
  spelled: {
    typescript: { own: "Math.sin" },
    wasm: { helper: "sin" },
    wgsl: { helper: "sine" },
    torch: { own: "torch.sin" },
  },
};
