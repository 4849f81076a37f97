/**
 * Values of an index tensor out of their range, put past the check of `write` as a kernel could: a read through one contributes
 * nothing inside a reduction and is 0 outside, by the kernels of a GPU and by those of an adapter in software.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openGpu, type Gpu } from "../../../src/webgpu/adapter.js";
import { loadGpuPlan, makeAsOnGpu, runStep, type GpuPlan } from "../../../src/webgpu/run.js";
import { integers } from "../../support/layers.js";
import { always, gpuProgramOf, urlOf } from "./support.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.close());

type Sizes = Readonly<Record<string, number>>;
type Numbers = Readonly<Record<string, readonly number[]>>;

interface Given {
  readonly sizes: Sizes;
  readonly indices: Numbers;
  readonly inputs: Numbers;
  readonly cotangents: Numbers;
}
/** Outputs and gradients of a plan. */
async function resultsOf(plan: GpuPlan, { indices, inputs, cotangents }: Given, expected: Numbers) {
  const single = (values: Numbers) =>
    Object.fromEntries(Object.entries(values).map(([name, data]) => [name, Float32Array.from(data)]));
  const buffers = plan.allocate();
  for (const [name, data] of Object.entries(indices))
    gpu.device.queue.writeBuffer(buffers[name]!, 0, Int32Array.from(data));
  const names = (gradient: boolean) => Object.keys(expected).filter((n) => n.startsWith("d") === gradient);
  const steps = [
    { pass: "forward", inputs: single(inputs), results: names(false) },
    { pass: "backward", inputs: single(cotangents), results: names(true) },
  ];
  const found: Record<string, number[]> = {};
  for (const step of steps)
    for (const [name, data] of Object.entries(await runStep(gpu.device, plan, buffers, step)))
      found[name] = Array.from(data, (value) => value + 0); // -0 is 0
  plan.destroy(buffers);
  plan.destroy();
  return found;
}
async function agrees(text: string, given: Given, expected: Numbers, ending?: string): Promise<void> {
  const program = gpuProgramOf(text);
  const { program: chosen, steps } = ending === undefined ? { program, steps: 1 } : always(ending, program);
  expect(steps).toBeGreaterThan(0);
  const positive = Object.fromEntries(
    Object.entries(expected).map(([n, data]) => [n, data.map((v) => v + 0)]),
  );
  const make = await loadGpuPlan(await urlOf(chosen), "sample");
  for (const plan of [await make(gpu.device, given.sizes), await makeAsOnGpu(make, gpu.device, given.sizes)])
    expect(await resultsOf(plan, given, expected)).toEqual(positive);
}

const numbers = (length: number, seed: number): readonly number[] => [...integers(length, seed)];
const [N, K, V] = [9, 8, 5];
const t = [1, -1, 4, V, 0, 2147483647, -2147483648, 3, 3];
const isIn = (value: number | undefined, end: number): value is number =>
  value !== undefined && value >= 0 && value < end;
/** Σ over what is in range. */
const sumOver = (count: number, term: (n: number) => number | undefined): number =>
  Array.from({ length: count }, (_, n) => term(n) ?? 0).reduce((a, b) => a + b, 0);
const table = (
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
): readonly number[] =>
  Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns));

it("is 0 outside a reduction, and gives no gradient", () => {
  const [x, dy] = [numbers(V * K, 1), numbers(N * K, 2)];
  return agrees(
    "index t[N] < V\ninput x[V, K]\noutput y[N, K]\ny[n,k] = 1 + x[t[n], k]\n",
    { sizes: { N, K, V }, indices: { t }, inputs: { x }, cotangents: { dy } },
    {
      y: table(N, K, (n, k) => 1 + (isIn(t[n], V) ? x[t[n] * K + k]! : 0)),
      dx: table(V, K, (v, k) => sumOver(N, (n) => (t[n] === v ? dy[n * K + k] : 0))),
    },
  );
});

