/** The hyperbolic tangent. */
import { add, call, divide, one, subtract } from "../notation/construct.js";
import { square } from "./formulas.js";
import type { Unary } from "./record.js";
import { likeItsArgument } from "./signs.js";

export const tanh: Unary = {
  tex: "\\tanh",
  // tanh′ = 1 - tanh²
  derivative: (u) => [subtract(one, square(call("tanh", [u])))],
  fromValue: (y) => subtract(one, square(y)),
  poles: [],
  range: "bounded",
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "finite", plus: "finite" },
  law: (u) => {
    const power = square(call("exp", [u]));
    return divide(subtract(power, one), add(power, one));
  },
  float64: Math.tanh,
  spelled: {
    typescript: { helper: "tanh" },
    wasm: { helper: "tanh" },
    wgsl: { helper: "hyperbolicTangent" },
    torch: { own: "torch.tanh" },
  },
};
