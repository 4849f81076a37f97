/** Points that take no part contribute nothing, not even 0·∞: an infinite element stays with the points that read it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { cotangentName, isDifferentiated } from "../../src/notation/layer.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { drawnAt } from "../support/drawn.js";
import { emitted } from "../support/emitted.js";
import { compile } from "../support/layers.js";
import { openGpu, type Gpu } from "../../src/webgpu/adapter.js";
import { emit } from "../../src/pipeline.js";

const convolution = `
param stride = 1
param pad = 1
param dilation = 1
input x[N, C, L]
weight w[K, C, R]
weight b[K]
output y[N, K, P]
P = floor((L + 2*pad - dilation*(R - 1) - 1)/stride) + 1
y[n,k,p] = sum[c,r](x[n, c, p*stride - pad + r*dilation]*w[k,c,r]) + b[k]`;
const depthwise = `
param stride = 1
input x[N, C, L]
weight w[C, R]
output y[N, C, P]
P = floor((L + 2 - R)/stride) + 1
y[n,c,p] = relu(sum[r](x[n, c, p*stride + r - 1]*w[c,r]))`;

const causal = `
input z[I, D]
input v[D, W]
output y[I, W]
y[i,w] = sum[d <= i](z[i,d]*v[d,w])`;

const layers: readonly (readonly [string, string, Record<string, number>])[] = [
  ["a convolution", convolution, { N: 2, C: 2, L: 5, K: 2, R: 3 }],
  ["with strides", convolution, { N: 1, C: 1, L: 7, K: 2, R: 3, stride: 2, pad: 2, dilation: 3 }],
  ["more columns than a stencil serves", convolution, { N: 1, C: 2, L: 4, K: 9, R: 3 }],
  ["a window of its own for each channel", depthwise, { N: 1, C: 2, L: 9, R: 3 }],
  ["the same with strides", depthwise, { N: 2, C: 1, L: 9, R: 4, stride: 3 }],
  ["a causal product", causal, { I: 4, D: 5, W: 3 }],
  ["the same in tiles", causal, { I: 13, D: 14, W: 15 }],
  ["the same in tiles of vectors", causal, { I: 12, D: 16, W: 12 }],
  ["in parts", causal.replace("d <= i", "i <= d < D"), { I: 12, D: 300, W: 12 }],
  [
    "two products as one",
    `input x[N, L]
     input y[N, L]
     weight w[L, K]
     output z[N, K]
     z[n,k] = tanh(sum[l](x[n, l + 1]*w[l,k]) + sum[l](y[n, l - 1]*w[l,k]))`,
    { N: 3, L: 4, K: 3 },
  ],
  [
    "conditions on both operands",
    `input x[N, L]
     weight w[L, K]
     output z[N, K]
     z[n,k] = sum[l](where(l >= n, where(l <= k, x[n,l]*w[l,k], 0), 0))`,
    { N: 4, L: 4, K: 5 },
  ],
];

const filesOf = async (compiled: ReturnType<typeof compile>) =>
  (await emit(compiled, { spec: "sample.layer", hash: "0", version: "0" }, ["ts", "wgsl"]))[0]!.files;

describe("excluded points", () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openGpu();
  });
  afterAll(() => gpu.close());

  it.each(layers)("%s", { timeout: 120_000 }, async (_, text, sizes) => {
    const compiled = compile(text);
    const { layer } = compiled;
    const gradients = gradientLayer(compiled.programs[0]!.derived);
    const params = Object.fromEntries(layer.params.map((p) => [p.name, p.value]));
    const settings = { ...params, ...sizes };
    const { values } = drawnAt(text, settings);
    const found = await emitted(layer, await filesOf(compiled), gpu);
    const names = [
      ...layer.tensors.filter((t) => t.role === "output").map((t) => [t.name, t.name]),
      ...layer.tensors.filter(isDifferentiated).map((t) => [cotangentName(t.name), `g_${t.name}`]),
    ];
    const isCotangent = (name: string): boolean => !layer.tensors.some((t) => t.name === name);
    const cases = [...changes(values)].map(([tensor, at, infinity]) => {
      const given = { ...values, [tensor]: values[tensor]!.with(at, infinity) };
      const all = new Map(Object.entries(given));
      const expected = new Map([
        ...evaluateLayer(layer, settings, all, float64),
        ...evaluateLayer(gradients, settings, all, float64),
      ]);
      return { what: `${tensor}[${at}] = ${infinity}`, given, expected };
    });
    for (const target of found) {
      const dtype = target.dtypes.at(-1)!;
      const plan = await target.plan(sizes, dtype);
      for (const { what, given, expected } of cases) {
        const arrays = Object.fromEntries(
          Object.entries(given).map(([name, data]) => [
            name,
            dtype === "f64" ? Float64Array.from(data) : Float32Array.from(data),
          ]),
        );
        const inputs = Object.fromEntries(Object.entries(arrays).filter(([name]) => !isCotangent(name)));
        const { saved, ...outputs } = await plan.forward(inputs);
        const results = { ...outputs, ...(await plan.backward({ ...arrays, ...(saved as object) })) };
        for (const [name = "", of = ""] of names) {
          const tolerance = dtype === "f64" ? 1e-12 : 1e-5;
          const where = `${target.name} ${dtype}: ${name} where ${what}`;
          expectSame(results[name] as ArrayLike<number>, expected.get(of)!, tolerance, where);
        }
      }
      plan.close?.();
    }
  });
});

/** Some elements of each tensor as infinities, the first and the last among them. */
function* changes(
  values: Readonly<Record<string, readonly number[]>>,
): Generator<readonly [tensor: string, at: number, value: number]> {
  for (const [tensor, drawn] of Object.entries(values)) {
    const count = Math.min(3, drawn.length);
    for (let i = 0; i < count; i++) {
      const at = Math.floor((i * (drawn.length - 1)) / Math.max(1, count - 1));
      yield [tensor, at, i % 2 === 0 ? Infinity : -Infinity];
    }
  }
}

function expectSame(
  found: ArrayLike<number>,
  expected: ArrayLike<number | bigint>,
  tolerance: number,
  what: string,
): void {
  expect(found.length, what).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    const [a, b] = [found[i]!, Number(expected[i])];
    const equal = Object.is(a, b) || Math.abs(a - b) <= tolerance * (1 + Math.abs(b));
    expect(equal, `${what}: ${a} at ${i}, not ${b}`).toBe(true);
  }
}
