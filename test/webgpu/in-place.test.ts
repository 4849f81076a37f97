/** Gradients that are added to what their buffers hold, and outputs that are the very buffer of an input, on a device. */
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { openGpu, type Gpu } from "../../src/webgpu/adapter.js";
import {
  loadGpuPlan,
  runStep,
  type Buffers,
  type GpuPlan,
  type GpuPlanFunction,
  type TensorArray,
} from "../../src/webgpu/run.js";
import { runOnDeno } from "../support/deno/index.js";
import { moduleOf } from "../support/webgpu/compile.js";
import { runOnDawn } from "../support/webgpu/dawn.js";
import type { Job, JobResult } from "../support/webgpu/jobs.js";

type Arrays = Record<string, TensorArray>;

/** Values that no two tensors share; 0 in integer tensors, and numbers that logarithms allow. */
function filled(plan: Pick<GpuPlan, "shapes">, integers: readonly string[] = []): Arrays {
  const arrays = Object.entries(plan.shapes).map(([name, shape], k) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const value = (i: number): number => 0.1 + ((i * 7 + k * 3) % 11) / 12;
    const array = integers.includes(name)
      ? new Int32Array(length)
      : Float32Array.from({ length }, (_, i) => value(i));
    return [name, array] as const;
  });
  return Object.fromEntries(arrays);
}
const plus = (a: TensorArray, b: TensorArray): TensorArray => a.map((v, i) => v + (b[i] ?? NaN));

const linear = `
  input x[N, C]
  weight w[C, D]
  weight b[D]
  output y[N, D]
  y[n,d] = sum[c](x[n,c]*w[c,d]) + b[d]`;
const sizes = { N: 3, C: 5, D: 4 };
const momentum = `
  param lr = 0.5
  data w[N]
  data m[N]
  data g[N]
  output m1[N]
  output w1[N]
  m1[n] = 0.5*m[n] + g[n]
  w1[n] = w[n] - lr*m1[n]`;

describe.each([
  ["Dawn", runOnDawn],
  ["Deno", runOnDeno],
] as const)("%s", (_, run) => {
  async function ran(job: Omit<Job, "name">): Promise<JobResult["outputs"]> {
    const [result] = await run([{ ...job, name: "sample" }]);
    expect(result?.error).toBeUndefined();
    for (const { messages } of result?.shaders ?? []) expect(messages).toEqual([]);
    return result?.outputs ?? [];
  }

  it("adds a gradient, and overwrites the others", async () => {
    const shapes = { x: [3, 5], w: [5, 4], dy: [3, 4], dw: [5, 4] };
    const { x, w, dy, dw } = filled({ shapes }) as {
      x: Float32Array;
      w: Float32Array;
      dy: Float32Array;
      dw: Float32Array;
    };
    const results = ["dx", "dw", "db"];
    const outputs = await ran({
      url: await moduleOf(linear),
      sizes,
      steps: [
        { pass: "backward", inputs: { x, w, dy }, results },
        { pass: "backward", inputs: { dw }, results, add: ["dw"] },
        // once more, from what is there
        { pass: "backward", inputs: {}, results, add: ["dw", "db"] },
        { pass: "backward", inputs: {}, results },
      ],
    });
    const [alone, once, twice, again] = outputs as [Arrays, Arrays, Arrays, Arrays];
    expect(once).toEqual({ ...alone, dw: plus(dw, alone["dw"]!) });
    expect(twice).toEqual({
      dx: alone["dx"],
      dw: plus(once["dw"]!, alone["dw"]!),
      db: plus(alone["db"]!, alone["db"]!),
    });
    expect(again).toEqual(alone);
  });

  it("writes a step of an optimiser to where it steps from", async () => {
    const inputs = { w: Float32Array.of(1, 2, 3), m: Float32Array.of(2, 4, 6), g: Float32Array.of(1, 1, 1) };
    const outputs = await ran({
      url: await moduleOf(momentum),
      sizes: { N: 3 },
      steps: [
        { pass: "forward", inputs, results: ["w1"], inPlace: ["w", "w1"] },
        { pass: "forward", inputs: {}, results: ["w1", "m1"], inPlace: ["w", "w1"] },
        { pass: "forward", inputs, results: ["w1", "m1"], inPlace: ["m", "m1"] },
      ],
    });
    expect(outputs).toEqual([
      { w1: Float32Array.of(0, 0.5, 1) },
      { w1: Float32Array.of(-1, -1, -1), m1: Float32Array.of(2, 3, 4) },
      { w1: Float32Array.of(0, 0.5, 1), m1: Float32Array.of(2, 3, 4) },
    ]);
  });
});

