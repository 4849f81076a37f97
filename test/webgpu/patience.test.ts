/** Waiting for a device leaves the cores to what computes; everything else takes its turn as ever. */
import { promisify } from "node:util";
import { setImmediate as untouched } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openGpu, type Gpu } from "../../src/webgpu/adapter.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.close());

/** A multiplication long enough that the device is waited for. */
function submitWork({ device }: Gpu): void {
  const code = `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      var sum = 0.0;
      for (var i = 0u; i < 20000u; i++) { sum = sum * 0.5 + f32(i); }
      y[id.x] = sum;
    }`;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const buffer = device.createBuffer({ size: 4 * 65536, usage: GPUBufferUsage.STORAGE });
  const entries = [{ binding: 0, resource: { buffer } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1024);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

it("the thread sleeps while it waits for the device", async () => {
  submitWork(gpu);
  let looks = 0;
  const { setImmediate: patient } = globalThis;
  globalThis.setImmediate = Object.assign((act: () => void): NodeJS.Immediate => {
    looks++;
    return patient(act);
  }, patient);
  const began = performance.now();
  try {
    await gpu.device.queue.onSubmittedWorkDone();
  } finally {
    globalThis.setImmediate = patient;
  }
  const took = performance.now() - began;
  expect(looks).toBeGreaterThan(0);
  // without sleep a turn takes some microseconds
  expect(looks).toBeLessThan(20 + 2 * took);
});

it("what scripts ask for comes at once, in order, with what was given", async () => {
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    setImmediate((a: string, b: number) => seen.push(a, b), "first", 2);
    clearImmediate(setImmediate(() => seen.push("never")));
    setImmediate(resolve);
  });
  expect(seen).toEqual(["first", 2]);
  expect(await promisify(setImmediate)("given")).toBe("given");
  expect(await untouched("given")).toBe("given");
  const many = performance.now();
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => void setImmediate(resolve));
  expect(performance.now() - many).toBeLessThan(1000);
});
