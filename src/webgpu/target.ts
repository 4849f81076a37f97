/** Generated WebGPU kernels as the check calls them. */
import { cotangentName, isDifferentiated, type Layer } from "../notation/layer.js";
import { statedByGpu } from "../kernels/edges.js";
import type { GpuProgram } from "../kernels/gpu/program.js";
import type { KernelPlan, Target } from "../verify/targets.js";
import type { Gpu } from "./adapter.js";
import {
  makeAsOnGpu,
  poison,
  runStep,
  withoutErrors,
  type GpuPlanFunction,
  type TensorArray,
} from "./run.js";

/** Two targets of one name on an adapter in software: its own kernels, and those that a GPU gets. */
export function gpuTargets(
  layer: Layer,
  make: GpuPlanFunction,
  { adapter, device }: Pick<Gpu, "adapter" | "device">,
  program?: GpuProgram,
): readonly Target[] {
  const target = (make: GpuPlanFunction, software: boolean): Target => ({
    name: "wgsl",
    dtypes: ["f32"],
    adds: true,
    stated: program && statedByGpu(program, software),
    plan: (sizes) => openPlan(layer, make, device, sizes),
  });
  if (!adapter.info.isFallbackAdapter) return [target(make, false)];
  return [target(make, true), target((device, sizes) => makeAsOnGpu(make, device, sizes), false)];
}

/** What is saved stays in the plan's buffers from `forward` to `backward`. */
async function openPlan(
  layer: Layer,
  make: GpuPlanFunction,
  device: GPUDevice,
  sizes: Readonly<Record<string, number>>,
): Promise<KernelPlan> {
  const plan = await withoutErrors(device, () => make(device, sizes));
  const buffers = plan.allocate();
  poison(device, Object.values(buffers));
  const outputs = layer.tensors.filter((t) => t.role === "output").map((t) => t.name);
  const gradients = layer.tensors.filter(isDifferentiated).map((t) => cotangentName(t.name));
  const run = (
    pass: string,
    inputs: object,
    results: readonly string[],
    add?: readonly string[],
  ): Promise<KernelResults> =>
    runStep(device, plan, buffers, { pass, inputs: inputs as KernelResults, results, ...(add && { add }) });
  return {
    forward: (inputs) => run("forward", inputs, outputs),
    backward: async (inputs, totals = {}, { only, add } = {}) => {
      if (add) {
        const sums = await run("backward", { ...inputs, ...totals }, gradients, add);
        for (const name of add) totals[name]?.set(sums[name] ?? []);
        return sums;
      }
      if (!only) return run("backward", inputs, gradients);
      const results: Record<string, TensorArray> = {};
      for (const name of only) Object.assign(results, await run(name, inputs, [name]));
      return results;
    },
    close: () => {
      plan.destroy(buffers);
      plan.destroy();
    },
  };
}
type KernelResults = Readonly<Record<string, TensorArray>>;