describe("a plan", () => {
  let gpu: Gpu;
  let make: GpuPlanFunction;
  let plan: GpuPlan;
  let buffers: Buffers;
  beforeAll(async () => {
    gpu = await openGpu();
    make = await loadGpuPlan(await moduleOf(linear, "linear"), "linear");
    plan = await make(gpu.device, sizes);
    buffers = plan.allocate();
  });
  afterAll(() => gpu.close());

  function encode(encoded: (encoder: GPUCommandEncoder) => void): void {
    const encoder = gpu.device.createCommandEncoder();
    encoded(encoder);
    gpu.device.queue.submit([encoder.finish()]);
  }

  it("computes those gradients alone that `only` names, from what they need", async () => {
    const all = filled(plan);
    plan.write(buffers, all);
    const { x, dy, dw } = buffers as Record<string, GPUBuffer>;
    encode((encoder) => plan.backward(encoder, { x: x!, dy: dy!, dw: dw! }, { only: ["dw"] }));
    const own = await plan.read(buffers, "dw");
    expect(await plan.read(buffers, "dx")).toEqual(all["dx"]);
    encode((encoder) => plan.backward(encoder, { x: x!, dy: dy!, dw: dw! }, { only: ["dw"], add: ["dw"] }));
    expect(await plan.read(buffers, "dw")).toEqual(plus(own, own));
    encode((encoder) => plan.backward(encoder, buffers));
    expect(await plan.read(buffers, "dw")).toEqual(own);
  });

  it("adds passes of one encoder one after the other", async () => {
    plan.write(buffers, { ...filled(plan), dw: new Float32Array(20) });
    encode((encoder) => {
      for (let i = 0; i < 4; i++) plan.backward(encoder, buffers, { only: ["dw"], add: ["dw"] });
    });
    const sum = await plan.read(buffers, "dw");
    encode((encoder) => plan.backward(encoder, buffers));
    expect(sum).toEqual((await plan.read(buffers, "dw")).map((v) => v + v + v + v));
  });

  it.each<[unknown, string]>([
    [{ add: ["dq"] }, 'linear: there is no gradient "dq"; did you mean dx?'],
    [{ add: "dw" }, "linear: add must be a list of gradients"],
    [{ only: ["y"] }, 'linear: there is no gradient "y"; known: dx, dw, db'],
    [{ add: ["dw"], only: ["dx"] }, 'linear: there is no gradient "dw"; did you mean dx?'],
    [{ add: [7] }, 'linear: there is no gradient "number"; known: dx, dw, db'],
    [{ ad: ["dw"] }, 'linear: there is no option "ad"; did you mean add?'],
    [null, "linear: expected an object that gives each option by name, got null"],
  ])("says of %j: %s", async (options, message) => {
    const dw = Float32Array.from({ length: 20 }, (_, i) => i);
    plan.write(buffers, { dw });
    encode((encoder) => {
      expect(() => plan.backward(encoder, buffers, options as object)).toThrow(new TypeError(message));
    });
    expect(await plan.read(buffers, "dw")).toEqual(dw);
  });
  it("names the buffer that is to be added to and is not there", () => {
    const { dw: _, ...others } = buffers;
    const encoder = gpu.device.createCommandEncoder();
    expect(() => plan.backward(encoder, others, { add: ["dw"] })).toThrow("linear: the buffer dw is missing");
  });

  it("refuses an output in the buffer of an input that `inPlace` does not list with it", async () => {
    const text = "input x[N]\ninput u[N]\noutput y[N]\ny[n] = x[n]*sum[m](u[m])";
    const makeScaled = await loadGpuPlan(await moduleOf(text, "scaled"), "scaled");
    const scaled = await makeScaled(gpu.device, { N: 4 });
    const own = scaled.allocate();
    const { x, u, y } = own as { x: GPUBuffer; u: GPUBuffer; y: GPUBuffer };
    expect(scaled.inPlace).toContainEqual(["x", "y"]);
    expect(scaled.inPlace).not.toContainEqual(["u", "y"]);
    const encoder = gpu.device.createCommandEncoder();
    const refused = "scaled: y is written to the buffer that u is in";
    expect(() => scaled.forward(encoder, { ...own, y: u })).toThrow(new RangeError(refused));
    // one of both may, the other not
    expect(() => scaled.forward(encoder, { ...own, y: x, u: x })).toThrow(new RangeError(refused));
    scaled.write(own, {
      x: Float32Array.of(1, 2, 3, 4),
      u: Float32Array.of(1, 1, 1, 1),
      y: new Float32Array(4),
    });
    encode((e) => scaled.forward(e, { ...own, y: x }));
    expect(await scaled.read(own, "x")).toEqual(Float32Array.of(4, 8, 12, 16));
    expect(await scaled.read({ y }, "y")).toEqual(new Float32Array(4));
    scaled.destroy(own);
    scaled.destroy();
  });

  it("refuses to add to what it reads", async () => {
    const text = "input x[N]\noutput y[N]\ny[n] = relu(x[n])";
    const makeRelu = await loadGpuPlan(await moduleOf(text, "relu"), "relu");
    const relu = await makeRelu(gpu.device, { N: 2 });
    const own = relu.allocate();
    const { dy } = own as { dy: GPUBuffer };
    const encoder = gpu.device.createCommandEncoder();
    expect(() => relu.backward(encoder, { ...own, dx: dy }, { add: ["dx"] })).toThrow(
      new RangeError("relu: dx is written to the buffer that dy is in"),
    );
    relu.destroy(own);
    relu.destroy();
  });

  it("adds more elements than a row of workgroups has", async () => {
    const text = "input x[N]\noutput y[N]\ny[n] = 2*x[n]";
    const makeTwice = await loadGpuPlan(await moduleOf(text, "twice"), "twice");
    const length = 64 * gpu.device.limits.maxComputeWorkgroupsPerDimension + 66;
    const twice = await makeTwice(gpu.device, { N: length });
    const own = twice.allocate();
    twice.write(own, {
      dy: new Float32Array(length).fill(1),
      dx: Float32Array.from({ length }, (_, i) => i % 1000),
    });
    encode((encoder) => twice.backward(encoder, own, { add: ["dx"] }));
    const sum = await twice.read(own, "dx");
    expect(sum.findIndex((value, i) => value !== 2 + (i % 1000))).toBe(-1);
    twice.destroy(own);
    twice.destroy();
  });
});

