/** Gradients through an index tensor by counting: right values, the same bits every time, nothing from outside the range. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { farthest } from "../../../src/notation/layer.js";
import { openGpu, type Gpu } from "../../../src/webgpu/adapter.js";
import { loadGpuPlan, runStep, type GpuPlan, type TensorArray } from "../../../src/webgpu/run.js";
import { integers } from "../../support/layers.js";
import { always, gpuProgramOf, specText, urlOf } from "./support.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.close());

type Sizes = Readonly<Record<string, number>>;
type Numbers = Readonly<Record<string, TensorArray>>;

/** The plan that puts the points in order, whatever the sizes. */
async function planOf(text: string, sizes: Sizes, ending = "Buckets"): Promise<GpuPlan> {
  const { program, steps } = always(ending, gpuProgramOf(text));
  expect(steps).toBe(1);
  return (await loadGpuPlan(await urlOf(program), "sample"))(gpu.device, sizes);
}
/** The gradient, so many times in a row on one plan. Indices are put past the check of `write`, as a kernel could. */
async function gradients(
  plan: GpuPlan,
  result: string,
  indices: Numbers,
  inputs: Numbers,
  times = 1,
): Promise<readonly TensorArray[]> {
  const buffers = plan.allocate();
  for (const [name, values] of Object.entries(indices))
    gpu.device.queue.writeBuffer(buffers[name]!, 0, Int32Array.from(values));
  const found: TensorArray[] = [];
  for (let i = 0; i < times; i++) {
    const outputs = await runStep(gpu.device, plan, buffers, { pass: result, inputs, results: [result] });
    found.push(outputs[result]!);
  }
  plan.destroy(buffers);
  plan.destroy();
  return found;
}

const embedding = specText("embedding");
/** Keys that are not spread evenly, some missing, some out of range. */
const keys = (count: number, V: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => {
    if (i % 11 === 3) return [-1, V, 2147483647, -2147483648][i % 4]!;
    const spread = Math.imul(i + 1, 0x9e3779b1) >>> 8;
    return i % 3 === 0 ? Math.min(2, V - 1) : spread % V;
  });

describe("the gradient of an embedding", () => {
  it.each([
    { N: 1, L: 1, V: 1, D: 1 },
    { N: 1, L: 1, V: 700, D: 3 },
    { N: 1, L: 128, V: 5, D: 2 },
    { N: 3, L: 43, V: 257, D: 2 },
    { N: 127, L: 129, V: 600, D: 5 },
    { N: 127, L: 129, V: 600, D: 8 },
    { N: 70, L: 1000, V: 1, D: 1 },
    { N: 70_000, L: 1, V: 5000, D: 2 },
  ])(
    "is the sum of each row's points, with $N × $L of $V",
    async (sizes) => {
      const { N, L, V, D } = sizes;
      const t = keys(N * L, V);
      const dy = Float32Array.from(integers(N * L * D, 7));
      const expected = new Float32Array(V * D);
      for (const [i, v] of t.entries())
        if (v >= 0 && v < V) for (let d = 0; d < D; d++) expected[v * D + d]! += dy[i * D + d]!;
      const [dtable] = await gradients(
        await planOf(embedding, sizes, D % 4 === 0 ? "BucketsQuads" : "Buckets"),
        "dtable",
        { t },
        { dy },
      );
      expect(dtable).toEqual(expected);
    },
    120_000,
  );

  it("has the same bits in every run", async () => {
    const sizes = { N: 40, L: 500, V: 300, D: 3 };
    const t = keys(sizes.N * sizes.L, sizes.V);
    const dy = Float32Array.from(
      { length: sizes.N * sizes.L * sizes.D },
      (_, i) => Math.sin(i) * 10 ** (i % 7),
    );
    const plan = await planOf(embedding, sizes);
    const [first, ...others] = await gradients(plan, "dtable", { t }, { dy }, 20);
    for (const other of others) expect(other).toEqual(first);
  }, 120_000);

  it("is as exact as a sum of parts for a hundred thousand points of one row", async () => {
    const N = 100_000;
    const dy = Float32Array.from({ length: N }, (_, n) => 0.1 + (n % 10) / 100);
    const plan = await planOf(embedding, { N, L: 1, V: 2, D: 1 });
    const [dtable] = await gradients(plan, "dtable", { t: new Int32Array(N) }, { dy });
    const exact = dy.reduce((a, b) => a + b, 0);
    expect(Math.abs((dtable?.[0] ?? NaN) - exact) / exact).toBeLessThan(1e-5);
    expect(dtable?.[1]).toBe(0);
  }, 120_000);
});

it("two index tensors make one key, and what is read beside them is read at its point", async () => {
  const text = `
    index s[N] < U
    index t[N] < V
    input x[N, D]
    weight w[U, V]
    output y[N, D]
    y[n,d] = w[s[n], t[n]] * x[n,d]`;
  const [N, U, V, D] = [500, 3, 40, 4];
  const [s, t] = [keys(N, U), keys(N, V).reverse()];
  const [x, dy] = [1, 2].map((seed) => Float32Array.from(integers(N * D, seed))) as [
    Float32Array,
    Float32Array,
  ];
  const expected = new Float32Array(U * V);
  for (let n = 0; n < N; n++) {
    const [u, v] = [s[n]!, t[n]!];
    if (u < 0 || u >= U || v < 0 || v >= V) continue;
    for (let d = 0; d < D; d++) expected[u * V + v]! += x[n * D + d]! * dy[n * D + d]!;
  }
  const [dw] = await gradients(await planOf(text, { N, U, V, D }), "dw", { s, t }, { x, dy });
  expect(dw).toEqual(expected);
}, 120_000);

it("places computed of data make a key with their batch, and what falls outside is added nowhere", async () => {
  const text = `
    input x[N, C, W]
    input v[N, P]
    data f[N, P]
    output y[N, C, P]
    y[n,c,p] = sum[r < 2](x[n, c, floor(v[n,p]) + r] * where(r == 0, 1 - f[n,p], f[n,p]))`;
  const [N, C, P, W] = [3, 2, 150, 9];
  const v = Float32Array.from({ length: N * P }, (_, i) =>
    i % 29 === 0 ? [NaN, Infinity, -Infinity, 3e38][i % 4]! : ((i * 37) % 96) / 8 - 1.5,
  );
  const dy = Float32Array.from(integers(N * C * P, 3));
  const f = v.map((u) => (Number.isFinite(u) ? u - Math.floor(u) : 0));
  const floor1 = v.map((u) => (u >= -farthest ? Math.min(Math.floor(u), farthest) : -farthest));
  const expected = new Float32Array(N * C * W);
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let p = 0; p < P; p++)
        for (let r = 0; r < 2; r++) {
          const [u, w] = [v[n * P + p]!, Math.floor(v[n * P + p]!) + r];
          if (w >= 0 && w < W)
            expected[(n * C + c) * W + w]! += dy[(n * C + c) * P + p]! * (1 - Math.abs(u - w));
        }
  const plan = await planOf(text, { N, C, P, W });
  const [first, again] = await gradients(plan, "dx", { floor1 }, { v, f, dy }, 2);
  expect(first).toEqual(expected);
  expect(again).toEqual(first);
}, 120_000);

it("plans put points in order only where that is less work", () => {
  const { choices } = gpuProgramOf(embedding).backward.steps[0]!;
  expect(choices[0]?.kernels.at(-1)).toBe("gradientTableBucketsQuads");
  expect(choices[1]?.kernels.at(-1)).toBe("gradientTableBuckets");
  expect(choices.at(-1)?.kernels).toEqual(["gradientTable"]);
});
