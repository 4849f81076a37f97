/** Layers in memory: text in, derivation, kernels and checks out, without a file being read or written. */
import { judgeClaims, verify, type Claim, type Row } from "./verdicts.js";
import { LayerError } from "./language/problem.js";
import { shelfOf, standardShelf, textsUsed, type Shelf } from "./library.js";
import { compileText, emit, type TargetName } from "./pipeline.js";
import { describe, type DescribeOptions } from "./targets/document/derivation.js";
import { toDocument, type DerivationDocument } from "./targets/document/json.js";
import { specHash } from "./targets/code/header.js";
import { loadPlan } from "./targets/typescript/load.js";
import { runtimeText } from "./targets/wgsl/runtime.js";
import { loadGpuPlan } from "./webgpu/run.js";
import { version } from "./version.js";

/** A tensor's elements, row-major, a scalar's one: `Int32Array` for integer tensors, else of the plan's dtype. */
export type TensorArray = Float32Array | Float64Array | Int32Array;
/** Arrays by the names of their tensors. */
export type Tensors = Readonly<Record<string, TensorArray>>;

/**
 * The kernels of a layer for given sizes, over arrays of the caller's. What generated files have with the layer's own types has names
 * alone here: a plan of a layer that is text when the program is compiled.
 *
 * Every call checks names, types, lengths and overlaps first: a TypeError or RangeError in the layer's names, before anything is written.
 */
export interface Plan {
  /** The extents of every tensor, in the order of its axes; `[]` for a scalar. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** What the plan itself holds, in bytes; arrays that `add` asks for are not counted. */
  readonly workspaceBytes: number;
  /** The outputs that may be the very array of an input, `[input, output]`: then the result takes its place. */
  readonly inPlace: readonly (readonly [input: string, output: string])[];
  /**
   * The outputs, and under `saved` what `backward` needs of them.
   * @param outputs arrays to write into; what is not given is made
   */
  forward(
    inputs: Tensors,
    outputs?: Tensors,
  ): Record<string, TensorArray> & { saved: Record<string, TensorArray> };
  /**
   * The gradients of a loss by every input and weight `x`, as `dx`, from the inputs, what was saved and the loss's derivatives by the outputs.
   * @param options `only`: the gradients to compute; `add`: those to be added to what their arrays in `outputs` hold
   */
  backward(
    inputs: Tensors,
    outputs?: Tensors,
    options?: { readonly only?: readonly string[]; readonly add?: readonly string[] },
  ): Record<string, TensorArray>;
  /** A new array for every tensor (inputs, outputs, saved tensors, gradients), to be passed as inputs and outputs alike. */
  allocate(): Record<string, TensorArray>;
  /** One method a gradient: `plan.dw(inputs)` gives `{ dw }`. */
  readonly [gradient: string]: unknown;
}
/**
 * Makes a plan for sizes and params, by name; params may be left out. `dtype` is `"f32"` unless it says `"f64"`.
 * @throws TypeError, RangeError that name what is wrong with them
 */
export type PlanFunction = (
  sizes: Readonly<Record<string, number>>,
  options?: { readonly dtype?: "f32" | "f64" },
) => Plan;

/** WebGPU's own types where the program has them (`@webgpu/types`, or a library that declares them). */
type Global<Name extends string> =
  typeof globalThis extends Readonly<Record<Name, { readonly prototype: infer T }>> ? T : object;
type Device = Global<"GPUDevice">;
type Encoder = Global<"GPUCommandEncoder">;
/** Buffers by the names of their tensors. */
export type GpuTensors = Readonly<Record<string, Global<"GPUBuffer">>>;

