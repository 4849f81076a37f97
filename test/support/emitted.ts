/** Emitted files as targets of a check. */
import type { Layer } from "../../src/notation/layer.js";
import { loadPlan } from "../../src/targets/typescript/load.js";
import { runtimeText } from "../../src/targets/wgsl/runtime.js";
import { targetOf, wasmTargetOf } from "../../src/verdicts.js";
import type { Target } from "../../src/verify/targets.js";
import type { Gpu } from "../../src/webgpu/adapter.js";
import { moduleUrl } from "../../src/webgpu/load.js";
import { loadGpuPlan } from "../../src/webgpu/run.js";
import { gpuTargets } from "../../src/webgpu/target.js";

/** What the files of a layer's folder hold, ready to be called. */
export async function emitted(
  layer: Layer,
  files: Readonly<Record<string, string>>,
  gpu: Gpu | undefined,
): Promise<readonly Target[]> {
  const { "index.ts": typescript = "", "wasm.ts": wasm, "webgpu.ts": webgpu = "" } = files;
  const onCpu = [targetOf(await loadPlan(typescript, layer.name))];
  if (wasm !== undefined) onCpu.push(wasmTargetOf(await loadPlan(wasm, layer.name)));
  if (!gpu) return onCpu;
  const onGpu = await loadGpuPlan(moduleUrl(webgpu, runtimeText("0")), layer.name);
  return [...onCpu, ...gpuTargets(layer, onGpu, gpu)];
}
