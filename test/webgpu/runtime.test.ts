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

function detached(): Float32Array {
  const array = Float32Array.from(x);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

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

  it("names a buffer that may not be used so, and writes none", async () => {
    await isWell();
    const made = (usage: number): GPUBuffer => gpu.device.createBuffer({ size: 16, usage });
    const [stored, written, read] = [
      GPUBufferUsage.STORAGE,
      GPUBufferUsage.COPY_DST,
      GPUBufferUsage.COPY_SRC,
    ];
    const encoder = gpu.device.createCommandEncoder();
    expect(() => plan.forward(encoder, { ...buffers, w: made(written | read) })).toThrow(
      "linear: the buffer w lacks the usage STORAGE",
    );
    expect(() => plan.forward(encoder, { ...buffers, z: made(written | read) })).toThrow(
      "linear: the buffer z lacks the usage STORAGE",
    );
    const nine = Float32Array.of(9, 9, 9, 9);
    expect(() => plan.write({ ...buffers, w: made(stored | read) }, { x: nine, w: x })).toThrow(
      "linear: the buffer w lacks the usage COPY_DST",
    );
    await expect(plan.read({ ...buffers, z: made(stored | written) }, "z")).rejects.toThrow(
      "linear: the buffer z lacks the usage COPY_SRC",
    );
    expect(await forward(plan, buffers)).toEqual([7, 10, 15, 22]);
  });

  it("uses of a larger buffer what is the tensor's", async () => {
    const large = gpu.device.createBuffer({
      size: 48,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    plan.write({ ...buffers, x: large }, { x, w: x });
    expect(await forward(plan, { ...buffers, x: large })).toEqual([7, 10, 15, 22]);
  });

  it.each<readonly [string, object]>([
    ['linear: there is no tensor "y"; known: x, w, z, dz, dx, dw', { x, y: x }],
    ["linear: w is missing: it is undefined", { x, w: undefined }],
    ["linear: w must be of type Float32Array, got Float64Array", { x, w: Float64Array.of(1, 2, 3, 4) }],
    ["linear: w must be of type Float32Array, got function", { x, w: () => x }],
    ["linear: w must be of type Float32Array, got an object that stands for one", { x, w: new Proxy(x, {}) }],
    ["linear: w[2, 2] must have length 4, got 3", { x, w: x.slice(1) }],
    ["linear: w[2, 2] must have length 4, got 0", { x, w: detached() }],
  ])("%s", async (message, arrays) => {
    await isWell();
    const given = { ...arrays, x: Float32Array.of(9, 9, 9, 9) };
    expect(() => plan.write(buffers, given)).toThrow(message);
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

describe("an error that nobody has caught", () => {
  /** Fails when it is submitted: what it uses is gone. */
  function failing(label: string): GPUBuffer {
    const gone = gpu.device.createBuffer({
      label,
      size: 16,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    gone.destroy();
    return gone;
  }
  function free(of: GpuPlan, held: Buffers): void {
    of.destroy(held);
    of.destroy();
  }
  function submit(encode: (encoder: GPUCommandEncoder) => void): void {
    const encoder = gpu.device.createCommandEncoder();
    encode(encoder);
    gpu.device.queue.submit([encoder.finish()]);
  }

  it("is reported by the plan whose work it was, and by no other", async () => {
    const [one, other] = [await make(gpu.device, sizes), await make(gpu.device, { ...sizes, N: 3 })];
    const [own, others] = [one.allocate(), other.allocate()];
    one.destroy({ x: own["x"]! });
    // both have asked for something
    submit((encoder) => other.forward(encoder, others));
    submit((encoder) => one.forward(encoder, own));
    await expect(other.read(others, "z")).resolves.toHaveLength(6);
    await expect(one.read(own, "z")).rejects.toThrow(
      /^linear\.z \(N = 2, C = 2, K = 2\): .*linear \(N = 2, C = 2, K = 2\)( #\d)?: x.*destroyed/su,
    );
    await isWell();
    free(one, own);
    free(other, others);
  });

  it("tells plans of the same name apart", async () => {
    const [one, other] = [await make(gpu.device, sizes), await make(gpu.device, sizes)];
    const [own, others] = [one.allocate(), other.allocate()];
    other.destroy({ x: others["x"]! });
    submit((encoder) => one.forward(encoder, own));
    submit((encoder) => other.forward(encoder, others));
    await expect(one.read(own, "z")).resolves.toHaveLength(4);
    await expect(other.read(others, "z")).rejects.toThrow("destroyed");
    free(one, own);
    free(other, others);
  });

  it("with a buffer of the caller's is that of a plan that has asked for something", async () => {
    await isWell();
    submit((encoder) => plan.forward(encoder, { ...buffers, x: failing("") }));
    await expect(plan.read(buffers, "z")).rejects.toThrow(/^linear\.z .*destroyed/su);
    await isWell();
  });

  it("is no plan's where none has asked for anything", async () => {
    await isWell();
    const [from, to] = [failing("mine"), buffers["x"]!];
    submit((encoder) => encoder.copyBufferToBuffer(from, 0, to, 0, 16));
    await gpu.device.queue.onSubmittedWorkDone();
    expect([...(await plan.read(buffers, "z"))]).toEqual([7, 10, 15, 22]);
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

it("a device that did nothing is let go of", async () => {
  for (let i = 0; i < 20; i++) await (await openGpu()).close();
});