/** The kernels of a layer on a GPU. Passes are encoded and not submitted. */
export interface GpuPlan {
  /** The extents of every tensor, in the order of its axes. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** What the plan itself holds on the device, in bytes; buffers that `add` or outputs in place ask for are not counted. */
  readonly workspaceBytes: number;
  /** The outputs that may be the very buffer of an input, `[input, output]`: then the result takes its place. */
  readonly inPlace: readonly (readonly [input: string, output: string])[];
  /** A new buffer for every tensor. */
  allocate(): GpuTensors;
  /** Copies arrays to the GPU. */
  write(buffers: GpuTensors, arrays: Readonly<Record<string, Float32Array | Int32Array>>): void;
  /** Encodes the passes that compute the outputs. */
  forward(encoder: Encoder, buffers: GpuTensors): void;
  /**
   * Encodes the passes that compute every gradient.
   * @param options `only`: the gradients to compute; `add`: those to be added to what their buffers hold
   */
  backward(
    encoder: Encoder,
    buffers: GpuTensors,
    options?: { readonly only?: readonly string[]; readonly add?: readonly string[] },
  ): void;
  /** Copies a tensor from the GPU, once what was submitted is done. */
  read(buffers: GpuTensors, tensor: string): Promise<Float32Array | Int32Array>;
  /** Frees the buffers; without any, what the plan holds. */
  destroy(buffers?: GpuTensors): void;
}
/** Builds a plan's pipelines. Rejects where the device's limits are too small for the sizes. */
export type GpuPlanFunction = (device: Device, sizes: Readonly<Record<string, number>>) => Promise<GpuPlan>;

/** Where a plan is made: at a byte of a memory that several share, or in a memory of its own. */
export interface WasmPlace {
  /** A `WebAssembly.Memory`. */
  readonly memory?: { readonly buffer: ArrayBufferLike };
  /** The first of its bytes that are the plan's, a multiple of 4; 0. */
  readonly at?: number;
}
/**
 * The same plans over kernels of WebAssembly, in float32. `allocate()` gives always the same arrays, which lie in the plan's memory and are
 * used in place; others are copied in and out.
 */
export interface WasmPlanFunction {
  (sizes: Readonly<Record<string, number>>, place?: WasmPlace): Plan;
  /** How many bytes of a memory the plan takes. */
  readonly bytes: (sizes: Readonly<Record<string, number>>) => number;
  /**
   * A plan whose kernels n threads share. Its calls are synchronous and give the same bits as one thread's; `close` ends the workers.
   * Rejects where the host has no shared memory, or the calling thread may not wait (a page's own).
   */
  readonly threads: (
    sizes: Readonly<Record<string, number>>,
    n: number,
  ) => Promise<Plan & { readonly close: () => void }>;
}

/** Plan functions: the layer's is there under its name; a variant's is where the text has one. */
export type Plans<Name extends string, Make> = Readonly<Record<Name, Make>> & {
  readonly [variant: string]: Make | undefined;
};

export interface CheckSettings {
  /** Sizes and params to check at besides those that are drawn; `{ N: 2, C: 3 }`. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** How many shapes of each tensor are drawn; 20. */
  readonly trials?: number;
  /** What all draws follow from; 1. */
  readonly seed?: number;
  /** Whose kernels are run; `["ts"]`. `wgsl` needs the package `webgpu`, `torch` a Python with PyTorch. */
  readonly target?: readonly TargetName[];
}
/** What a check found, as `leibniz check --json` tells it of a layer. */
export interface CheckReport {
  readonly layer: string;
  /** No tensor failed, and no claim is refuted. */
  readonly ok: boolean;
  /** The outputs and gradients of the layer and its variants. */
  readonly tensors: readonly Row[];
  readonly claims: readonly Claim[];
}

export interface LayerOptions {
  /** Texts of layers that this one may call, by their names; the standard layers can be called without. */
  readonly uses?: Readonly<Record<string, string>>;
}

export interface LayerInMemory<Name extends string = string> {
  readonly name: Name;
  /**
   * Formulas, gradients and the steps that led to them, as `leibniz derive --format json` prints them.
   * @param options `wrt`: the tensor whose gradient alone is told; `steps`: `"none"`, `"main"` or `"all"` of them
   */
  derive(options?: Pick<DescribeOptions, "steps" | "wrt">): DerivationDocument;
  /** The plan functions of the layer and of its variants, by name: what `leibniz build` would have written. */
  compile(options?: { readonly target?: "ts" }): Promise<Plans<Name, PlanFunction>>;
  compile(options: { readonly target: "wasm" }): Promise<Plans<Name, WasmPlanFunction>>;
  compile(options: { readonly target: "wgsl" }): Promise<Plans<Name, GpuPlanFunction>>;
  /**
   * Compares every kernel with a reference evaluator and every gradient with finite differences, and judges the claims.
   * @throws LayerError where the sizes are not legal for the layer
   */
  check(options?: CheckSettings): Promise<CheckReport>;
}

