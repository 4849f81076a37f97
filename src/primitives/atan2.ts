/** The angle of the point (v, u). */
import { add, call, compare, divide, negate, select, zero } from "../notation/construct.js";
import { square } from "./formulas.js";
import type { Binary } from "./record.js";
import { anySign } from "./signs.js";

export const atan2: Binary = {
  tex: "\\mathrm{atan2}",
  // ∂u = v/(u² + v²), ∂v = -u/(u² + v²)
  derivative: (u, v) => {
    const norm = add(square(u), square(v));
    return [divide(v, norm), negate(divide(u, norm))];
  },
  poles: [
    {
      where: (u, v) => [
        [u, zero],
        [v, zero],
      ],
      value: "finite",
    },
  ],
  // from -π to π across the negative half of the axis
  breaks: (u, v) => select(compare("<", v, zero), u, call("sqrt", [add(square(u), square(v))])),
  range: "bounded",
  signs: anySign,
  limits: { zero: "finite", minus: "finite", plus: "finite" },
  law: "atan2",
  float64: Math.atan2,
  spelled: {
    typescript: { own: "Math.atan2" },
    wasm: { helper: "atan2" },
    wgsl: { helper: "arcTangent2" },
    torch: { own: "torch.atan2" },
  },
};
