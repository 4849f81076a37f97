/** How long passes take on the queues of all WebGPU devices, by timestamp queries that are put into them from outside. */

const most = 4096;

interface Recorder {
  readonly queries: GPUQuerySet;
  readonly resolved: GPUBuffer;
  readonly read: GPUBuffer;
  used: number;
}
/** Devices without timestamps have none. */
const recorders = new Map<GPUDevice, Recorder | undefined>();
const deviceOf = new WeakMap<GPUCommandEncoder, GPUDevice>();
let recording = false;

/** From now on every device's passes can be timed: the classes are those that `openWebGpu` made global. */
export function watchQueues(): void {
  const { GPUDevice, GPUCommandEncoder } = globalThis;
  const createCommandEncoder = Reflect.get(GPUDevice.prototype, "createCommandEncoder");
  GPUDevice.prototype.createCommandEncoder = function (descriptor) {
    const encoder = createCommandEncoder.call(this, descriptor);
    deviceOf.set(encoder, this);
    return encoder;
  };
  const beginComputePass = Reflect.get(GPUCommandEncoder.prototype, "beginComputePass");
  GPUCommandEncoder.prototype.beginComputePass = function (descriptor = {}) {
    const device = deviceOf.get(this);
    const recorder = recording && device ? recorderOf(device) : undefined;
    if (!recorder || descriptor.timestampWrites || recorder.used + 2 > most)
      return beginComputePass.call(this, descriptor);
    const beginningOfPassWriteIndex = recorder.used++;
    const endOfPassWriteIndex = recorder.used++;
    const { queries: querySet } = recorder;
    const timestampWrites = { querySet, beginningOfPassWriteIndex, endOfPassWriteIndex };
    return beginComputePass.call(this, { ...descriptor, timestampWrites });
  };
}

function recorderOf(device: GPUDevice): Recorder | undefined {
  if (recorders.has(device)) return recorders.get(device);
  const bytes = 8 * most;
  const recorder = device.features.has("timestamp-query")
    ? {
        queries: device.createQuerySet({ type: "timestamp", count: most }),
        resolved: device.createBuffer({
          size: bytes,
          usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
        }),
        read: device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }),
        used: 0,
      }
    : undefined;
  recorders.set(device, recorder);
  return recorder;
}

/** Runs what submits passes and waits for them: what it gives, and the seconds on the queue; wall-clock time without timestamps. */
export async function timeOnQueue<T>(run: () => Promise<T>): Promise<{ out: T; seconds: number }> {
  for (const recorder of recorders.values()) if (recorder) recorder.used = 0;
  recording = true;
  const start = performance.now();
  const out = await run();
  const wall = (performance.now() - start) / 1000;
  recording = false;
  let nanoseconds = 0n;
  for (const [device, recorder] of recorders)
    if (recorder && recorder.used > 0) nanoseconds += await total(device, recorder);
  return { out, seconds: nanoseconds > 0n ? Number(nanoseconds) / 1e9 : wall };
}

async function total(device: GPUDevice, { queries, resolved, read, used }: Recorder): Promise<bigint> {
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(queries, 0, used, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, read, 0, 8 * used);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ, 0, 8 * used);
  const times = new BigUint64Array(read.getMappedRange(0, 8 * used).slice(0));
  read.unmap();
  let sum = 0n;
  for (let i = 0; i < used; i += 2) sum += times[i + 1]! - times[i]!;
  return sum;
}
