/** u·Φ(u), Φ(u) = (1 + erf(u/√2))/2. */
import { add, call, divide, multiply, one, rational } from "../notation/construct.js";
import { pi, square, two } from "./formulas.js";
import type { Unary } from "./record.js";
import { likeItsArgument } from "./signs.js";
import * as special from "./special.js";

export const gelu: Unary = {
  tex: "\\mathrm{gelu}",
  // gelu′ = Φ(u) + u·φ(u), φ(u) = e^(-u²/2)/√(2π)
  derivative: (u) => [
    add(
      multiply(rational(1, 2), add(one, call("erf", [divide(u, call("sqrt", [two]))]))),
      divide(
        multiply(u, call("exp", [multiply(rational(-1, 2), square(u))])),
        call("sqrt", [multiply(two, pi)]),
      ),
    ),
  ],
  poles: [],
  range: "finite",
  signs: likeItsArgument,
  limits: { zero: "zero", minus: "zero", plus: "plus" },
  law: (u) =>
    multiply(rational(1, 2), u, add(one, call("erf", [multiply(u, call("sqrt", [rational(1, 2)]))]))),
  float64: special.gelu,
  spelled: {
    typescript: { helper: "gelu" },
    wasm: { helper: "gelu" },
    wgsl: { helper: "gelu" },
    torch: { helper: "_gelu" },
  },
};
