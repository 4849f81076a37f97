/** A layer's plan on a device: its buffers, and its kernels as passes of the caller's encoder. */
import {
  bytesOf,
  checkApart,
  checkDevice,
  checkEncoder,
  checkLimits,
  givenBuffer,
  usages,
  type Buffers,
  type Usage,
} from "./buffers.js";
import type { Description, Kernel } from "./description.js";
import { finishers, groupsOver, type Finisher } from "./finish.js";
import { extentsAround, stepsIn, turnsOf, type Turn } from "./steps.js";
import { guarded, labelOf, listen, pipelineOf, unlisten, type Shader } from "./device.js";

/** Builds the plan's pipelines and its workspace. Rejects where the device's limits are too small for the sizes. */
export async function createPlan(device: GPUDevice, description: Description): Promise<unknown> {
  const { layer, sizes, tensors, gradients, inPlace } = description;
  checkDevice(layer, device);
  const passes = [...description.forward, ...description.backward];
  const used = [...new Set(stepsIn(passes).flatMap((step) => step.kernels))];
  const around = extentsAround(passes);
  const kernelOf = (name: string): Kernel => description.kernels[name]!;
  const touched = new Set(used.flatMap((name) => [...kernelOf(name).reads, ...kernelOf(name).writes]));
  const workspace = Object.entries(description.workspace).filter(([name]) => touched.has(name));
  checkLimits(device, description, used, workspace);
  const where = sizes === "" ? layer : `${layer} (${sizes})`;
  const compiled = async <Name extends string>(names: readonly Name[], shader: (name: Name) => Shader) =>
    new Map(
      await Promise.all(
        names.map(
          async (name) => [name, await pipelineOf(device, `${layer}.${name}`, shader(name))] as const,
        ),
      ),
    );
  const last: Finisher[] = [];
  if (gradients.length > 0) last.push("add");
  if (inPlace.length > 0) last.push("put");
  const [pipelines, finishing] = await Promise.all([
    compiled(used, shaderOf),
    compiled(last, (name) => finishers[name]),
  ]);
  const listener = listen(device, where);
  const label = (what: string): string => labelOf(listener, what);
  const held = await guarded(device, where, () =>
    Promise.resolve({
      workspace: new Map(workspace.map(([name, length]) => [name, storage(name, length)])),
      numbers: numbersOf(),
    }),
  ).catch((error: unknown) => {
    unlisten(device, listener);
    throw error;
  });

  function shaderOf(name: string): Shader {
    const { source, reads, writes, integers, reals } = kernelOf(name);
    return {
      source,
      numbers: integers.length + reals.length > 0,
      reads: reads.length,
      writes: writes.length,
    };
  }
  function storage(name: string, length: number): GPUBuffer {
    const size = bytesOf(Math.max(length, 1));
    const usage = usages.STORAGE | usages.COPY_SRC | usages.COPY_DST;
    return device.createBuffer({ label: label(name), size, usage });
  }
  /** The numbers of all kernels in one buffer, each kernel's at an offset that may be bound. */
  function numbersOf() {
    const align = device.limits.minUniformBufferOffsetAlignment;
    const at = new Map<string, { readonly offset: number; readonly size: number; readonly stride: number }>();
    let end = 0;
    for (const name of used) {
      const { integers, reals, moving } = kernelOf(name);
      const size = bytesOf(integers.length + reals.length);
      if (size === 0) continue;
      // in the loops of a recurrence numbers of its own for each point
      const count = moving ? around.get(name)!.reduce((a, b) => a * b, 1) : 1;
      const stride = Math.ceil(size / align) * align;
      at.set(name, { offset: end, size, stride: moving ? stride : 0 });
      end += count * stride;
    }
    if (end === 0) return { at, buffer: undefined };
    const buffer = device.createBuffer({
      label: label("numbers"),
      size: end,
      usage: usages.UNIFORM,
      mappedAtCreation: true,
    });
    const view = new DataView(buffer.getMappedRange());
    for (const [name, { offset, stride }] of at) {
      const { integers, reals, moving = [] } = kernelOf(name);
      const extents = around.get(name) ?? [];
      const count = stride === 0 ? 1 : extents.reduce((a, b) => a * b, 1);
      for (let number = 0; number < count; number++) {
        const start = offset + number * stride;
        integers.forEach((value, i) => view.setInt32(start + bytesOf(i), value, true));
        reals.forEach((value, i) => view.setFloat32(start + bytesOf(integers.length + i), value, true));
        let rest = number;
        for (let loop = extents.length - 1; loop >= 0; loop--) {
          const place = moving[loop] ?? -1;
          if (place >= 0) view.setInt32(start + bytesOf(place), rest % extents[loop]!, true);
          rest = Math.floor(rest / extents[loop]!);
        }
      }
    }
    buffer.unmap();
    return { at, buffer };
  }

  let destroyed = false;
  const bufferOf = (buffers: Buffers, name: string, usage: Usage): GPUBuffer =>
    givenBuffer(description, buffers, name, usage);
  /** Results before they are added to, or put into, the caller's buffers; each is made once it is asked for. */
  const parts = new Map<string, GPUBuffer>();
  function partOf(name: string): GPUBuffer {
    const part = parts.get(name) ?? storage(`${name} part`, tensors.get(name)!.length);
    parts.set(name, part);
    return part;
  }
  /** @param adds gradients that are added to what their buffers hold */
  function run(
    encoder: GPUCommandEncoder,
    buffers: Buffers,
    turns: readonly Turn[],
    adds: readonly string[] = [],
  ): void {
    const names = [...new Set(turns.map(({ kernel }) => kernel))];
    checkEncoder(layer, encoder);
    if (destroyed) throw new Error(`${layer}: the plan was destroyed (${sizes})`);
    const bufferAt = (tensor: string): GPUBuffer =>
      held.workspace.get(tensor) ?? bufferOf(buffers, tensor, "STORAGE");
    const put = checkApart(description, names, adds, bufferAt);
    const finished = new Map<string, Finisher>([
      ...adds.map((name) => [name, "add"] as const),
      ...put.map((name) => [name, "put"] as const),
    ]);
    /** Of a larger buffer, what is the tensor's. */
    const sized = (tensor: string, buffer: GPUBuffer): GPUBufferBinding => {
      const { length } = tensors.get(tensor) ?? {};
      return { buffer, ...(length !== undefined && { size: bytesOf(length) }) };
    };
    const bindingOf = (tensor: string): GPUBufferBinding =>
      sized(tensor, finished.has(tensor) ? partOf(tensor) : bufferAt(tensor));
    const kernels = turns.map(({ kernel: name, at }) => {
      const { reads, writes, groups } = kernelOf(name);
      const slot = held.numbers.at.get(name);
      const number = at.reduce((sum, value, loop) => sum * around.get(name)![loop]! + value, 0);
      const numbers = slot && { offset: slot.offset + number * slot.stride, size: slot.size };
      const entries: GPUBindGroupEntry[] = [...reads, ...writes].map((tensor, i) => ({
        binding: i + 1,
        resource: bindingOf(tensor),
      }));
      if (numbers && held.numbers.buffer)
        entries.unshift({ binding: 0, resource: { buffer: held.numbers.buffer, ...numbers } });
      return { name, pipeline: pipelines.get(name)!, entries, groups };
    });
    const finishes = [...finished].map(([tensor, how]) => ({
      name: `${how} ${tensor}`,
      pipeline: finishing.get(how)!,
      entries: [partOf(tensor), bufferAt(tensor)].map((buffer, i) => ({
        binding: i + 1,
        resource: sized(tensor, buffer),
      })),
      groups: groupsOver(tensors.get(tensor)!.length),
    }));
    listener.asked = true;
    const pass = encoder.beginComputePass({ label: label("pass") });
    const most = device.limits.maxComputeWorkgroupsPerDimension;
    for (const { name, pipeline, entries, groups } of [...kernels, ...finishes]) {
      const rows = Math.ceil(groups / most);
      pass.setPipeline(pipeline);
      pass.setBindGroup(
        0,
        device.createBindGroup({
          label: label(name),
          layout: pipeline.getBindGroupLayout(0),
          entries,
        }),
      );
      pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    }
    pass.end();
  }
  const chosen = (results: readonly string[]): readonly Turn[] =>
    turnsOf(description.backward, (step) => step.for.some((name) => results.includes(name)));

  async function read(buffers: Buffers, name: string): Promise<Float32Array | Int32Array> {
    const tensor = tensors.get(name);
    if (!tensor) throw new TypeError(`${layer}: there is no tensor ${JSON.stringify(name)}`);
    const source = bufferOf(buffers, name, "COPY_SRC");
    const size = bytesOf(tensor.length);
    listener.asked = true;
    const copied = async (): Promise<ArrayBuffer> => {
      const usage = usages.MAP_READ | usages.COPY_DST;
      const target = device.createBuffer({ label: label("read"), size, usage });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, 0, target, 0, size);
      device.queue.submit([encoder.finish()]);
      await target.mapAsync(1); // GPUMapMode.READ
      const copy = target.getMappedRange().slice(0);
      target.destroy();
      return copy;
    };
    const bytes = await guarded(device, `${layer}.${name} (${sizes})`, copied, listener.errors);
    listener.asked = false;
    return tensor.Type === Int32Array ? new Int32Array(bytes) : new Float32Array(bytes);
  }

  const forward = turnsOf(description.forward, () => true);
  return {
    shapes: Object.fromEntries([...tensors.values()].map((t) => [t.name, t.shape])),
    workspaceBytes:
      workspace.reduce((sum, [, length]) => sum + bytesOf(length), 0) + (held.numbers.buffer?.size ?? 0),
    allocate: () => Object.fromEntries([...tensors.values()].map((t) => [t.name, storage(t.name, t.length)])),
    write(buffers: Buffers, arrays: object): void {
      // all are checked before one is written
      const writes = description
        .checked(arrays)
        .map(([name, array]) => [bufferOf(buffers, name, "COPY_DST"), array] as const);
      listener.asked = true;
      for (const [buffer, { buffer: memory, byteOffset, byteLength }] of writes)
        device.queue.writeBuffer(buffer, 0, memory, byteOffset, byteLength);
    },
    forward: (encoder: GPUCommandEncoder, buffers: Buffers) => run(encoder, buffers, forward),
    inPlace,
    backward(encoder: GPUCommandEncoder, buffers: Buffers, options: object = {}): void {
      const { results, adds } = description.asked(options, gradients);
      run(encoder, buffers, chosen(results), adds);
    },
    ...Object.fromEntries(
      gradients.map((name) => [
        name,
        (encoder: GPUCommandEncoder, buffers: Buffers) => run(encoder, buffers, chosen([name])),
      ]),
    ),
    read,
    destroy(buffers?: Buffers): void {
      const freed = buffers ? Object.values(buffers) : [...held.workspace.values(), ...parts.values()];
      for (const buffer of freed) buffer?.destroy();
      if (buffers) return;
      held.numbers.buffer?.destroy();
      unlisten(device, listener);
      destroyed = true;
    },
  };
}
