/** A layer's plan on a device: its buffers, and its kernels as passes of the caller's encoder. */
import { guarded, pipelineOf } from "./device.js";

/** A tensor under the plan's sizes. */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  readonly Type: unknown;
}
/** A kernel under the plan's sizes. */
export interface Kernel {
  readonly source: string;
  /** How many workgroups run. */
  readonly groups: number;
  /** What the shader's `plan` holds: integers first, then reals. */
  readonly integers: readonly number[];
  readonly reals: readonly number[];
  /** Tensors by name, in the order of their bindings. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}
export interface Step {
  /** For which results the step is needed. */
  readonly for: readonly string[];
  /** Run one after the other. */
  readonly kernels: readonly string[];
}
/** What a generated file says of its layer. */
export interface Description {
  readonly layer: string;
  /** Sizes and params, for messages. */
  readonly sizes: string;
  readonly tensors: ReadonlyMap<string, TensorShape>;
  /** How many numbers the plan keeps for itself, by tensor. */
  readonly workspace: Readonly<Record<string, number>>;
  readonly kernels: Readonly<Record<string, Kernel>>;
  readonly forward: readonly Step[];
  readonly backward: readonly Step[];
  readonly gradients: readonly string[];
  /** The arrays by name, after the checks of the layer. */
  readonly checked: (arrays: object) => readonly (readonly [string, ArrayBufferView])[];
}

/** The members that every plan has. */
export interface LayerPlan<Tensors> {
  /** The extents of every tensor. */
  readonly shapes: { readonly [T in keyof Tensors]: readonly number[] };
  /** Bytes that the plan itself holds on the device. */
  readonly workspaceBytes: number;
  /** A new buffer for every tensor. */
  allocate(): { readonly [T in keyof Tensors]: GPUBuffer };
  /** Copies arrays into their buffers. */
  write(
    buffers: { readonly [T in keyof Tensors]?: GPUBuffer },
    arrays: { readonly [T in keyof Tensors]?: Tensors[T] },
  ): void;
  /** A tensor from its buffer, after all that has been submitted. Rejects where anything on the device has failed. */
  read<T extends keyof Tensors>(buffers: { readonly [N in T]: GPUBuffer }, name: T): Promise<Tensors[T]>;
  /** Frees the buffers; without any, what the plan itself holds. */
  destroy(buffers?: { readonly [T in keyof Tensors]?: GPUBuffer }): void;
}

type Buffers = Readonly<Record<string, GPUBuffer | undefined>>;
const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 };
const bytesOf = (length: number): number => 4 * length;

