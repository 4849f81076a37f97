/** The natural logarithm. */
import { zero } from "../notation/construct.js";
import { oneOver } from "./formulas.js";
import type { Unary } from "./record.js";
import { hasSigns, real, sign } from "./signs.js";

export const log: Unary = {
  tex: "\\log",
  // (ln u)′ = 1/u
  derivative: (u) => [oneOver(u)],
  poles: [{ where: (u) => [[u, zero]], value: "minus" }],
  range: "partial",
  signs: (u) => real | (u & sign.pole) | (hasSigns(u, sign.zero) ? sign.pole : 0),
  limits: { zero: "minus", minus: "infinite", plus: "plus" },
  law: "log",
  float64: Math.log,
  spelled: {
    typescript: { own: "Math.log" },
    wasm: { helper: "log" },
    wgsl: { helper: "logarithm" },
    torch: { own: "torch.log" },
  },
};
