/**
 * Convolutions and pooling as `torch.nn.functional`: that they are found however they are written, and that values, gradients
 * and second gradients are those of the formula at strides, dilations, pads and extents for which torch has no call of its own.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { compileText } from "../../src/pipeline.js";
import { Torch } from "../../src/torch/process.js";
import { TorchLayer } from "../../src/torch/target.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { convolution, writings } from "../patterns/formulas.js";
import { randomContraction } from "../support/random-contractions.js";
import { randomWindow } from "../support/random-windows.js";
import { faultsOf, torchTexts } from "./support.js";

let torch: Torch;
beforeAll(async () => {
  torch = await Torch.open();
});
afterAll(() => torch.close());

async function textOf(text: string): Promise<string> {
  return (await torchTexts(compileText(text, "sample.layer"))).get("sample") ?? "";
}
const holds = async (text: string): Promise<void> =>
  expect(
    await faultsOf(compileText(text, "sample.layer"), { torch, trials: 1, dtypes: ["f64"] }),
    text,
  ).toEqual([]);
/** The functions of windows that a file calls, each once. */
const callsIn = (source: string): readonly string[] =>
  [...new Set(source.match(/(?<!def )\b_(?:conv|sum_pool|max_pool)\w+(?=\()/gu))].toSorted();

describe("one convolution in many writings", () => {
  const calls = [
    "_conv1d(x, w, (P,), stride=stride, pad=pad, dilation=dilation)",
    "_conv1d_input((H,), w, dz, stride=stride, pad=pad, dilation=dilation)",
    "_conv1d_weight(x, (R,), dz, stride=stride, pad=pad, dilation=dilation)",
  ];
  it.each(Object.entries({ "as it is": convolution, ...writings }))("%s", async (_, text) => {
    const source = await textOf(text);
    for (const call of calls)
      expect(source.replaceAll(/\s+/gu, " ").replaceAll(/\( | \)|,(?= \))/gu, (m) => m.trim())).toContain(
        call,
      );
    await holds(text);
  });
});

