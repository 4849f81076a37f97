/** The square root. */
import { call, divide, rational, zero } from "../notation/construct.js";
import type { Unary } from "./record.js";
import { sign } from "./signs.js";

export const sqrt: Unary = {
  tex: ["\\sqrt{", "}"],
  // (√u)′ = 1/(2√u)
  derivative: (u) => [divide(rational(1, 2), call("sqrt", [u]))],
  fromValue: (y) => divide(rational(1, 2), y),
  poles: [{ where: (u) => [[u, zero]], value: "zero" }],
  range: "partial",
  signs: (u) => u & (sign.zero | sign.positive | sign.pole),
  limits: { zero: "zero", minus: "infinite", plus: "plus" },
  law: "sqrt",
  float64: Math.sqrt,
  isCheap: true,
  spelled: {
    typescript: { own: "Math.sqrt" },
    wasm: { own: "f64.sqrt" },
    wgsl: { own: "sqrt" },
    torch: { own: "torch.sqrt" },
  },
};
