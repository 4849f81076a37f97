/** Plans whose kernels several threads share: workers over one shared memory. Calls stay synchronous, the calling thread computes a part. */
import { kernelsOver, memoryOf, moduleFor, type Room } from "./memory.js";

declare const layerName: string;
/** Of each kernel that threads share, which of its arrays each thread has for itself. */
declare const ownArrays: Readonly<Record<string, readonly number[]>>;

type Kernel = (...given: readonly number[]) => void;
/** What browsers' workers and Node's have in common, as far as a pool needs it. */
interface Thread {
  readonly postMessage: (message: object) => void;
  readonly terminate: () => unknown;
  readonly unref?: () => void;
  /** Node's workers. */
  readonly on?: (event: string, listener: (given: unknown) => void) => void;
  /** Browsers'. */
  onmessage?: (event: unknown) => void;
  onerror?: (event: { readonly message?: string }) => void;
}
type MakesThreads = new (source: string, options?: object) => Thread;

/** Where in the control array: how many kernels have been called, workers at work, the kernel, its arguments, whether one failed. */
export const slots = { calls: 0, working: 1, kernel: 2, given: 3, failed: 4 } as const;
/** More arguments than any kernel has. */
export const mostGiven = 4096;

/** What a worker runs: it says that it is there, then waits for calls until the kernel is -1. */
export const workerText = `
const node = typeof require === "function";
const port = node ? require("node:worker_threads").parentPort : self;
function begin({ module, memory, control, numbers, names, own, part, parts, bytes }) {
  const kernels = new WebAssembly.Instance(module, { leibniz: { memory } }).exports;
  port.postMessage("ready");
  for (let calls = 0; ; calls++) {
    Atomics.wait(control, ${slots.calls}, calls);
    const name = names[control[${slots.kernel}]];
    if (name === undefined) return node ? port.close() : close();
    const given = Array.from(numbers.subarray(0, control[${slots.given}]));
    for (const at of own[name]) given[at] += part * bytes;
    try {
      kernels[name](...given, part, parts);
    } catch {
      Atomics.store(control, ${slots.failed}, 1);
    }
    if (Atomics.sub(control, ${slots.working}, 1) === 1) Atomics.notify(control, ${slots.working});
  }
}
if (node) port.once("message", begin);
else onmessage = ({ data }) => begin(data);
`;

/** @param count of threads, this one among them */
export function checkThreads(count: number): void {
  if (!Number.isSafeInteger(count) || count < 1 || count > 256)
    throw new RangeError(`${layerName}: threads must be a whole number from 1 to 256, got ${String(count)}`);
  if (typeof SharedArrayBuffer === "undefined")
    throw new Error(
      `${layerName}: threads need memory that they share, and this host has no SharedArrayBuffer; a page has it where it is cross-origin isolated`,
    );
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
  } catch {
    throw new Error(
      `${layerName}: threads need a caller that may wait, and this thread may not; call it in a worker`,
    );
  }
}

/** Starts the workers of a plan and puts kernels that share their work into its room. Gives what ends them. */
export async function openPool(room: Room<unknown>, count: number): Promise<() => void> {
  const memory = memoryOf(room);
  const kernels = kernelsOver(memory) as Record<string, Kernel>;
  const names = Object.keys(ownArrays);
  const control = new Int32Array(new SharedArrayBuffer(64));
  const numbers = new Float64Array(new SharedArrayBuffer(8 * mostGiven));
  const shared = {
    module: moduleFor(memory),
    memory,
    control,
    numbers,
    names,
    own: ownArrays,
    bytes: room.ownBytes,
  };
  const threads: Thread[] = [];
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    control[slots.kernel] = -1;
    Atomics.add(control, slots.calls, 1);
    Atomics.notify(control, slots.calls);
  };
  try {
    const started = Array.from({ length: count - 1 }, (_, i) => {
      const thread = newThread();
      threads.push(thread);
      return begun(thread, { ...shared, part: i + 1, parts: count });
    });
    await Promise.all(started);
  } catch (error) {
    threads.forEach((thread) => void thread.terminate());
    throw new Error(
      `${layerName}: the host starts no workers: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  threads.forEach((thread) => thread.unref?.());
  const run = (name: string, given: readonly number[]): void => {
    if (!open) throw new Error(`${layerName}: the plan is closed`);
    const kernel = names.indexOf(name);
    if (kernel < 0 || count === 1) return kernels[name]!(...given);
    numbers.set(given);
    control[slots.kernel] = kernel;
    control[slots.given] = given.length;
    Atomics.store(control, slots.working, count - 1);
    Atomics.add(control, slots.calls, 1);
    Atomics.notify(control, slots.calls);
    kernels[name]!(...given, 0, count);
    for (
      let left = Atomics.load(control, slots.working);
      left > 0;
      left = Atomics.load(control, slots.working)
    )
      Atomics.wait(control, slots.working, left);
    if (control[slots.failed] === 1) throw new Error(`${layerName}: ${name} failed in a worker`);
  };
  room.kernels = Object.fromEntries(
    Object.keys(kernels).map((name) => [name, (...given: readonly number[]) => run(name, given)]),
  );
  return close;
}

/** Resolves when the worker waits for calls. */
export const begun = (thread: Thread, message: object): Promise<unknown> =>
  new Promise((ready, fail) => {
    if (thread.on) {
      thread.on("message", ready);
      thread.on("error", fail);
    } else {
      thread.onmessage = ready;
      thread.onerror = (event) => fail(new Error(event.message ?? "the script was refused"));
    }
    thread.postMessage(message);
  });

/** A worker with the text above: of Node, or of a page or another host with its API. */
export function newThread(): Thread {
  const host = globalThis as unknown as {
    readonly process?: {
      readonly getBuiltinModule?: (name: string) => { readonly Worker: MakesThreads } | undefined;
    };
    readonly Worker?: MakesThreads;
    readonly Blob: new (parts: readonly string[], options: object) => object;
    readonly URL: {
      readonly createObjectURL: (blob: object) => string;
      readonly revokeObjectURL: (url: string) => void;
    };
  };
  const node = host.process?.getBuiltinModule?.("node:worker_threads");
  if (node) return new node.Worker(workerText, { eval: true });
  if (!host.Worker) throw new Error("it has no Worker");
  const url = host.URL.createObjectURL(new host.Blob([workerText], { type: "text/javascript" }));
  const thread = new host.Worker(url);
  host.URL.revokeObjectURL(url);
  return thread;
}
