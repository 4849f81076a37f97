/** What the plans of one device share: its compiled pipelines, and what went wrong on it. */

/** A shader and the buffers that it binds after the plan's numbers. */
export interface Shader {
  readonly source: string;
  /** Whether there are numbers, at binding 0. */
  readonly numbers: boolean;
  /** How many buffers are only read; they come first. */
  readonly reads: number;
  readonly writes: number;
}

interface DeviceState {
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  /** Errors that no scope of the caller's has caught, until a read reports them. */
  readonly errors: string[];
  lost?: GPUDeviceLostInfo;
}

const states = new WeakMap<GPUDevice, DeviceState>();
export function stateOf(device: GPUDevice): DeviceState {
  const known = states.get(device);
  if (known) return known;
  const state: DeviceState = { pipelines: new Map(), errors: [] };
  states.set(device, state);
  device.addEventListener("uncapturederror", (event) => state.errors.push(event.error.message));
  void device.lost.then((info) => (state.lost = info));
  return state;
}

/** Whether the device is a CPU that plays a GPU: shared memory then costs more than it saves. */
export function isSoftware(device: GPUDevice | undefined): boolean {
  const info: Partial<GPUAdapterInfo> = device?.adapterInfo ?? {}; // older browsers do not say
  const words = [info.description, info.device, info.architecture].join(" ");
  return /swiftshader|llvmpipe|lavapipe|software|basic render/iu.test(words);
}

/**
 * Throws what is known to have gone wrong, so that no result is taken for good that is not.
 * @param errors of the act itself, which those before it may have caused
 */
function throwIfFailed(device: GPUDevice, what: string, errors: readonly string[]): void {
  const state = stateOf(device);
  if (state.lost)
    throw new Error(`${what}: the device was lost (${state.lost.message || state.lost.reason})`);
  const [first] = [...state.errors.splice(0), ...errors];
  if (first !== undefined) throw new Error(`${what}: ${first.trim()}`);
}

/** Runs `act`; rejects where it does, or where the device reports an error of its doing. */
export async function guarded<T>(device: GPUDevice, what: string, act: () => Promise<T>): Promise<T> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const pending = act(); // what it asks of the device, it asks at once
  const scopes = [device.popErrorScope(), device.popErrorScope()];
  const [result] = await Promise.allSettled([pending]);
  // the device's errors are the causes of what was thrown
  const errors = (await Promise.all(scopes)).flatMap((error) => (error ? [error.message] : []));
  throwIfFailed(device, what, errors);
  if (result.status === "fulfilled") return result.value;
  throw new Error(what, { cause: result.reason });
}

/** The shader's pipeline, compiled once a device. */
export function pipelineOf(device: GPUDevice, name: string, shader: Shader): Promise<GPUComputePipeline> {
  const { pipelines } = stateOf(device);
  const known = pipelines.get(shader.source);
  if (known) return known;
  const made = compile(device, name, shader);
  pipelines.set(shader.source, made);
  made.catch(() => pipelines.delete(shader.source));
  return made;
}

async function compile(device: GPUDevice, name: string, shader: Shader): Promise<GPUComputePipeline> {
  const visibility = 4; // GPUShaderStage.COMPUTE
  const buffer = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => ({
    binding,
    visibility,
    buffer: { type },
  });
  const { reads, writes, numbers, source } = shader;
  const entries = [
    ...(numbers ? [buffer(0, "uniform")] : []),
    ...Array.from({ length: reads }, (_, i) => buffer(i + 1, "read-only-storage")),
    ...Array.from({ length: writes }, (_, i) => buffer(reads + i + 1, "storage")),
  ];
  return guarded(device, name, async () => {
    const module = device.createShaderModule({ label: name, code: source });
    const layout = device.createPipelineLayout({
      bindGroupLayouts: [device.createBindGroupLayout({ entries })],
    });
    return device.createComputePipelineAsync({
      label: name,
      layout,
      compute: { module, entryPoint: "main" },
    });
  });
}
