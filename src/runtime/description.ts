/** What a generated file says of its layer, and what plans are. */

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
  /** Which of the integers are the indices of the loops around, the outermost first; -1 for one that it does not use. */
  readonly moving?: readonly number[];
}
export interface Step {
  /** For which results the step is needed. */
  readonly for: readonly string[];
  /** Run one after the other. */
  readonly kernels: readonly string[];
  /** Where it runs, by the indices of the loops around. */
  readonly when?: (...at: number[]) => boolean;
}
/** The steps of a recurrence in its loops, the outermost first. */
export interface Repeated {
  readonly loops: readonly { readonly extent: number; readonly down: boolean }[];
  readonly steps: readonly Step[];
}
/** Gradients to compute, and those of them that are added to what their buffers hold. */
export interface Asked {
  readonly results: readonly string[];
  readonly adds: readonly string[];
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
  readonly forward: readonly (Step | Repeated)[];
  readonly backward: readonly (Step | Repeated)[];
  readonly gradients: readonly string[];
  /** Inputs whose very buffer an output may be. */
  readonly inPlace: readonly (readonly [input: string, output: string])[];
  /** What the options of `backward` ask for, after their checks. */
  readonly asked: (options: object, gradients: readonly string[]) => Asked;
  /** The arrays by name, after the checks of the layer. */
  readonly checked: (arrays: object) => readonly (readonly [string, ArrayBufferView])[];
}

/** The members that every plan has. */
export interface LayerPlan<Tensors> {
  /** The extents of every tensor. */
  readonly shapes: { readonly [T in keyof Tensors]: readonly number[] };
  /** Bytes that the plan itself holds on the device; buffers that `add` or outputs in place ask for are not counted. */
  readonly workspaceBytes: number;
  /** The outputs that may be the very buffer of an input. */
  readonly inPlace: readonly (readonly [input: keyof Tensors, output: keyof Tensors])[];
  /** A new buffer for every tensor. */
  allocate(): { readonly [T in keyof Tensors]: GPUBuffer };
  /** Copies arrays into their buffers. */
  write(
    buffers: { readonly [T in keyof Tensors]?: GPUBuffer },
    arrays: { readonly [T in keyof Tensors]?: Tensors[T] },
  ): void;
  /** A tensor from its buffer, after all that has been submitted. Rejects where the plan's work has failed, or the device is lost. */
  read<T extends keyof Tensors>(buffers: { readonly [N in T]: GPUBuffer }, name: T): Promise<Tensors[T]>;
  /** Frees the buffers; without any, what the plan itself holds. */
  destroy(buffers?: { readonly [T in keyof Tensors]?: GPUBuffer }): void;
}
