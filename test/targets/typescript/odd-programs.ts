/** Programs with every kind of setting and check, and with awkward names. */
import {
  add,
  multiply,
  nonNegative,
  ofInt,
  raise,
  rational,
  read,
  truth,
} from "../../../src/notation/construct.js";

import * as integer from "../../../src/notation/integer.js";

import type { Program } from "../../../src/kernels/program.js";

import { at, kernel, layerOf, loop, minus, n, p, plus, programOf, real, store, times, v } from "./build.js";

/** Every kind of size, constant and check: z[p] = scale * x[p*stride + offset] under requirements. */
export function settings(): Program {
  const [H, P, stride, offset] = [v("H"), v("P"), v("stride"), v("offset")];
  const subscript = plus(times(v("p"), stride), offset);
  const layer = layerOf("settings", {
    sizes: ["H"],
    params: [
      { name: "stride", type: "integer", value: 2, positive: true },
      { name: "offset", type: "integer", value: 0 },
      { name: "eps", type: "real", value: 1e-5 },
    ],
    derived: [{ name: "P", value: integer.floorDivide(plus(H, n(1)), stride) }],
    constants: [
      { name: "scale", value: raise(add(ofInt(H), p("eps")), rational(1, 2)) },
      { name: "unused", value: p("scale") },
    ],
  });
  return programOf(layer, {
    buffers: [real("given", "x", H), real("output", "z", P)],
    planConstants: [
      { name: "g", kind: "gcd", left: stride, right: n(6) },
      { name: "unit", kind: "inverse", value: n(3), modulus: n(7) },
    ],
    checks: [
      {
        kind: "condition",
        condition: nonNegative(minus(H, times(n(2), stride))),
        message: 'a stride too "long"',
      },
      {
        kind: "bounds",
        indices: [
          { name: "q", extent: v("H") },
          { name: "p", extent: P },
        ],
        given: truth,
        tensor: "x",
        axis: 0,
        subscript,
        extent: H,
        text: "x[p*stride + offset]",
      },
    ],
    forward: { needs: { z: ["x"] }, steps: [{ kernel: "forwardZ", for: ["z"] }] },
    kernels: [
      kernel("forwardZ", "z[p] = scale * x[p*stride + offset] + g + unit", {
        reads: ["x"],
        writes: ["z"],
        integers: ["P", "stride", "offset", "g", "unit"],
        reals: ["scale"],
        body: [
          loop(
            "p",
            P,
            store("z", v("p"), add(multiply(p("scale"), at("x", subscript)), ofInt(plus(v("g"), v("unit"))))),
          ),
        ],
      }),
    ],
  });
}

/** Names that mean something else in JavaScript or in generated code: z[c'] = new[c'] * Math[c'] + x̂. */
export function awkward(): Program {
  const [c, size] = [v("c'"), v("in")];
  return programOf(layerOf("bind", { documentation: "Ends */ early.", sizes: ["in", "at"] }), {
    buffers: [
      real("given", "new", size),
      real("given", "Math", size),
      real("given", "constructor", size),
      real("given", "x̂"),
      real("output", "sigmoid", v("in")),
      real("workspace", "kernels", v("at")),
      real("cotangent", "dsigmoid", size),
      real("gradient", "dnew", size),
    ],
    forward: {
      needs: { sigmoid: ["new", "Math", "constructor", "x̂"] },
      steps: [
        { kernel: "forward32", for: ["sigmoid"] },
        { kernel: "forwardSigmoid", for: ["sigmoid"] },
      ],
    },
    backward: { needs: { dnew: ["Math", "dsigmoid"] }, steps: [{ kernel: "await", for: ["dnew"] }] },
    kernels: [
      kernel("forward32", "kernels = sigmoid(x̂) */", {
        reads: ["x̂"],
        writes: ["kernels"],
        integers: ["at"],
        body: [
          loop("arguments", v("at"), {
            kind: "store",
            buffer: "kernels",
            offset: v("arguments"),
            value: { kind: "call", name: "sigmoid", arguments: [read("x̂", [])] },
          }),
        ],
      }),
      kernel("forwardSigmoid", "sigmoid[c'] = new[c'] * Math[c'] + constructor[c'] + kernels[0]", {
        reads: ["new", "Math", "constructor", "kernels"],
        writes: ["sigmoid"],
        integers: ["in"],
        body: [
          loop(
            "c'",
            size,
            store(
              "sigmoid",
              c,
              add(multiply(at("new", c), at("Math", c)), at("constructor", c), at("kernels", integer.zero)),
            ),
          ),
        ],
      }),
      kernel("await", "dnew[c'] = Math[c'] * dsigmoid[c']", {
        reads: ["Math", "dsigmoid"],
        writes: ["dnew"],
        integers: ["in"],
        body: [loop("c'", size, store("dnew", c, multiply(at("Math", c), at("dsigmoid", c))))],
      }),
    ],
  });
}

/** z[n] = 2 * x[n] for three elements: a variant that leaves no sizes open. */
export function fixed(): Program {
  return programOf(layerOf("fixed"), {
    buffers: [real("given", "x", n(3)), real("output", "z", n(3))],
    forward: { needs: { z: ["x"] }, steps: [{ kernel: "forwardZ", for: ["z"] }] },
    kernels: [
      kernel("forwardZ", "z[n] = 2 * x[n]", {
        reads: ["x"],
        writes: ["z"],
        body: [loop("n", n(3), store("z", v("n"), multiply(rational(2), at("x", v("n")))))],
      }),
    ],
  });
}
