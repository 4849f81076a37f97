/** The nearest integer; of two the even one. */
import { zero } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { sign } from "./signs.js";
import * as special from "./special.js";

export const round: Unary = {
  tex: "\\mathrm{round}",
  derivative: () => [zero],
  poles: [],
  range: "finite",
  decision: { by: "step", offset: 0.5 },
  signs: (u) => u | sign.zero,
  limits: { zero: "zero", minus: "minus", plus: "plus" },
  law: "round",
  float64: special.roundToEven,
  spelled: {
    typescript: { helper: "roundEven" },
    wasm: { own: "f64.nearest" },
    wgsl: { own: "round" },
    torch: { own: "torch.round" },
  },
};
