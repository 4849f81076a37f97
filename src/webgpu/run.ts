/** Runs generated WebGPU plans and sees to it that nothing fails in silence. Needs nothing but WebGPU itself. */
import { importModule } from "../targets/code/import-module.js";

export type TensorArray = Float32Array | Int32Array;
export type Buffers = Readonly<Record<string, GPUBuffer>>;

/** What `backward` takes besides: the gradients to compute, and those to add to what their buffers hold. */
interface Options {
  readonly only?: readonly string[];
  readonly add?: readonly string[];
}
/** The part of a generated `webgpu.ts` plan that is called here; besides, it has a method a gradient, `dw(encoder, buffers)`. */
export interface GpuPlan {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly inPlace: readonly (readonly [input: string, output: string])[];
  allocate(): Buffers;
  write(buffers: Buffers, values: Readonly<Record<string, TensorArray>>): void;
  forward(encoder: GPUCommandEncoder, buffers: Buffers): void;
  backward(encoder: GPUCommandEncoder, buffers: Buffers, options?: Options): void;
  read(buffers: Buffers, name: string): Promise<TensorArray>;
  /** Frees the buffers; without any, what the plan itself holds. */
  destroy(buffers?: Buffers): void;
}
export type GpuPlanFunction = (
  device: GPUDevice,
  sizes: Readonly<Record<string, number>>,
) => Promise<GpuPlan>;

/** The plan function of a module. @throws Error where it has none of that name */
export async function loadGpuPlan(url: string, name: string): Promise<GpuPlanFunction> {
  const module = (await importModule(url)) as Readonly<Record<string, GpuPlanFunction | undefined>>;
  const plan = module[name];
  if (!plan) throw new Error(`the generated module exports no ${name}`);
  return plan;
}

/**
 * The plan that the device would have if it were a GPU: on an adapter in software plans choose other kernels, and
 * those for a GPU would go unchecked.
 */
export async function makeAsOnGpu(
  make: GpuPlanFunction,
  device: GPUDevice,
  sizes: Readonly<Record<string, number>>,
): Promise<GpuPlan> {
  const adapterInfo = { description: "a GPU", vendor: "", architecture: "", device: "" };
  // Dawn has it on the device itself, browsers on its class
  const own = Object.getOwnPropertyDescriptor(device, "adapterInfo");
  Object.defineProperty(device, "adapterInfo", { value: adapterInfo, configurable: true });
  try {
    return await make(device, sizes);
  } finally {
    if (own) Object.defineProperty(device, "adapterInfo", own);
    else Reflect.deleteProperty(device, "adapterInfo");
  }
}

/** One pass, `forward`, `backward` or a gradient: what is written before it and read after it. */
export interface Step {
  readonly pass: string;
  readonly inputs: Readonly<Record<string, TensorArray>>;
  readonly results: readonly string[];
  /** Results that are added to the inputs of their names; of `backward` alone. */
  readonly add?: readonly string[];
  /** A result that is to take the very buffer of an input. */
  readonly inPlace?: readonly [input: string, output: string];
}

/**
 * Fills buffers with what is NaN as a float32 and far out of any range as an int32, so that elements which a kernel
 * leaves unwritten, or reads before they are written, are seen.
 */
export function poison(device: GPUDevice, buffers: readonly GPUBuffer[]): void {
  for (const buffer of buffers)
    device.queue.writeBuffer(buffer, 0, new Uint32Array(buffer.size / 4).fill(0x7fc0dead));
}

/**
 * Encodes a pass, submits it and reads the results.
 * @throws Error where the device reports one
 */
export async function runStep(
  device: GPUDevice,
  plan: GpuPlan,
  buffers: Buffers,
  { pass, inputs, results, add = [], inPlace }: Step,
): Promise<Record<string, TensorArray>> {
  const encode = (plan as unknown as Readonly<Record<string, GpuPlan["backward"] | undefined>>)[pass];
  if (!encode) throw new Error(`the plan has no ${pass}`);
  const bufferOf = (name: string): GPUBuffer => {
    const buffer = buffers[inPlace?.[1] === name ? inPlace[0] : name];
    if (!buffer) throw new Error(`the plan allocates no ${name}`);
    return buffer;
  };
  return withoutErrors(device, async () => {
    plan.write(buffers, inputs);
    const overwritten = results.filter((name) => !add.includes(name) && inPlace?.[1] !== name);
    poison(device, overwritten.map(bufferOf));
    const encoder = device.createCommandEncoder();
    const given = { ...buffers, ...(inPlace && { [inPlace[1]]: bufferOf(inPlace[1]) }) };
    encode.call(plan, encoder, given, ...(add.length > 0 ? [{ add }] : []));
    device.queue.submit([encoder.finish()]);
    const read = results.map(async (name) => [name, await plan.read(given, name)] as const);
    return Object.fromEntries(await Promise.all(read));
  });
}

/** What `act` gives. @throws Error where it does, or where the device reports an error meanwhile */
export async function withoutErrors<T>(device: GPUDevice, act: () => Promise<T>): Promise<T> {
  const scopes = ["validation", "out-of-memory", "internal"] as const;
  for (const scope of scopes) device.pushErrorScope(scope);
  const [result] = await Promise.allSettled([act()]);
  const found = await Promise.all(scopes.map(() => device.popErrorScope()));
  const errors = found.flatMap((error) => (error ? [error.message] : [])).toReversed();
  // the device's errors are the causes of what was thrown
  if (errors.length > 0) throw new Error(errors.join("\n"));
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** What a compiler says of a shader. */
export interface ShaderReport {
  readonly label: string;
  /** `error 3:5 …`, `warning …`, `info …` */
  readonly messages: readonly string[];
}

/** From now on the device remembers its shaders; the function returned ends that, and says what was found. */
export function watchShaders(device: GPUDevice): () => Promise<ShaderReport[]> {
  const seen: GPUShaderModule[] = [];
  const create = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => {
    const module = create(descriptor);
    seen.push(module);
    return module;
  };
  return () => {
    device.createShaderModule = create;
    return Promise.all(seen.map(report));
  };
}
async function report(module: GPUShaderModule): Promise<ShaderReport> {
  const { messages } = await module.getCompilationInfo();
  return {
    label: module.label,
    messages: Array.from(
      messages,
      ({ type, lineNum, linePos, message }) => `${type} ${lineNum}:${linePos} ${message}`,
    ),
  };
}
