/** What callers hand over, checked before anything is encoded. */
import type { Description } from "./description.js";

/** One buffer a tensor, by name. */
export type Buffers = Readonly<Record<string, GPUBuffer | undefined>>;

export const bytesOf = (length: number): number => 4 * length;

const kindOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? value.constructor.name : String(value);

export function checkDevice(layer: string, device: unknown): void {
  if (typeof (device as Partial<GPUDevice> | undefined)?.createBuffer !== "function")
    throw new TypeError(`${layer}: expected a GPUDevice, got ${kindOf(device)}`);
}
export function checkEncoder(layer: string, encoder: unknown): void {
  if (typeof (encoder as Partial<GPUCommandEncoder> | undefined)?.beginComputePass !== "function")
    throw new TypeError(`${layer}: expected a GPUCommandEncoder, got ${kindOf(encoder)}`);
}

/** Bits of GPUBufferUsage, by their names. */
export const usages = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 } as const;
export type Usage = keyof typeof usages;

/** The caller's buffer of a tensor, which is to be used in that way. */
export function givenBuffer(
  { layer, tensors }: Description,
  buffers: Buffers,
  name: string,
  usage: Usage,
): GPUBuffer {
  if (typeof buffers !== "object" || (buffers as object | null) === null)
    throw new TypeError(
      `${layer}: expected an object that gives each buffer by name, got ${kindOf(buffers)}`,
    );
  const buffer = buffers[name];
  if (!buffer) throw new TypeError(`${layer}: the buffer ${name} is missing`);
  if (typeof buffer.size !== "number" || !("mapState" in buffer))
    throw new TypeError(`${layer}: the buffer ${name} must be a GPUBuffer, got ${kindOf(buffer)}`);
  const { length, shape } = tensors.get(name)!;
  if (buffer.size < bytesOf(length))
    throw new RangeError(
      `${layer}: the buffer ${name}[${shape.join(", ")}] must have ${bytesOf(length)} bytes, got ${buffer.size}`,
    );
  if ((buffer.usage & usages[usage]) === 0)
    throw new TypeError(`${layer}: the buffer ${name} lacks the usage ${usage}`);
  return buffer;
}

/**
 * What a pass writes may be no other of its tensors, as kernels later in the pass would read the one for the other; but an input that
 * `inPlace` lists with it. Gives the outputs that are so the buffer of an input.
 */
export function checkApart(
  { layer, kernels, inPlace }: Description,
  names: readonly string[],
  adds: readonly string[],
  bufferOf: (tensor: string) => GPUBuffer,
): readonly string[] {
  const reads = names.flatMap((name) => kernels[name]?.reads ?? []);
  const writes = names.flatMap((name) => kernels[name]?.writes ?? []);
  const bound = new Map([...reads, ...writes].map((tensor) => [tensor, bufferOf(tensor)]));
  const written = new Map(writes.map((tensor) => [bound.get(tensor), tensor]));
  const found = new Set<string>();
  for (const [tensor, buffer] of bound) {
    const other = written.get(buffer);
    if (other === undefined || other === tensor) continue;
    const pair = inPlace.some(([input, output]) => input === tensor && output === other);
    if (!pair || adds.includes(other))
      throw new RangeError(`${layer}: ${other} is written to the buffer that ${tensor} is in`);
    found.add(other);
  }
  return [...found];
}

/** @throws RangeError where the device cannot hold the tensors or run the kernels */
export function checkLimits(
  device: GPUDevice,
  { layer, sizes, tensors, kernels }: Description,
  used: readonly string[],
  workspace: readonly (readonly [string, number])[],
): void {
  const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
  const most = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  const lengths = [...[...tensors.values()].map((t) => [t.name, t.length] as const), ...workspace];
  for (const [name, length] of lengths)
    if (bytesOf(length) > most)
      throw new RangeError(
        `${layer}: ${name} takes ${bytesOf(length)} bytes; this device binds at most ${most} (${sizes})`,
      );
  const limit = device.limits.maxComputeWorkgroupsPerDimension;
  for (const name of used) {
    const { groups, integers, reads, writes } = kernels[name]!;
    const over =
      reads.length + writes.length > device.limits.maxStorageBuffersPerShaderStage
        ? `${reads.length + writes.length} storage buffers`
        : groups > limit * limit
          ? `${groups} workgroups`
          : integers.find((value) => Math.abs(value) >= 2 ** 31) !== undefined
            ? "numbers beyond 32 bits"
            : undefined;
    if (over)
      throw new RangeError(
        `${layer}: the kernel ${name} needs ${over}, more than this device has (${sizes})`,
      );
  }
}
