/** Windows written out in a variant, against the same layer for any sizes and against plain loops. */
import { describe, expect, it } from "vitest";
import { parseLayer } from "../../src/index.js";
import { compile, integers } from "../support/layers.js";

const window = `
  param stride = 1
  param pad = 0
  param dilation = 1
  P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
  Q = floor((W + 2*pad - dilation*(S - 1) - 1) / stride) + 1`;
const at = "p*stride - pad + r*dilation, q*stride - pad + s*dilation";
const depthwise = `${window}
  input x[N, C, H, W]
  weight w[C, R, S]
  weight b[C]
  output z[N, C, P, Q]
  z[n,c,p,q] = sum[r,s](x[n, c, ${at}] * w[c,r,s]) + b[c]`;
const pooling = (name: string) => `param R = 2
  param S = 2 ${window}
  input x[N, C, H, W]
  output z[N, C, P, Q]
  z[n,c,p,q] = ${name}[r < R, s < S](x[n, c, ${at}])`;

const windows = [
  { R: 3, S: 3, stride: 1, pad: 1, dilation: 1 },
  { R: 3, S: 2, stride: 2, pad: 1, dilation: 1 },
  { R: 2, S: 3, stride: 1, pad: 3, dilation: 2 },
  { R: 2, S: 2, stride: 2, pad: 0, dilation: 1 },
  { R: 1, S: 1, stride: 3, pad: 1, dilation: 1 },
];
/** A multiple of every number of points that a window may have: means come out even. */
const wholeInAny = 72;
const variantOf = (fixed: (typeof windows)[number]): string =>
  `variant fixed: ${Object.entries(fixed)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ")}`;

/** -0 is 0: a sum of terms has no zero to start from. */
const unsigned = (tensors: Record<string, ArrayLike<number>>): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, values]) => [name, Array.from(values, (v) => v + 0)]),
  );

describe.each([
  ["a depthwise convolution", depthwise],
  ["a maximum", pooling("max")],
  ["a mean", pooling("mean")],
])("%s", (_, text) => {
  it.each(windows)("is the same written out at %j", async (fixed) => {
    const plans = await parseLayer(`${text}\n${variantOf(fixed)}`, "windows.layer").compile();
    const [any, own] = [plans["windows"], plans["fixed"]];
    if (!any || !own) throw new Error("no plan");
    for (const [H, W] of [
      [5, 7],
      [4, 4],
      [3, 6],
    ] as const) {
      const sizes = { N: 2, C: 3, H, W };
      const [a, b] = [any({ ...sizes, ...fixed }, { dtype: "f64" }), own(sizes, { dtype: "f64" })];
      const [t, u] = [a.allocate(), b.allocate()];
      for (const tensors of [t, u])
        for (const [i, name] of ["x", "w", "b", "dz"].entries())
          tensors[name]?.set(integers(tensors[name].length, i).map((value) => value * wholeInAny));
      // equal values, and none at all
      for (const tensors of [t, u]) tensors["x"]?.fill(-Infinity, 0, H * W);
      if (text === depthwise) for (const tensors of [t, u]) tensors["x"]?.fill(2, 0, H * W);
      a.forward(t, t);
      a.backward(t, t);
      b.forward(u, u);
      b.backward(u, u);
      expect(unsigned(u)).toEqual(unsigned(t));
    }
  });
});

it("writes out windows of a few points, and no longer ones", () => {
  const sumsIn = (fixed: string): number => {
    const programs = compile(`${depthwise}\nvariant fixed: ${fixed}`).programs;
    const kernel = programs
      .find((p) => p.name === "fixed")
      ?.program.kernels.find((k) => k.name === "forwardZByRow");
    return JSON.stringify(kernel?.body).split('"tensor":"x"').length - 1;
  };
  // nine terms inside, and one in the loops of the edges
  expect(sumsIn("R = 3, S = 3, stride = 1, pad = 1")).toBe(10);
  // none of its results lies at an edge
  expect(sumsIn("R = 2, S = 2, stride = 2, pad = 0")).toBe(4);
  expect(sumsIn("R = 7, S = 7, stride = 1, pad = 3")).toBeLessThan(10);
});
