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

/** What a plan hears of errors that no scope of the caller's has caught. */
export interface Listener {
  /** Begins the label of everything that is the plan's. */
  readonly name: string;
  /** Until a read reports them. */
  readonly errors: string[];
  /** Whether anything was asked of the device since the last read. */
  asked: boolean;
}
interface DeviceState {
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  readonly listeners: Set<Listener>;
  lost?: GPUDeviceLostInfo;
}

const states = new WeakMap<GPUDevice, DeviceState>();
export function stateOf(device: GPUDevice): DeviceState {
  const known = states.get(device);
  if (known) return known;
  const state: DeviceState = { pipelines: new Map(), listeners: new Set() };
  states.set(device, state);
  device.addEventListener("uncapturederror", (event) => report(state, event.error.message));
  void device.lost.then((info) => (state.lost = info));
  return state;
}

/** An error is the plan's whose labels it names; where it names none, it may be any plan's that has asked for something. */
function report({ listeners }: DeviceState, message: string): void {
  const all = [...listeners];
  const named = all.filter(({ name }) =>
    quotes.some((quote) => message.includes(`${quote}${name}${labelled}`)),
  );
  for (const { errors } of named.length > 0 ? named : all.filter((l) => l.asked)) errors.push(message);
}
/** Stands in a label between the plan's name and what is meant of it; browsers quote labels differently. */
const labelled = ": ";
const quotes = ['"', "'", "`"];
export const labelOf = ({ name }: Listener, what: string): string => `${name}${labelled}${what}`;

/** A plan of that name, which hears of errors until it is destroyed; another of the same name has a number besides. */
export function listen(device: GPUDevice, plan: string): Listener {
  const { listeners } = stateOf(device);
  const taken = new Set([...listeners].map((l) => l.name));
  let name = plan;
  for (let i = 2; taken.has(name); i++) name = `${plan} #${i}`;
  const listener = { name, errors: [], asked: false };
  listeners.add(listener);
  return listener;
}
export function unlisten(device: GPUDevice, listener: Listener): void {
  stateOf(device).listeners.delete(listener);
}

/** Whether the device is a CPU that plays a GPU: shared memory then costs more than it saves. */
export function isSoftware(device: GPUDevice | undefined): boolean {
  const info: Partial<GPUAdapterInfo> = device?.adapterInfo ?? {}; // older browsers do not say
  const words = [info.description, info.device, info.architecture].join(" ");
  return /swiftshader|llvmpipe|lavapipe|software|basic render/iu.test(words);
}

/**
 * Runs `act`; rejects where it does, where the device is lost, or where it reports an error of its doing.
 * @param before errors that are known already, which may be the causes of others
 */
export async function guarded<T>(
  device: GPUDevice,
  what: string,
  act: () => Promise<T>,
  before: string[] = [],
): Promise<T> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const pending = act(); // what it asks of the device, it asks at once
  const scopes = [device.popErrorScope(), device.popErrorScope()];
  const [result] = await Promise.allSettled([pending]);
  // the device's errors are the causes of what was thrown
  const errors = (await Promise.all(scopes)).flatMap((error) => (error ? [error.message] : []));
  const { lost } = stateOf(device);
  if (lost) throw new Error(`${what}: the device was lost (${lost.message || lost.reason})`);
  const [first] = [...before.splice(0), ...errors];
  if (first !== undefined) throw new Error(`${what}: ${first.trim()}`);
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