/** Layers, and the functions that they have to call forwards and backwards. */
const layers: Readonly<Record<string, readonly [text: string, calls: readonly string[]]>> = {
  "no channels and no batch": [
    "input x[H]\nweight w[R]\noutput z[P]\nP = H - R + 1\nz[p] = sum[r](w[r]*x[p+r])",
    ["_conv1d", "_conv1d_input", "_conv1d_weight"],
  ],
  "a convolution proper": [
    "input x[N, H]\nweight w[R]\noutput z[N, P]\nP = H + R - 1\nz[n,p] = sum[r](w[r]*x[n, p - r])",
    ["_conv1d", "_conv1d_input", "_conv1d_weight"],
  ],
  "every other element, against the data": [
    "input x[N, H]\nweight w[R]\noutput z[N, P]\nP = floor((H + R)/2)\nz[n,p] = sum[r](w[r]*x[n, 2*p - r])",
    ["_conv1d", "_conv1d_input"],
  ],
  "two batches and other orders of axes": [
    "input x[H, A, C, B]\nweight w[R, C, K]\noutput z[B, P, A, K]\nP = H - R + 1\nz[b,p,a,k] = sum[r,c](x[p + r, a, c, b]*w[r,c,k])",
    ["_conv1d", "_conv1d_input", "_conv1d_weight"],
  ],
  "a relu before, a bias and a relu after": [
    "input x[N, C, H]\nweight w[K, C, R]\nweight b[K]\noutput z[N, K, P]\nP = H - R + 1\nz[n,k,p] = relu(b[k] + sum[c,r](relu(x[n,c,p+r])*w[k,c,r]))",
    ["_conv1d", "_conv1d_input", "_conv1d_weight"],
  ],
  "a scale inside and a sum of two": [
    "param a = 3\ninput x[N, C, H]\ninput y[N, C, H]\nweight w[K, C, R]\nweight v[K, C, R]\noutput z[N, K, P]\nP = H - R + 1\nz[n,k,p] = sum[c,r](2*a*x[n,c,p+r]*w[k,c,r] - y[n,c,p+r]*v[k,c,r])",
    ["_conv1d", "_conv1d_input", "_conv1d_weight"],
  ],
  "groups by floor": [
    "input x[N, G*C, H]\nweight w[G*K, C, R]\noutput z[N, G*K, P]\nP = H - R + 1\nz[n,k,p] = sum[c,r](x[n, floor(k/K)*C + c, p + r] * w[k,c,r])",
    ["_conv1d", "_conv1d_input", "_conv1d_weight"],
  ],
  "groups with an axis of their own": [
    "input x[N, G, C, H]\nweight w[G, K, C, R]\noutput z[N, G, K, P]\nP = H - R + 1\nz[n,g,k,p] = sum[c,r](x[n,g,c,p + r] * w[g,k,c,r])",
    ["_conv1d", "_conv1d_input", "_conv1d_weight"],
  ],
  "depthwise in three dimensions": [
    "input x[N, C, D, H, W]\nweight w[C, Q, R, S]\noutput z[N, C, A, B, E]\nA = D - Q + 1\nB = H - R + 1\nE = W - S + 1\nz[n,c,a,b,e] = sum[q,r,s](x[n,c,a+q,b+r,e+s]*w[c,q,r,s])",
    ["_conv3d", "_conv3d_input", "_conv3d_weight"],
  ],
  "a stride along one axis only": [
    "param stride = 2\ninput x[N, C, H, W]\nweight w[K, C, R, S]\noutput z[N, K, P, Q]\nP = floor((H - R)/stride) + 1\nQ = W - S + 1\nz[n,k,p,q] = sum[c,r,s](x[n,c,p*stride + r,q + s]*w[k,c,r,s])",
    ["_conv2d", "_conv2d_input", "_conv2d_weight"],
  ],
  "a sum over windows and channels": [
    "input x[N, C, H]\ninput g[P]\noutput z[N, P]\nz[n,p] = g[p] + sum[c, r < 3](x[n, c, 2*p + r - 1])",
    ["_conv1d", "_conv1d_input"],
  ],
  "a sum over windows with gaps": [
    "input x[N, H]\noutput z[N, H]\nz[n,p] = sum[r < 3](x[n, p + 2*r - 2])",
    ["_conv1d"],
  ],
  "a mean that counts the padding": [
    "param stride = 2\ninput x[N, H]\ninput g[P]\noutput z[N, P]\nz[n,p] = g[p] + mean[r < 3](pad(x[n, p*stride + r - 1], 0))",
    ["_conv1d_input", "_sum_pool1d"],
  ],
  "a mean in three dimensions": [
    "input x[D, H, W]\noutput z[A, B, E]\nA = floor(D/2)\nB = floor(H/2)\nE = floor(W/2)\nz[a,b,e] = mean[q < 2, r < 2, s < 2](x[2*a+q, 2*b+r, 2*e+s])",
    ["_sum_pool3d"],
  ],
  "a mean over what lies inside": [
    "param stride = 1\nparam R = 3\ninput x[N, C, H, W]\noutput z[N, C, H, W]\nrequire R > 0\nz[n,c,p,q] = mean[r < R, s < R](x[n,c,p*stride + r - 1, q*stride + s - 1])",
    ["_conv2d_input", "_sum_pool2d"],
  ],
  "a maximum and a minimum": [
    "input x[N, H]\noutput y[N, H]\noutput z[N, H]\ny[n,p] = max[r < 3](x[n, p + r - 1])\nz[n,p] = min[r < 3](x[n, p + r - 1])",
    ["_max_pool1d"],
  ],
  "a maximum in three dimensions, of squares": [
    "input x[D, H, W]\noutput z[D, H, W]\nz[a,b,e] = max[q < 2, r < 2, s < 2](x[a+q, b+r, e+s]^2)",
    ["_max_pool3d"],
  ],
};
describe.each(Object.entries(layers))("%s", (_, [text, calls]) => {
  it("is a function of torch", async () => expect(callsIn(await textOf(text))).toEqual(calls));
  it("has the values of the formula", () => holds(text));
});

