/** Calls of a plan on a device that cannot be carried out: each says why, and leaves the device as it was. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGpu, type Gpu } from "../../src/webgpu/adapter.js";
import { loadGpuPlan, type Buffers, type GpuPlan, type GpuPlanFunction } from "../../src/webgpu/run.js";
import { moduleOf } from "../support/webgpu/compile.js";

const text = `
  input x[N, C]
  weight w[C, K]
  output z[N, K]
  z[n,k] = sum[c](x[n,c]*w[c,k])`;
const sizes = { N: 2, C: 2, K: 2 };
const x = Float32Array.of(1, 2, 3, 4);

let gpu: Gpu;
let make: GpuPlanFunction;
let plan: GpuPlan;
let buffers: Buffers;
beforeAll(async () => {
  gpu = await openGpu();
  make = await loadGpuPlan(await moduleOf(text, "linear"), "linear");
  plan = await make(gpu.device, sizes);
  buffers = plan.allocate();
});
afterAll(() => gpu.close());

/** Encodes, submits and reads `z`. */
async function forward(on: GpuPlan, given: Buffers): Promise<number[]> {
  const encoder = gpu.device.createCommandEncoder();
  on.forward(encoder, given);
  gpu.device.queue.submit([encoder.finish()]);
  return [...(await on.read(given, "z"))];
}
const isWell = async (): Promise<void> => {
  plan.write(buffers, { x, w: x });
  expect(await forward(plan, buffers)).toEqual([7, 10, 15, 22]);
};

describe("a call", () => {
  it.each<readonly [string, unknown]>([
    ["linear: expected a GPUDevice, got undefined", undefined],
    ["linear: expected a GPUDevice, got Object", { limits: {} }],
  ])("%s", async (message, device) => {
    await expect(make(device as GPUDevice, sizes)).rejects.toThrow(message);
  });

  it.each<readonly [string, unknown]>([
    ["linear: expected an object that gives each buffer by name, got null", null],
    ["linear: the buffer x is missing", {}],
  ])("%s", async (message, given) => {
    const encoder = gpu.device.createCommandEncoder();
    expect(() => plan.forward(encoder, given as Buffers)).toThrow(message);
    expect(() => plan.write(given as Buffers, { x })).toThrow(message);
    await isWell();
  });

  it("names what is no buffer, and no encoder", async () => {
    const encoder = gpu.device.createCommandEncoder();
    expect(() => plan.forward(encoder, { ...buffers, w: x as unknown as GPUBuffer })).toThrow(
      "linear: the buffer w must be a GPUBuffer, got Float32Array",
    );
    expect(() => plan.forward(buffers as unknown as GPUCommandEncoder, buffers)).toThrow(
      "linear: expected a GPUCommandEncoder, got Object",
    );
    await isWell();
  });

  it("names a buffer that is too small, and writes none", async () => {
    const small = gpu.device.createBuffer({
      size: 4,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
    await isWell();
    expect(() => plan.write({ ...buffers, w: small }, { x: Float32Array.of(9, 9, 9, 9), w: x })).toThrow(
      "linear: the buffer w[2, 2] must have 16 bytes, got 4",
    );
    expect(await forward(plan, buffers)).toEqual([7, 10, 15, 22]);
  });

  it("may not write a result where it reads", async () => {
    const encoder = gpu.device.createCommandEncoder();
    expect(() => plan.forward(encoder, { ...buffers, z: buffers["x"]! })).toThrow(
      "linear: z is written to the buffer that x is in",
    );
    // two inputs may be one
    plan.write(buffers, { x });
    expect(await forward(plan, { ...buffers, w: buffers["x"]! })).toEqual([7, 10, 15, 22]);
  });

  it("of a destroyed plan says so", async () => {
    const other = await make(gpu.device, sizes);
    const own = other.allocate();
    other.destroy();
    expect(() => other.forward(gpu.device.createCommandEncoder(), own)).toThrow(
      "linear: the plan was destroyed (N = 2, C = 2, K = 2)",
    );
    other.destroy(own);
    await isWell();
  });

  it("with destroyed buffers fails once: what is called next is none the worse", async () => {
    const own = plan.allocate();
    plan.destroy(own);
    await expect(forward(plan, own)).rejects.toThrow(/^linear\.z \(N = 2, C = 2, K = 2\): .*destroyed/su);
    await isWell();
  });
});

it("a lost device rejects reads and plans", async () => {
  const lost = await openGpu();
  const on = await make(lost.device, sizes);
  const own = on.allocate();
  lost.device.destroy();
  await lost.device.lost;
  await expect(on.read(own, "z")).rejects.toThrow(/^linear\.z .*: the device was lost/u);
  await expect(make(lost.device, sizes)).rejects.toThrow(/: the device was lost/u);
  await lost.close();
});
