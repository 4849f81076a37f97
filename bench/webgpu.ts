/** Generated WebGPU kernels among the contestants: all on one adapter, timed on its queue. */
import { readFile } from "node:fs/promises";
import { workOfPass } from "../src/kernels/gpu/count.js";
import type { GpuProgram } from "../src/kernels/gpu/program.js";
import { compileText } from "../src/pipeline.js";
import { openGpu, openWebGpu } from "../src/webgpu/adapter.js";
import {
  withoutErrors,
  type Buffers,
  type GpuPlan,
  type GpuPlanFunction,
  type TensorArray,
} from "../src/webgpu/run.js";
import { fillAll, targets, type Arena, type ArenaMaker } from "./arena.js";
import type { Contestant, Timer } from "./measure.js";
import { timeOnQueue, watchQueues } from "./queue.js";
import { dimsOf, type Arrays, type Dims, type Pass, type Workload } from "./workload.js";

export interface WebGpuField {
  /** The adapter's name. */
  readonly adapter: string;
  readonly timed: Timer;
  readonly arenas: (workload: Workload) => Promise<ArenaMaker>;
}

const timed: Timer = (run) => timeOnQueue(async () => run());

/** Also sets `navigator.gpu`, where the peers look for it, to the same adapter. */
export async function openWebGpuField(): Promise<WebGpuField> {
  // timestamps to the nanosecond instead of a tenth of a millisecond
  const gpu = await openWebGpu(["disable-dawn-features=timestamp_quantization"]);
  watchQueues();
  const navigator = { gpu, userAgent: "Node.js" };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  const { adapter, device } = await openGpu(["timestamp-query"], gpu);
  const { description, vendor, architecture } = adapter.info;
  return {
    adapter: description || `${vendor} ${architecture}`,
    timed,
    arenas: async (workload) => {
      const make = await planFunctionOf(workload);
      const program = await programOf(workload);
      const software = adapter.info.isFallbackAdapter;
      return async (change) => {
        const executed = ({ name }: Pass) => {
          const sizes = { ...workload.sizes, ...change };
          const count = (onGpu: boolean): number =>
            workOfPass(program, { pass: name, sizes, software: !onGpu && software }).reduce(
              (sum, kernel) => sum + kernel.multiplyAdds,
              0,
            );
          return { here: count(false), onGpu: count(true) };
        };
        return { ...(await arenaOf(workload, make, device, change)), executed };
      };
    },
  };
}

const generated = ({ layer }: Workload) => new URL(`../generated/${layer}/${targets.wgsl}`, import.meta.url);

/** What the plan function was made from: its file says of which spec. */
async function programOf(workload: Workload): Promise<GpuProgram> {
  const [head = ""] = (await readFile(generated(workload), "utf8")).split("\n");
  const spec = /from (\S+\.layer)/u.exec(head)?.[1];
  if (spec === undefined) throw new Error(`${workload.layer}/${targets.wgsl} does not name its spec`);
  const text = await readFile(new URL(`../${spec}`, import.meta.url), "utf8");
  const found = compileText(text, spec).programs.find(({ name }) => name === workload.layer);
  if (!found) throw new Error(`${spec} has no ${workload.layer}`);
  return found.gpuProgram();
}

/** Of the layer as built. */
async function planFunctionOf(workload: Workload): Promise<GpuPlanFunction> {
  const module = (await import(String(generated(workload)))) as Readonly<
    Record<string, GpuPlanFunction | undefined>
  >;
  const found = module[workload.layer];
  if (!found) throw new Error(`there is no plan function ${workload.layer}`);
  return found;
}

/** Every tensor is filled and on the device; then `forward` runs, and the arrays hold what it gave. */
async function arenaOf(
  workload: Workload,
  make: GpuPlanFunction,
  device: GPUDevice,
  change: Dims = {},
): Promise<Arena> {
  const plan = await withoutErrors(device, () => make(device, { ...workload.sizes, ...change }));
  const dims = dimsOf(workload, change);
  const buffers = plan.allocate();
  const arrays: Arrays = {};
  const readAll = async (): Promise<void> => {
    for (const name of Object.keys(buffers)) arrays[name] = await plan.read(buffers, name);
  };
  await withoutErrors(device, async () => {
    await readAll();
    fillAll(arrays, workload, dims);
    plan.write(buffers, arrays as Record<string, TensorArray>);
    await run(device, plan, "forward", buffers);
    await readAll();
  });
  const ours = ({ name, result }: Pass): Contestant => ({
    name: "ours",
    run: () => run(device, plan, name, buffers),
    timed,
    read: () => plan.read(buffers, result),
  });
  const close = (): void => {
    plan.destroy(buffers);
    plan.destroy();
  };
  return { dims, shapes: plan.shapes, arrays, ours, close };
}

async function run(device: GPUDevice, plan: GpuPlan, pass: string, buffers: Buffers): Promise<void> {
  const encoder = device.createCommandEncoder();
  (plan as unknown as Readonly<Record<string, GpuPlan["forward"]>>)[pass]!(encoder, buffers);
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
}
