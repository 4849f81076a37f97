/** The check of WebGPU kernels, on a sample written by hand. */
import { expect, it } from "vitest";
import { openGpu } from "../../src/webgpu/adapter.js";
import { moduleUrl } from "../../src/webgpu/load.js";
import type { GpuPlanFunction } from "../../src/webgpu/run.js";
import { gpuTargets } from "../../src/webgpu/target.js";
import { checkLayer } from "../../src/verify/check.js";
import type { Failure, TensorReport } from "../../src/verify/report.js";
import { compile } from "../support/layers.js";
import { runtime, square } from "./sample.js";

const { layer, gradientLayer } = compile("input x[N]\noutput y[N]\ny[n] = x[n]^2", "square");

async function rowsOf(sample: string): Promise<readonly TensorReport[]> {
  const module = (await import(moduleUrl(sample, runtime))) as { readonly square: GpuPlanFunction };
  const gpu = await openGpu();
  try {
    const targets = gpuTargets(layer, module.square, gpu);
    const report = await checkLayer({ layer, gradientLayer, targets }, { trials: 4, seed: 1 });
    return report.rows;
  } finally {
    await gpu.close();
  }
}

/** The failures of a sample, by tensor. */
const failuresOf = async (sample: string): Promise<Record<string, Failure | undefined>> =>
  Object.fromEntries((await rowsOf(sample)).map(({ tensor, failure }) => [tensor, failure]));

it("compares outputs and gradients and finds nothing against right kernels", async () => {
  expect(await rowsOf(square())).toMatchObject([
    { tensor: "dx", verdict: "proved", worst: { "gradient wgsl f32": expect.any(Number) } },
    { tensor: "y", verdict: "agrees", worst: { "forward wgsl f32": expect.any(Number) } },
  ]);
});

it("finds wrong values, elements that are not written, and what the device reports", async () => {
  const wrong = await failuresOf(square({ backward: "2.001 * x[n] * dy[n]" }));
  expect(wrong).toEqual({ y: undefined, dx: expect.objectContaining({ comparison: "gradient wgsl f32" }) });
  const overwritten = await failuresOf(square({ added: "2 * x[n] * dy[n]" }));
  expect(overwritten).toEqual({
    y: undefined,
    dx: expect.objectContaining({ comparison: "gradient wgsl f32" }),
  });
  const partial = await failuresOf(square({ count: "N - 1" }));
  expect(partial["y"]?.got).toBeNaN();
  const refused = await failuresOf(square().replace("GPUBufferUsage.STORAGE | ", ""));
  expect(refused["y"]?.reason).toMatch(/usage/iu);
});

it("a plan as on a GPU leaves the device what it is: each target has its own kernels in every case", async () => {
  const gpu = await openGpu();
  try {
    const seen: unknown[] = [];
    const make: GpuPlanFunction = (device) => {
      seen.push(device.adapterInfo.description);
      return Promise.reject(new Error("no plan"));
    };
    const real = gpu.device.adapterInfo.description;
    const targets = gpuTargets(layer, make, gpu);
    for (const target of [...targets, ...targets])
      await expect(target.plan({ N: 1 }, "f32")).rejects.toThrow("no plan");
    const once = targets.map((_, i) => (i === 0 ? real : "a GPU"));
    expect(seen).toEqual([...once, ...once]);
  } finally {
    await gpu.close();
  }
});
