/** WebGPU on Node: Dawn, from the npm package `webgpu`, on the machine's GPU or else on a software driver. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { importModule } from "../targets/code/import-module.js";
import { driverPackage, softwareDriver, useVulkan } from "./driver.js";
import { waitPatiently } from "./patience.js";

export interface Gpu {
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
  /** Lets the process end. */
  readonly close: () => Promise<void>;
}
interface Dawn {
  readonly create: (flags: readonly string[]) => GPU;
  readonly globals: object;
}

/** There is no GPU to run on; the message says what to install. */
export class NoAdapterError extends Error {
  override readonly name = "NoAdapterError";
}

/** Dawn crashes when one of its objects is collected while another that came from it is in use. */
const inUse = new Set<readonly unknown[]>();

/**
 * WebGPU's entry, what browsers call `navigator.gpu`; its constants and classes become globals.
 * @param flags Dawn's own, as `disable-dawn-features=timestamp_quantization`
 * @throws NoAdapterError where Dawn is not installed
 */
export async function openWebGpu(flags: readonly string[] = []): Promise<GPU> {
  const { create, globals } = await importDawn();
  Object.assign(globalThis, globals);
  waitPatiently();
  useVulkan(softwareDriver(resolve));
  return create(flags);
}

/**
 * SwiftShader writes a store for each element of a workgroup's memory that Vulkan zeroes, and takes seconds to compile them: four
 * fifths of what a tile of 16 takes. Dawn's own loops do the same.
 */
const zeroByLoops = "disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension";

/**
 * A device of the machine's GPU; where there is none, of a driver in software.
 * @param features to ask for where the adapter has them
 * @throws NoAdapterError
 */
export async function openGpu(features: readonly GPUFeatureName[] = [], entry?: GPU): Promise<Gpu> {
  const instance = entry ?? (await openWebGpu([zeroByLoops]));
  // Dawn puts discrete GPUs first and drivers in software last
  const adapter = await instance.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new NoAdapterError(nothingFound());
  const device = await adapter.requestDevice({
    requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
  });
  const held = [instance, adapter, device];
  inUse.add(held);
  const compiled = watchPipelines(device);
  return {
    adapter,
    device,
    close: async () => {
      await compiled();
      // it crashes, too, when a device goes that has done nothing yet; one that is lost has no more to do
      await device.queue.onSubmittedWorkDone().catch(() => undefined);
      device.destroy();
      inUse.delete(held);
    },
  };
}

/** Dawn crashes too when a device goes that still compiles: the function returned waits for that. */
function watchPipelines(device: GPUDevice): () => Promise<unknown> {
  const pending = new Set<Promise<unknown>>();
  const create = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = (descriptor) => {
    const pipeline = create(descriptor);
    const forget = (): unknown => pending.delete(settled);
    const settled: Promise<unknown> = pipeline.then(forget, forget);
    pending.add(settled);
    return pipeline;
  };
  return () => Promise.all(pending);
}

/** Where a package's code lies, seen from the working folder or from here. */
function resolve(name: string): string | undefined {
  for (const from of [join(process.cwd(), "package.json"), import.meta.url])
    try {
      return createRequire(from).resolve(name);
    } catch {
      // not installed for this one
    }
  return undefined;
}

async function importDawn(): Promise<Dawn> {
  const path = resolve("webgpu");
  if (path === undefined)
    throw new NoAdapterError(
      "WebGPU comes from the npm package webgpu, which is not installed: npm install --save-dev webgpu",
    );
  return importModule(pathToFileURL(path).href) as Promise<Dawn>;
}

function nothingFound(): string {
  const none = "this machine has no GPU that WebGPU can use";
  if (process.platform !== "linux" || process.arch !== "x64") return none;
  return `${none}, and no driver in software is installed: npm install --save-dev ${driverPackage}`;
}
