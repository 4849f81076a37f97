/** Work for a WebGPU implementation, done the same way by each. */
import {
  loadGpuPlan,
  makeAsOnGpu,
  runStep,
  watchShaders,
  withoutErrors,
  type ShaderReport,
  type Step,
  type TensorArray,
} from "../../../src/webgpu/run.js";

export interface Job {
  /** Of the generated module, with all that it imports: see `moduleUrl`. */
  readonly url: string;
  /** The plan function that it exports. */
  readonly name: string;
  readonly sizes: Readonly<Record<string, number>>;
  /** With the kernels that a GPU gets, whatever the adapter is. */
  readonly asOnGpu?: boolean;
  /** Taken in order over the same buffers. */
  readonly steps: readonly Step[];
}
export interface JobResult {
  /** What each step's results are. */
  readonly outputs: readonly Readonly<Record<string, TensorArray>>[];
  /** What the implementation has to say of the job's shaders. */
  readonly shaders: readonly ShaderReport[];
  /** Why the job could not be done. */
  readonly error?: string;
}

/** Never rejects: what goes wrong is in the result. */
export async function runJob(
  device: GPUDevice,
  { url, name, sizes, asOnGpu, steps }: Job,
): Promise<JobResult> {
  const outputs: Readonly<Record<string, TensorArray>>[] = [];
  const shaders = watchShaders(device);
  try {
    const make = await loadGpuPlan(url, name);
    const plan = await withoutErrors(device, () =>
      asOnGpu ? makeAsOnGpu(make, device, sizes) : make(device, sizes),
    );
    const buffers = plan.allocate();
    try {
      for (const step of steps) outputs.push(await runStep(device, plan, buffers, step));
    } finally {
      plan.destroy(buffers);
      plan.destroy();
    }
    return { outputs, shaders: await shaders() };
  } catch (error) {
    return { outputs, shaders: await shaders(), error: reasonOf(error) };
  }
}

/** The message, and those of its causes. */
const reasonOf = (error: unknown): string =>
  error instanceof Error
    ? [error.message, ...(error.cause === undefined ? [] : [reasonOf(error.cause)])].join(": ")
    : String(error);
