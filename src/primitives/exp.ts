/** e^u. */
import { call } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { positiveEverywhere } from "./signs.js";

export const exp: Unary = {
  tex: "\\exp",
  // (e^u)′ = e^u
  derivative: (u) => [call("exp", [u])],
  fromValue: (y) => y,
  poles: [],
  range: "growing",
  signs: positiveEverywhere,
  limits: { zero: "finite", minus: "zero", plus: "plus" },
  law: "exp",
  float64: Math.exp,
  spelled: {
    typescript: { helper: "exp" },
    wasm: { helper: "exp" },
    wgsl: { own: "exp" },
    torch: { own: "torch.exp" },
  },
};
