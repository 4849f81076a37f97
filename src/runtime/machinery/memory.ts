/** What plans in a memory of WebAssembly's have besides: the memory, what lies where in it, and arrays that come from elsewhere. */
import { bufferOf, startOf, type Arrays, type Call } from "./calls.js";
import { checkNames, kindOf, type Data, type Tensor } from "./plans.js";

declare const layerName: string;
/** The module in base64. */
declare const moduleText: string;

export interface Memory {
  readonly buffer: ArrayBufferLike;
}
/** The part of WebAssembly that plans use. Its types are those of a browser's library, which not every program has. */
export interface Engine {
  readonly Memory: new (pages: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}
export const engineOf = (): Engine => (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;

/** Where plans are made: at a byte of a memory that several share, or in a memory of the plan's own. */
export interface Place {
  /** A `WebAssembly.Memory`. */
  readonly memory?: Memory | undefined;
  /** The first of its bytes that are the plan's; 0. */
  readonly at?: number | undefined;
  /** Plans are over Float32Array. */
  readonly dtype?: "f32" | undefined;
}

/** What a plan has in its memory: tensors that it hands out, room for those that come from elsewhere, what it works in. */
export interface Room<Kernels> {
  /** All of it. */
  readonly bytes: number;
  readonly workBytes: number;
  /** Of what it works in, the part that each thread has for itself. */
  readonly ownBytes: number;
  /** How many threads its kernels run in; 0 where it has one alone, in a memory that is not shared. */
  readonly threads: number;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Where each lies, in bytes from the beginning of the memory. */
  readonly own: Readonly<Record<string, number>>;
  readonly copies: Readonly<Record<string, number>>;
  readonly work: Readonly<Record<string, number>>;
  /** The arrays of the call under way, and where they lie. */
  readonly at: Arrays;
  readonly to: Record<string, number>;
  /** Given, or made when it is first needed. */
  memory?: Memory | undefined;
  kernels?: Kernels | undefined;
  arrays?: Record<string, Data> | undefined;
  readonly views: Record<string, Data | undefined>;
}

export const placeOptions: ReadonlySet<string> = new Set(["memory", "at", "dtype"]);

/**
 * @param works the names and bytes of what the plan works in
 * @param own the same of what each thread has for itself
 */
export function roomOf<Kernels>(
  tensors: ReadonlyMap<string, Tensor>,
  own: readonly (readonly [name: string, bytes: number])[],
  works: readonly (readonly [name: string, bytes: number])[],
  options: Place,
  threads = 0,
): Room<Kernels> {
  checkNames("option", options, placeOptions);
  const { memory, at = 0, dtype = "f32" } = options;
  if (dtype !== "f32")
    throw new TypeError(`${layerName}: dtype must be "f32": plans in a memory are over Float32Array`);
  if (memory === undefined && options.at !== undefined)
    throw new TypeError(`${layerName}: at says where in a memory, and no memory is given`);
  if (memory !== undefined && !isBuffer(memory?.buffer))
    throw new TypeError(`${layerName}: memory must be a WebAssembly.Memory, got ${kindOf(memory)}`);
  if (!Number.isSafeInteger(at) || at < 0 || at % 4 !== 0)
    throw new RangeError(`${layerName}: at = ${String(at)} must be a multiple of 4, and at least 0`);
  let end = at;
  const place = (lengths: readonly (readonly [string, number])[]): Record<string, number> =>
    Object.fromEntries(
      lengths.map(([name, bytes]) => {
        const start = end;
        end += 64 * Math.ceil(bytes / 64);
        return [name, start];
      }),
    );
  const first = place(own);
  const ownBytes = end - at;
  end += Math.max(0, threads - 1) * ownBytes;
  const work = { ...first, ...place(works) };
  const workEnd = end;
  const lengths = [...tensors.values()].map((t) => [t.name, 4 * t.length] as const);
  const [tensorsAt, copies] = [place(lengths), place(lengths)];
  const [bytes, workBytes] = [end - at, workEnd - at];
  const has = memory?.buffer.byteLength ?? Infinity;
  if (end > has)
    throw new RangeError(
      `${layerName}: the memory has ${has} bytes, the plan needs ${bytes} of them from ${at} on`,
    );
  return {
    ...{ bytes, workBytes, ownBytes, threads, tensors, copies, work, memory },
    own: tensorsAt,
    at: {},
    to: {},
    views: {},
  };
}
export const isBuffer = (buffer: unknown): boolean =>
  buffer instanceof ArrayBuffer ||
  (typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer);

export function memoryOf(room: Room<unknown>): Memory {
  if (room.memory) return room.memory;
  const pages = Math.ceil(room.bytes / 65536);
  try {
    const shared = room.threads > 0 ? { maximum: pages, shared: true } : {};
    room.memory = new (engineOf().Memory)({ initial: pages, ...shared });
  } catch {
    throw new RangeError(
      `${layerName}: there is no memory for ${[...room.tensors.values()].map((t) => `${t.name}[${t.shape.join(", ")}]`).join(", ")}: ` +
        `${room.bytes} bytes in all, of at most ${2 ** 32}`,
    );
  }
  return room.memory;
}

/** The module, compiled once for memories of a plan's own and once for shared ones, and its kernels over each memory. */
export const compiled: { own?: object; shared?: object } = {};
export function moduleFor({ buffer }: Memory): object {
  const { Module, validate } = engineOf();
  const made = (over: (bytes: Uint8Array) => Uint8Array): object => {
    const plain = over(bytesOfText(moduleText));
    const fused = relaxed(plain);
    return new Module(validate(fused) ? fused : plain);
  };
  if (buffer instanceof ArrayBuffer) return (compiled.own ??= made((bytes) => bytes));
  return (compiled.shared ??= made(overShared));
}
/**
 * The module with a relaxed multiply-add for each f32x4.mul, local.get, f32x4.add, which engines may round once: three bytes that do nothing,
 * local.get, f32x4.relaxed_madd.
 */
export function relaxed(bytes: Uint8Array): Uint8Array {
  const made = bytes.slice();
  const [multiply, add] = [0xe6, 0xe4];
  const isVector = (at: number, code: number): boolean =>
    bytes[at] === 0xfd && bytes[at + 1] === code && bytes[at + 2] === 1;
  for (let at = bytes.indexOf(0xfd); at >= 0; at = bytes.indexOf(0xfd, at + 1)) {
    const isLocal = bytes[at + 3] === 0x20 && bytes[at + 4]! < 128;
    if (isVector(at, multiply) && isLocal && isVector(at + 5, add)) {
      made.fill(1, at, at + 3);
      made.set([0x85, 2], at + 6);
    }
  }
  return made;
}
/** The module with a shared memory in the place of the one that it imports: the last of its imports, which are the second section. */
export function overShared(bytes: Uint8Array): Uint8Array {
  // section 1 is shorter than 2¹⁴ bytes, section 2 than 2⁷
  const [low, high] = [bytes[9]!, bytes[10]!];
  const second = low < 128 ? 10 + low : 11 + (low & 127) + 128 * high;
  const end = second + 2 + bytes[second + 1]!;
  const limits = [3, 0, 0x80, 0x80, 4]; // shared, from 0 to 2¹⁶ pages
  const imports = [...bytes.subarray(second + 2, end - 2), ...limits];
  return Uint8Array.of(...bytes.subarray(0, second + 1), imports.length, ...imports, ...bytes.subarray(end));
}
export const instances: WeakMap<Memory, unknown> = /* @__PURE__ */ new WeakMap();
export function kernelsOver(memory: Memory): unknown {
  const known = instances.get(memory);
  if (known !== undefined) return known;
  const { exports } = new (engineOf().Instance)(moduleFor(memory), { leibniz: { memory } });
  instances.set(memory, exports);
  return exports;
}

/** Base64, whatever stands between its letters. */
export function bytesOfText(text: string): Uint8Array {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const bytes: number[] = [];
  let [bits, count] = [0, 0];
  for (const letter of text) {
    const value = letters.indexOf(letter);
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 255);
  }
  return Uint8Array.from(bytes);
}

/** A view of a tensor at a byte of the memory. */
export const viewOf = ({ Type, length }: Tensor, { buffer }: Memory, at: number): Data =>
  new (Type as unknown as new (buffer: ArrayBufferLike, at: number, length: number) => Data)(
    buffer,
    at,
    length,
  );

/** The arrays that the plan hands out, always the same ones. */
export function arraysIn(room: Room<unknown>): object {
  const memory = memoryOf(room);
  if (!room.arrays || Object.values(room.arrays).some((array) => array.buffer !== memory.buffer))
    room.arrays = Object.fromEntries(
      [...room.tensors.values()].map((t) => [t.name, viewOf(t, memory, room.own[t.name]!)]),
    );
  return { ...room.arrays };
}

/** Puts the arrays of a call in place: those in the memory stay, the others are copied if the call reads them. Gives the kernels. */
export function enter<Kernels>(room: Room<Kernels>, call: Call): Kernels {
  const memory = memoryOf(room);
  const kernels = (room.kernels ??= kernelsOver(memory) as Kernels);
  for (const name of call.reads) {
    const copy = settle(room, memory, name);
    if (copy) copy.set(room.at[name]!);
  }
  for (const name of call.writes) settle(room, memory, name);
  return kernels;
}
/** Says where the array of the name lies; its copy, where it lies elsewhere. */
export function settle(room: Room<unknown>, memory: Memory, name: string): Data | undefined {
  const array = room.at[name]!;
  if (bufferOf.call(array) === memory.buffer) {
    room.to[name] = startOf.call(array);
    room.views[name] = undefined;
    return undefined;
  }
  const at = room.copies[name]!;
  const view = room.views[name];
  room.to[name] = at;
  return view && view.buffer === memory.buffer
    ? view
    : (room.views[name] = viewOf(room.tensors.get(name)!, memory, at));
}

/** Copies back what was written for arrays that lie elsewhere. */
export function leave(room: Room<unknown>, call: Call): void {
  for (const name of call.writes) {
    const copy = room.views[name];
    if (copy && room.to[name] === room.copies[name]) room.at[name]!.set(copy);
  }
}

/** Adds a gradient to what its array holds. */
export function addTo(total: Data, part: Data): void {
  for (let i = 0; i < total.length; i++) total[i] = total[i]! + part[i]!;
}