/**
 * A layer of a text.
 *
 * ```ts
 * const relu = parseLayer("input x[N]\noutput y[N]\ny[n] = relu(x[n])", "relu.layer");
 * relu.derive().gradients[0]?.formula; // → dx[n] = where(y[n] > 0, dy[n], 0)
 * ```
 *
 * @param text of a `.layer` file
 * @param file what messages call it; the layer's name is the file's name
 * @throws LayerError one error that lists all problems of the text
 */
export function parseLayer<File extends string>(
  text: string,
  file: File,
  options: LayerOptions = {},
): LayerInMemory<NameOf<File>> {
  const source = { file, text };
  const { uses = {} } = options;
  const own = shelfOf(() => uses);
  const shelf: Shelf = (name, from) => own(name, from) ?? standardShelf(name, from);
  const compiled = compileText(text, file, { shelf });
  const compile = async <Make>(
    target: TargetName,
    load: (files: Readonly<Record<string, string>>, name: string) => Promise<Make>,
  ): Promise<Record<string, Make>> => {
    const header = {
      spec: `${compiled.layer.name}.layer`,
      hash: specHash(text, textsUsed(source, shelf)),
      version,
    };
    const folders = await emit(compiled, header, [target]);
    const plans = folders.map(async ({ name, files }) => [name, await load(files, name)] as const);
    return Object.fromEntries(await Promise.all(plans));
  };
  async function plansOf({ target = "ts" }: { readonly target?: "ts" | "wasm" | "wgsl" } = {}): Promise<
    Record<string, unknown>
  > {
    switch (target) {
      case "ts":
        return compile("ts", (files, name) => loadPlan(files["index.ts"] ?? "", name));
      case "wasm":
        return compile("wasm", (files, name) => loadPlan(files["wasm.ts"] ?? "", name));
      case "wgsl": {
        const { moduleUrl } = await import("./webgpu/load.js");
        return compile("wgsl", (files, name) =>
          loadGpuPlan(moduleUrl(files["webgpu.ts"] ?? "", runtimeText(version)), name),
        );
      }
      default:
        throw new TypeError(`compile: target must be "ts", "wasm" or "wgsl", got ${JSON.stringify(target)}`);
    }
  }
  const made: LayerInMemory = {
    name: compiled.layer.name,
    derive: (options = {}) =>
      toDocument(
        describe(compiled.layer, compiled.derived, { ...options, claims: judgeClaims(compiled, source) }),
      ),
    compile: plansOf as LayerInMemory["compile"],
    check: async ({ target = onlyTypeScript, trials = 20, seed = 1, ...options } = {}) => {
      const { rows, claims } = await verify(compiled, source, { ...options, trials, seed, targets: target });
      const ok =
        rows.every(({ verdict }) => verdict !== "failed") &&
        claims.every(({ verdict }) => verdict !== "refuted");
      return { layer: compiled.layer.name, ok, tensors: rows, claims };
    },
  };
  return made as LayerInMemory<NameOf<File>>;
}
const onlyTypeScript: readonly TargetName[] = ["ts"];
/** The name that a file gives its layer. */
type NameOf<File extends string> = File extends `${string}/${infer Rest}`
  ? NameOf<Rest>
  : File extends `${infer Name}.layer`
    ? Name
    : File;

/**
 * A layer as a tagged template, under its name.
 *
 * ```ts
 * const scale = layer("scale")`
 *   input  x[N]
 *   weight s
 *   output y[N]
 *   y[n] = s * x[n]
 * `;
 * const { scale: makeScale } = await scale.compile();
 * const plan = makeScale({ N: 2 });
 * plan.forward({ x: Float32Array.of(1, 2), s: Float32Array.of(3) })["y"]; // → Float32Array(2) [ 3, 6 ]
 * ```
 *
 * @throws LayerError one error that lists all problems of the text
 */
export function layer<Name extends string>(
  name: Name,
  options: LayerOptions = {},
): (strings: TemplateStringsArray, ...values: unknown[]) => LayerInMemory<Name> {
  return (strings, ...values) => {
    const text = String.raw(strings, ...values);
    const file = `${name}.layer`;
    if (/[/\\]/u.test(name)) {
      const problem = {
        code: "layer-name",
        message: `a layer's name is an identifier, not ${JSON.stringify(name)}`,
        span: { start: 0, end: 0 },
      };
      throw new LayerError([problem], { file, text });
    }
    return parseLayer(text, file, options) as LayerInMemory<Name>;
  };
}