/** Builds the plan's pipelines and its workspace. Rejects where the device's limits are too small for the sizes. */
export async function createPlan(device: GPUDevice, description: Description): Promise<unknown> {
  const { layer, sizes, tensors, gradients } = description;
  const steps = [...description.forward, ...description.backward];
  const used = [...new Set(steps.flatMap((step) => step.kernels))];
  const kernelOf = (name: string): Kernel => description.kernels[name]!;
  const touched = new Set(used.flatMap((name) => [...kernelOf(name).reads, ...kernelOf(name).writes]));
  const workspace = Object.entries(description.workspace).filter(([name]) => touched.has(name));
  checkLimits();
  const where = `${layer} (${sizes})`;
  const pipelines = new Map(
    await Promise.all(
      used.map(async (name) => [name, await pipelineOf(device, `${layer}.${name}`, shaderOf(name))] as const),
    ),
  );
  const held = await guarded(device, where, () =>
    Promise.resolve({
      workspace: new Map(workspace.map(([name, length]) => [name, storage(name, length)])),
      numbers: numbersOf(),
    }),
  );

  function checkLimits(): void {
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
      const { groups, integers, reads, writes } = kernelOf(name);
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
  function shaderOf(name: string) {
    const { source, reads, writes, integers, reals } = kernelOf(name);
    return {
      source,
      numbers: integers.length + reals.length > 0,
      reads: reads.length,
      writes: writes.length,
    };
  }
  function storage(label: string, length: number): GPUBuffer {
    const size = bytesOf(Math.max(length, 1));
    return device.createBuffer({
      label: `${layer}.${label}`,
      size,
      usage: usage.storage | usage.copySource | usage.copyTarget,
    });
  }
  /** The numbers of all kernels in one buffer, each kernel's at an offset that may be bound. */
  function numbersOf() {
    const align = device.limits.minUniformBufferOffsetAlignment;
    const at = new Map<string, { readonly offset: number; readonly size: number }>();
    let end = 0;
    for (const name of used) {
      const { integers, reals } = kernelOf(name);
      const size = bytesOf(integers.length + reals.length);
      if (size === 0) continue;
      at.set(name, { offset: end, size });
      end += Math.ceil(size / align) * align;
    }
    if (end === 0) return { at, buffer: undefined };
    const buffer = device.createBuffer({
      label: `${layer}.numbers`,
      size: end,
      usage: usage.uniform,
      mappedAtCreation: true,
    });
    const view = new DataView(buffer.getMappedRange());
    for (const [name, { offset }] of at) {
      const { integers, reals } = kernelOf(name);
      integers.forEach((value, i) => view.setInt32(offset + bytesOf(i), value, true));
      reals.forEach((value, i) => view.setFloat32(offset + bytesOf(integers.length + i), value, true));
    }
    buffer.unmap();
    return { at, buffer };
  }

  /** The caller's buffer of a tensor. */
  function bufferOf(buffers: Buffers, name: string): GPUBuffer {
    const buffer = buffers[name];
    if (!buffer) throw new TypeError(`${layer}: the buffer ${name} is missing`);
    const { length, shape } = tensors.get(name)!;
    if (buffer.size < bytesOf(length))
      throw new RangeError(
        `${layer}: the buffer ${name}[${shape.join(", ")}] must have ${bytesOf(length)} bytes, got ${buffer.size}`,
      );
    return buffer;
  }
  function run(encoder: GPUCommandEncoder, buffers: Buffers, names: readonly string[]): void {
    const bound = names.map((name) => {
      const { reads, writes } = kernelOf(name);
      const numbers = held.numbers.at.get(name);
      const entries: GPUBindGroupEntry[] = [...reads, ...writes].map((tensor, i) => ({
        binding: i + 1,
        resource: { buffer: held.workspace.get(tensor) ?? bufferOf(buffers, tensor) },
      }));
      if (numbers && held.numbers.buffer)
        entries.unshift({ binding: 0, resource: { buffer: held.numbers.buffer, ...numbers } });
      const pipeline = pipelines.get(name)!;
      return { name, pipeline, entries };
    });
    const pass = encoder.beginComputePass({ label: layer });
    const most = device.limits.maxComputeWorkgroupsPerDimension;
    for (const { name, pipeline, entries } of bound) {
      const { groups } = kernelOf(name);
      const rows = Math.ceil(groups / most);
      pass.setPipeline(pipeline);
      pass.setBindGroup(
        0,
        device.createBindGroup({
          label: `${layer}.${name}`,
          layout: pipeline.getBindGroupLayout(0),
          entries,
        }),
      );
      pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    }
    pass.end();
  }
  const chosen = (results: readonly string[]): readonly string[] =>
    description.backward
      .filter((step) => step.for.some((name) => results.includes(name)))
      .flatMap((step) => step.kernels);

  async function read(buffers: Buffers, name: string): Promise<Float32Array | Int32Array> {
    const tensor = tensors.get(name);
    if (!tensor) throw new TypeError(`${layer}: there is no tensor ${JSON.stringify(name)}`);
    const source = bufferOf(buffers, name);
    const size = bytesOf(tensor.length);
    const what = `${layer}.${name} (${sizes})`;
    const bytes = await guarded(device, what, async () => {
      const target = device.createBuffer({ size, usage: usage.mapRead | usage.copyTarget });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, 0, target, 0, size);
      device.queue.submit([encoder.finish()]);
      await target.mapAsync(1); // GPUMapMode.READ
      const copy = target.getMappedRange().slice(0);
      target.destroy();
      return copy;
    });
    return tensor.Type === Int32Array ? new Int32Array(bytes) : new Float32Array(bytes);
  }

  const forward = description.forward.flatMap((step) => step.kernels);
  return {
    shapes: Object.fromEntries([...tensors.values()].map((t) => [t.name, t.shape])),
    workspaceBytes:
      workspace.reduce((sum, [, length]) => sum + bytesOf(length), 0) + (held.numbers.buffer?.size ?? 0),
    allocate: () => Object.fromEntries([...tensors.values()].map((t) => [t.name, storage(t.name, t.length)])),
    write(buffers: Buffers, arrays: object): void {
      for (const [name, array] of description.checked(arrays))
        device.queue.writeBuffer(
          bufferOf(buffers, name),
          0,
          array.buffer,
          array.byteOffset,
          array.byteLength,
        );
    },
    forward: (encoder: GPUCommandEncoder, buffers: Buffers) => run(encoder, buffers, forward),
    backward: (encoder: GPUCommandEncoder, buffers: Buffers) => run(encoder, buffers, chosen(gradients)),
    ...Object.fromEntries(
      gradients.map((name) => [
        name,
        (encoder: GPUCommandEncoder, buffers: Buffers) => run(encoder, buffers, chosen([name])),
      ]),
    ),
    read,
    destroy(buffers?: Buffers): void {
      const freed = buffers ? Object.values(buffers) : [...held.workspace.values()];
      for (const buffer of freed) buffer?.destroy();
      if (!buffers) held.numbers.buffer?.destroy();
    },
  };
}
