/** The tangent of an angle in radians. */
import { add, call, divide, one } from "../notation/construct.js";
import { square } from "./formulas.js";
import type { Unary } from "./record.js";
import { real, sign } from "./signs.js";

export const tan: Unary = {
  tex: "\\tan",
  // tan′ = 1 + tan²
  derivative: (u) => [add(one, square(call("tan", [u])))],
  fromValue: (y) => add(one, square(y)),
  poles: [],
  breaks: (u) => call("cos", [u]),
  range: "partial",
  signs: () => real | sign.pole,
  limits: { zero: "zero", minus: "infinite", plus: "infinite" },
  law: (u) => divide(call("sin", [u]), call("cos", [u])),
  float64: Math.tan,
  spelled: {
    typescript: { own: "Math.tan" },
    wasm: { helper: "tan" },
    wgsl: { formula: (u) => divide(call("sin", [u]), call("cos", [u])), as: "tangent" },
    torch: { own: "torch.tan" },
  },
};