/** Every pair of the standard layers, beside the same call with buffers of its own: the same bits. */
const folders = readdirSync("generated", { withFileTypes: true }).filter((entry) => entry.isDirectory());
const layers = folders.map(({ name }) => name).filter((name) => !name.startsWith("."));
type Make = (sizes: Readonly<Record<string, number>>) => Pick<GpuPlan, "shapes" | "inPlace">;
/** The layer's plan on the CPU and its sizes, where it has pairs. */
async function cpuPlan(name: string): Promise<{ make: Make; names: string[] } | undefined> {
  const make = ((await import(`../../generated/${name}/index.ts`)) as Record<string, Make>)[name]!;
  const given: Record<string, number> = {};
  for (;;)
    try {
      return make(given).inPlace.length > 0 ? { make, names: Object.keys(given) } : undefined;
    } catch (error) {
      const [, size] = /the size (\w+) is missing/.exec(String(error)) ?? [];
      if (size === undefined) return undefined; // other sizes: it has no pairs
      given[size] = 6;
    }
}
test("the standard layers in place", { timeout: 60_000 }, async () => {
  const gpu = await openGpu();
  let pairs = 0;
  for (const name of layers) {
    const cpu = await cpuPlan(name);
    if (!cpu) continue;
    for (const size of [1, 37]) {
      const own = Object.fromEntries(cpu.names.map((key) => [key, size]));
      const { inPlace } = cpu.make(own);
      const { [name]: make } = (await import(`../../generated/${name}/webgpu.ts`)) as Record<
        string,
        GpuPlanFunction
      >;
      const plan = await make!(gpu.device, own);
      expect({ name, inPlace: plan.inPlace }).toEqual({ name, inPlace });
      const buffers = plan.allocate();
      const { shapes } = plan;
      const integers = Object.keys(shapes).filter((t) => t === "t" && name.includes("cross_entropy"));
      const inputs = filled(plan, integers);
      for (const pair of inPlace) {
        pairs++;
        const [, output] = pair;
        const pass = output.startsWith("d") && shapes[output.slice(1)] ? "backward" : "forward";
        const results = [output];
        const apart = await runStep(gpu.device, plan, buffers, { pass, inputs, results });
        const together = await runStep(gpu.device, plan, buffers, { pass, inputs, results, inPlace: pair });
        expect({ name, pair, size, ...together }).toEqual({ name, pair, size, ...apart });
      }
      plan.destroy(buffers);
      plan.destroy();
    }
  }
  await gpu.close();
  expect(pairs).toBeGreaterThan(60);
});