it("takes no part in reductions", () => {
  const [x, w] = [numbers(V * K, 3), numbers(N, 4)];
  const [ds, dm, dp] = [5, 6, 7].map((seed) => numbers(K, seed)) as [
    readonly number[],
    ...(readonly number[])[],
  ];
  const reads = (k: number): readonly number[] => t.flatMap((v) => (isIn(v, V) ? [x[v * K + k]!] : []));
  return agrees(
    `index t[N] < V
    data x[V, K]
    input w[N]
    output s[K]
    output m[K]
    output p[K]
    s[k] = sum[n](x[t[n], k]*w[n])
    m[k] = max[n](x[t[n], k])
    p[k] = prod[n](where(x[t[n], k] < 0, -1, 1))`,
    { sizes: { N, K, V }, indices: { t }, inputs: { x, w }, cotangents: { ds, dm: dm!, dp: dp! } },
    {
      s: table(K, 1, (k) => sumOver(N, (n) => (isIn(t[n], V) ? x[t[n] * K + k]! * w[n]! : 0))),
      m: table(K, 1, (k) => Math.max(...reads(k))),
      p: table(K, 1, (k) => reads(k).reduce((a, b) => (b < 0 ? -a : a), 1)),
      dw: table(N, 1, (n) => (isIn(t[n], V) ? sumOver(K, (k) => x[t[n]! * K + k]! * ds[k]!) : 0)),
    },
  );
});

it("in a branch on indices counts only where it is taken", () => {
  const [x, dy] = [numbers(V * K, 8), numbers(K, 9)];
  const taken = (n: number): boolean => n % 3 !== 1;
  return agrees(
    `index t[N] < V
    input x[V, K]
    output y[K]
    y[k] = sum[n](where(mod(n, 3) == 1, 10, x[t[n], k]))`,
    { sizes: { N, K, V }, indices: { t }, inputs: { x }, cotangents: { dy } },
    {
      y: table(K, 1, (k) => sumOver(N, (n) => (!taken(n) ? 10 : isIn(t[n], V) ? x[t[n] * K + k] : 0))),
      dx: table(V, K, (v, k) => sumOver(N, (n) => (taken(n) && t[n] === v ? dy[k] : 0))),
    },
  );
});

it("is met before the element that it leads to", () => {
  const u = [0, 2, -1, 8, N, 4, 7];
  const M = u.length;
  const [x, dy] = [numbers(V, 10), numbers(M, 11)];
  const place = u.map((n) => (isIn(n, N) ? t[n] : undefined));
  return agrees(
    `index t[N] < V
    index u[M] < N
    input x[V]
    output y[M]
    y[m] = x[t[u[m]]]`,
    { sizes: { N, M, V }, indices: { t, u }, inputs: { x }, cotangents: { dy } },
    {
      y: place.map((v) => (isIn(v, V) ? x[v]! : 0)),
      dx: table(V, 1, (v) => sumOver(M, (m) => (place[m] === v ? dy[m] : 0))),
    },
  );
});

it("adds nothing to a product of matrices", () => {
  const C = 6;
  const [x, w, dz] = [numbers(V * C, 12), numbers(C * K, 13), numbers(N * K, 14)];
  return agrees(
    `index t[N] < V
    data x[V, C]
    input w[C, K]
    output z[N, K]
    z[n,k] = sum[c](x[t[n], c]*w[c,k])`,
    { sizes: { N, C, K, V }, indices: { t }, inputs: { x, w }, cotangents: { dz } },
    {
      z: table(N, K, (n, k) => (isIn(t[n], V) ? sumOver(C, (c) => x[t[n]! * C + c]! * w[c * K + k]!) : 0)),
      dw: table(C, K, (c, k) => sumOver(N, (n) => (isIn(t[n], V) ? x[t[n] * C + c]! * dz[n * K + k]! : 0))),
    },
  );
});

it("has no bucket, nor does a point that reads through another one", () => {
  const u = t.map((_, n) => [0, 6, 1, 2, -5, 3, 0, 6, 4][n]!);
  const U = 6;
  const [x, w, dz] = [numbers(V * K, 15), numbers(U, 16), numbers(N * K, 17)];
  const there = (n: number): boolean => isIn(t[n], V) && isIn(u[n], U);
  return agrees(
    `index t[N] < V
    index u[N] < U
    input x[V, K]
    data w[U]
    output z[N, K]
    z[n,k] = x[t[n], k]*w[u[n]]`,
    { sizes: { N, K, V, U }, indices: { t, u }, inputs: { x, w }, cotangents: { dz } },
    {
      z: table(N, K, (n, k) => (there(n) ? x[t[n]! * K + k]! * w[u[n]!]! : 0)),
      dx: table(V, K, (v, k) => sumOver(N, (n) => (there(n) && t[n] === v ? dz[n * K + k]! * w[u[n]!]! : 0))),
    },
    "Buckets",
  );
});
