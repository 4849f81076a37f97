/** ln(1 + u), exact where u is small. */
import { add, call, minusOne, one } from "../notation/construct.js";
import { oneOver } from "./formulas.js";
import type { Unary } from "./record.js";
import { hasSigns, sign } from "./signs.js";

export const log1p: Unary = {
  tex: "\\mathrm{log1p}",
  // ln(1 + u)′ = 1/(1 + u)
  derivative: (u) => [oneOver(add(one, u))],
  poles: [{ where: (u) => [[u, minusOne]], value: "minus" }],
  range: "partial",
  signs: (u) =>
    (u & (sign.zero | sign.positive | sign.pole)) |
    (hasSigns(u, sign.negative) ? sign.negative | sign.pole : 0),
  limits: { zero: "zero", minus: "infinite", plus: "plus" },
  law: (u) => call("log", [add(one, u)]),
  float64: Math.log1p,
  spelled: {
    typescript: { own: "Math.log1p" },
    wasm: { helper: "log1p" },
    wgsl: { helper: "log1p" },
    torch: { own: "torch.log1p" },
  },
};
