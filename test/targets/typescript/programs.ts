/** Programs written by hand, as the lowering would make them. */
import {
  add,
  compare,
  divide,
  equals,
  multiply,
  ofInt,
  one,
  raise,
  rational,
  read,
  select,
  subtract,
} from "../../../src/notation/construct.js";
import type { Expression } from "../../../src/notation/expression.js";
import * as integer from "../../../src/notation/integer.js";
import type { Int } from "../../../src/notation/integer.js";

import type { Code, Program } from "../../../src/kernels/program.js";

import {
  accumulator,
  assign,
  at,
  flat,
  kernel,
  layerOf,
  loop,
  n,
  p,
  plus,
  programOf,
  real,
  store,
  times,
  v,
} from "./build.js";

const [N, C, D, V] = [v("N"), v("C"), v("D"), v("V")];

/** sum = Σ left * right */
const sum = (left: Expression, right: Expression, index: string, to: Int): Code[] => [
  accumulator("sum", rational(0)),
  loop(index, to, assign("sum", add(p("sum"), multiply(left, right)))),
];

/** z[n,d] = sum[c](x[n,c] * w[c,d]) + b[d] */
export function linear(): Program {
  const [x, w, dz] = [
    at("x", flat(v("n"), C, v("c"))),
    at("w", flat(v("c"), D, v("d"))),
    at("dz", flat(v("n"), D, v("d"))),
  ];
  return programOf(layerOf("linear", { documentation: "A fully connected layer.", sizes: ["N", "C", "D"] }), {
    buffers: [
      real("given", "x", N, C),
      real("given", "w", C, D),
      real("given", "b", D),
      real("output", "z", N, D),
      real("cotangent", "dz", N, D),
      real("gradient", "dx", N, C),
      real("gradient", "dw", C, D),
      real("gradient", "db", D),
    ],
    forward: { needs: { z: ["x", "w", "b"] }, steps: [{ kernel: "forwardZ", for: ["z"] }] },
    backward: {
      needs: { dx: ["w", "dz"], dw: ["x", "dz"], db: ["dz"] },
      steps: [
        { kernel: "gradientX", for: ["dx"] },
        { kernel: "gradientW", for: ["dw"] },
        { kernel: "gradientB", for: ["db"] },
      ],
    },
    kernels: [
      kernel("forwardZ", "z[n,d] = sum[c](x[n,c] * w[c,d]) + b[d]", {
        reads: ["x", "w", "b"],
        writes: ["z"],
        integers: ["N", "C", "D"],
        body: [
          loop(
            "n",
            N,
            loop(
              "d",
              D,
              ...sum(x, w, "c", C),
              store("z", flat(v("n"), D, v("d")), add(p("sum"), at("b", v("d")))),
            ),
          ),
        ],
      }),
      kernel("gradientX", "dx[n,c] = sum[d](dz[n,d] * w[c,d])", {
        reads: ["w", "dz"],
        writes: ["dx"],
        integers: ["N", "C", "D"],
        body: [
          loop("n", N, loop("c", C, ...sum(dz, w, "d", D), store("dx", flat(v("n"), C, v("c")), p("sum")))),
        ],
      }),
      kernel("gradientW", "dw[c,d] = sum[n](x[n,c] * dz[n,d])", {
        reads: ["x", "dz"],
        writes: ["dw"],
        integers: ["N", "C", "D"],
        body: [
          loop("c", C, loop("d", D, ...sum(x, dz, "n", N), store("dw", flat(v("c"), D, v("d")), p("sum")))),
        ],
      }),
      kernel("gradientB", "db[d] = sum[n](dz[n,d])", {
        reads: ["dz"],
        writes: ["db"],
        integers: ["N", "D"],
        body: [loop("d", D, ...sum(dz, one, "n", N), store("db", v("d"), p("sum")))],
      }),
    ],
  });
}

/** z[n,d] = scale * table[t[n],d]: a gather, and a scatter as its gradient. */
export function embedding(): Program {
  const row = integer.element("t", [v("n")]);
  const layer = layerOf("embedding", {
    sizes: ["N", "V", "D"],
    params: [{ name: "scale", type: "real", value: 2 }],
  });
  return programOf(layer, {
    buffers: [
      { ...real("given", "t", N), type: "integer", bound: V },
      real("given", "table", V, D),
      real("output", "z", N, D),
      real("cotangent", "dz", N, D),
      real("gradient", "dtable", V, D),
    ],
    forward: { needs: { z: ["t", "table"] }, steps: [{ kernel: "forwardZ", for: ["z"] }] },
    backward: {
      needs: { dtable: ["t", "dz"] },
      steps: [{ kernel: "gradientTable", for: ["dtable"] }],
    },
    kernels: [
      kernel("forwardZ", "z[n,d] = scale * table[t[n],d]", {
        reads: ["t", "table"],
        writes: ["z"],
        integers: ["N", "D"],
        reals: ["scale"],
        body: [
          loop(
            "n",
            N,
            { kind: "integer", name: "row", value: times(row, D) },
            loop(
              "d",
              D,
              store("z", flat(v("n"), D, v("d")), multiply(p("scale"), at("table", plus(v("row"), v("d"))))),
            ),
          ),
        ],
      }),
      kernel("gradientTable", "dtable[v,d] = sum[n](where(t[n] == v, scale * dz[n,d], 0))", {
        reads: ["t", "dz"],
        writes: ["dtable"],
        integers: ["N", "D"],
        reals: ["scale"],
        body: [
          { kind: "fill", buffer: "dtable", value: rational(0) },
          loop(
            "n",
            N,
            loop("d", D, {
              kind: "accumulate",
              buffer: "dtable",
              offset: flat(row, D, v("d")),
              value: multiply(p("scale"), at("dz", flat(v("n"), D, v("d")))),
            }),
          ),
        ],
      }),
    ],
  });
}

