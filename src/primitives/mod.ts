/** u - v·⌊u/v⌋: the sign is v's. */
import { call, divide, negate, one } from "../notation/construct.js";
import type { Binary } from "./record.js";
import { real, sign } from "./signs.js";
import * as special from "./special.js";

export const mod: Binary = {
  tex: "\\mathrm{mod}",
  // ∂u = 1, ∂v = -⌊u/v⌋
  derivative: (u, v) => [one, negate(call("floor", [divide(u, v)]))],
  poles: [],
  breaks: (_, v) => v,
  range: "partial",
  decision: { by: "step", offset: 0 },
  signs: () => real | sign.pole,
  limits: { zero: "finite", minus: "infinite", plus: "infinite" },
  law: "mod",
  float64: special.modulo,
  spelled: {
    typescript: { helper: "mod" },
    wasm: { helper: "mod" },
    wgsl: { helper: "realModulo" },
    torch: { helper: "_modulo" },
  },
};