/** As many places as there are elements in g, so that windows reach beyond the data, or end before it does. */
const anywhere = (extents: string, body: string): string => `param stride = 1
param dilation = 1
param pad = 0
param R = 2
input x[N, H]
input g[P]
${extents}
output z[N, P]
z[n,p] = g[p] + ${body}
`;
const sweeps: Readonly<Record<string, string>> = {
  convolution: anywhere("weight w[R]", "sum[r](x[n, p*stride + r*dilation - pad] * w[r])").replace(
    "param R = 2\n",
    "",
  ),
  "transposed convolution": anywhere(
    "weight w[R]",
    "sum[r](x[n, (p + pad - r*dilation)/stride] * w[r])",
  ).replace("param R = 2\n", ""),
  sum: anywhere("", "sum[r < R](x[n, p*stride + r*dilation - pad])"),
  mean: anywhere("", "mean[r < R](x[n, p*stride + r*dilation - pad])"),
  maximum: anywhere("", "max(max[r < R](x[n, p*stride + r*dilation - pad]), -9)"),
};
const product = (...lists: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  lists.reduce<readonly (readonly number[])[]>(
    (all, list) => all.flatMap((a) => list.map((v) => [...a, v])),
    [[]],
  );
it.each(Object.entries(sweeps))("%s at any stride, dilation, pad and number of places", async (_, text) => {
  const lines = product([1, 4], [1, 3], [1, 3], [-1, 0, 2], [1, 3], [1, 2]).map(
    ([H, P, R, pad, stride, dilation]) =>
      `check N = 2, H = ${H}, P = ${P}, R = ${R}, pad = ${pad}, stride = ${stride}, dilation = ${dilation}\n`,
  );
  await holds(text + lines.join(""));
});

describe("infinities, NaN and equal values in the data go where the formula says", () => {
  const [H, P] = [6, 4];
  const special: Readonly<Record<string, string>> = {
    "a convolution": "sum[r < 3](x[n, p*2 + r - 1]*w[r])",
    "a sum": "sum[r < 3](x[n, p*2 + r - 1])",
    "a maximum": "max[r < 3](x[n, p*2 + r - 1])",
    "a maximum with its window far outside": "max[r < 4](x[n, p + r - 3])",
    "a minimum with gaps": "min[r < 3](x[n, p + 2*r - 2])",
  };
  it.each(Object.entries(special))("%s", async (_, body) => {
    const text = `input x[N, H]\nweight w[R]\ndata g[P]\noutput z[N, P]\nz[n,p] = g[p] + ${body}\n`;
    const compiled = compileText(text, "sample.layer");
    const layer = await TorchLayer.load(compiled.layer, await textOf(text), torch);
    const sizes = { N: 1, H, P, R: 3 };
    const w = Float64Array.from([1, -2, 0.5]);
    const [g, dz] = [new Float64Array(P), Float64Array.from([1, 2, 4, 8])];
    const rows = [NaN, Infinity, -Infinity, 1].flatMap((value) =>
      Array.from({ length: H }, (_at, i) => [1, 0, 1, -1, 1, 0].with(i, value)),
    );
    rows.push(Array(H).fill(-Infinity), Array(H).fill(Infinity), Array(H).fill(NaN));
    for (const row of rows) {
      const given = { x: Float64Array.from(row), w, g, dz };
      const values = new Map(Object.entries(given));
      const forward = evaluateLayer(compiled.layer, sizes, values, float64);
      const backward = evaluateLayer(gradientLayer(compiled.programs[0]!.derived), sizes, values, float64);
      const found = await layer.run(sizes, "f64", given, { backward: true });
      expect([...found["z"]!], String(row)).toEqual(forward.get("z"));
      expect([...found["dx"]!], String(row)).toEqual(backward.get("g_x"));
      expect([...found["dw"]!], String(row)).toEqual(backward.get("g_w"));
    }
  });
});

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
it.each(seeds)("random windows %i", (seed) => holds(randomWindow(seed)));
it.each(seeds)("random contraction %i", (seed) => holds(randomContraction(seed)));