/** z[n] = max[c](x[n,c]); the argmax is saved, the rows' squares stand in a workspace that nothing else needs. */
export function globalMax(): Program {
  const x = at("x", flat(v("n"), C, v("c")));
  return programOf(layerOf("global_max", { sizes: ["N", "C"] }), {
    buffers: [
      real("given", "x", N, C),
      real("output", "z", N),
      { ...real("saved", "m", N), type: "integer" },
      real("cotangent", "dz", N),
      real("gradient", "dx", N, C),
      real("workspace", "h", N),
    ],
    forward: {
      needs: { z: ["x"] },
      steps: [
        { kernel: "forwardM", for: ["z"] },
        { kernel: "forwardZ", for: ["z"] },
      ],
    },
    backward: { needs: { dx: ["m", "dz"] }, steps: [{ kernel: "gradientX", for: ["dx"] }] },
    kernels: [
      kernel("forwardM", "m[n] = argmax[c](x[n,c])", {
        reads: ["x"],
        writes: ["m", "h"],
        integers: ["N", "C"],
        body: [
          loop(
            "n",
            N,
            accumulator("best", rational(-Infinity)),
            { kind: "counter", name: "where", value: n(-1) },
            { kind: "real", name: "unread", value: ofInt(C) },
            loop(
              "c",
              C,
              { kind: "real", name: "value", value: x },
              {
                kind: "if",
                condition: compare("<", p("best"), p("value")),
                then: [assign("best", p("value")), assign("where", v("c"))],
                otherwise: [],
              },
            ),
            store("m", v("n"), v("where")),
            store("h", v("n"), p("best")),
          ),
        ],
      }),
      kernel("forwardZ", "z[n] = max[c](x[n,c])", {
        reads: ["h"],
        writes: ["z"],
        integers: ["N"],
        body: [loop("n", N, store("z", v("n"), at("h", v("n"))))],
      }),
      kernel("gradientX", "dx[n,c] = where(m[n] == c, dz[n], 0)", {
        reads: ["m", "dz"],
        writes: ["dx"],
        integers: ["N", "C"],
        body: [
          loop(
            "n",
            N,
            loop(
              "c",
              C,
              store(
                "dx",
                flat(v("n"), C, v("c")),
                select(equals(integer.element("m", [v("n")]), v("c")), at("dz", v("n")), rational(0)),
              ),
            ),
          ),
        ],
      }),
    ],
  });
}

/** loss = mean[n]((x[n] - y[n])^2): a scalar, and an output that the backward pass reads. */
export function loss(): Program {
  const difference = subtract(at("x", v("n")), at("y", v("n")));
  return programOf(layerOf("loss", { sizes: ["N"] }), {
    buffers: [
      real("given", "x", N),
      real("given", "y", N),
      real("output", "loss"),
      real("output", "e", N),
      real("cotangent", "dloss"),
      real("cotangent", "de", N),
      real("gradient", "dx", N),
    ],
    forward: {
      needs: { loss: ["x", "y"], e: ["x", "y"] },
      steps: [
        { kernel: "forwardE", for: ["loss", "e"] },
        { kernel: "forwardLoss", for: ["loss"] },
      ],
    },
    backward: { needs: { dx: ["e", "dloss", "de"] }, steps: [{ kernel: "gradientX", for: ["dx"] }] },
    kernels: [
      kernel("forwardE", "e[n] = x[n] - y[n]", {
        reads: ["x", "y"],
        writes: ["e"],
        integers: ["N"],
        body: [loop("n", N, store("e", v("n"), difference))],
      }),
      kernel("forwardLoss", "loss = mean[n](e[n]^2)", {
        reads: ["e"],
        writes: ["loss"],
        integers: ["N"],
        body: [
          accumulator("sum", rational(0)),
          loop("n", N, assign("sum", add(p("sum"), raise(at("e", v("n")), rational(2))))),
          store("loss", integer.zero, divide(p("sum"), ofInt(N))),
        ],
      }),
      kernel("gradientX", "dx[n] = de[n] + 2 * dloss * e[n] / N", {
        reads: ["e", "dloss", "de"],
        writes: ["dx"],
        integers: ["N"],
        body: [
          loop(
            "n",
            N,
            store(
              "dx",
              v("n"),
              add(
                at("de", v("n")),
                multiply(rational(2), read("dloss", []), at("e", v("n")), raise(ofInt(N), rational(-1))),
              ),
            ),
          ),
        ],
      }),
    ],
  });
}
