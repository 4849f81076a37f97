/**
 * What a layer compiles to for a GPU, free of any target: the kernels of `program.ts` with their outer loops taken
 * away and given to threads. A target spells this and decides nothing.
 */
import type { Condition } from "../../notation/expression.js";
import type { Index } from "../../notation/layer.js";
import type { InPlace } from "../in-place.js";
import type { Buffer, Kernel, Pass, Program, Step } from "../program.js";

/** Who runs a kernel's body. The body knows the indices of the box by name. */
export type Threads =
  /** One thread for each point of the box, `size` of them a workgroup. */
  | { readonly kind: "points"; readonly box: readonly Index[]; readonly size: number }
  /** One workgroup of `size` threads for each point; the thread's number in it has the name `lane`. */
  | {
      readonly kind: "groups";
      readonly box: readonly Index[];
      readonly size: number;
      readonly lane: string;
      readonly shared: readonly Shared[];
    };

/** An array that the threads of a workgroup share. */
export interface Shared {
  readonly name: string;
  readonly type: "real" | "integer" | "vector";
  readonly length: number;
}

/** What `call`s of a GPU's code mean, besides which it has no routines. */
export const routines = {
  /** All threads of the workgroup have come so far, and see what was written. */
  barrier: "workgroupBarrier",
  /** The same for what was written to buffers. */
  storageBarrier: "storageBarrier",
  /** The real, an accumulator of every thread, becomes that of all threads; integers: the thread's number. */
  sum: "combineSum",
  product: "combineProduct",
  max: "combineMax",
  min: "combineMin",
  /** A thread's sums, zero: integers[0] rows and columns of them, 4 or 8. */
  start: "startSums",
  /** buffer[integers[0]] = the four reals, in a shared array of vectors; a single one is a vector itself, or all four. */
  storeVector: "storeVector",
  /** sums[i, j] += Σ_k rows[k, i] · columns[k, j] over shared vectors; integers: the vector of rows, that of columns, how many stand side by side. */
  multiplyShared: "multiplyShared",
  /** The same where the vectors of rows, of columns, or both are four points of the depth: those of row 4r + i stand at (4k + i)·side + r. */
  multiplyDeepRows: "multiplyDeepRows",
  multiplyDeepColumns: "multiplyDeepColumns",
  multiplyDeep: "multiplyDeep",
  /** sums[i, j] += Σ_k rows[k, i] · columns[k, j]: the reals are integers[0] rows and columns for each of some points. */
  multiplyVectors: "multiplyVectors",
  /** From here on the sums, integers[0] rows and columns of them, can be read as a buffer. */
  collect: "collectSums",
} as const;

export interface GpuKernel extends Kernel {
  readonly threads: Threads;
  /**
   * Buffers of reals that are bound as vectors of four: what is read or stored at i are the elements 4i to 4i + 3. What is computed from
   * such reads is a vector, lane by lane (`vectors.ts`); a number beside it, or stored in its place, stands for four equal lanes.
   */
  readonly vectors?: ReadonlySet<string>;
  /** Local reals that are vectors. */
  readonly wide?: ReadonlySet<string>;
}

/** A way to compute a step: the first one that fits is taken when a plan is made. */
export interface Choice {
  /** Only for adapters that are a CPU. */
  readonly software?: boolean;
  readonly when: Condition;
  /** Run one after the other. */
  readonly kernels: readonly string[];
}
/** The ways to compute a piece of the schedule. */
export interface Ways {
  readonly kernels: readonly GpuKernel[];
  /** The first one that fits is taken. */
  readonly choices: readonly Choice[];
  /** What the kernels keep for themselves. */
  readonly buffers: readonly Buffer[];
}

export interface GpuStep extends Omit<Step, "kernel" | "instead"> {
  readonly choices: readonly Choice[];
}
export interface GpuPass {
  readonly needs: Pass["needs"];
  readonly steps: readonly GpuStep[];
}

export interface GpuProgram extends Pick<Program, "layer" | "buffers" | "planConstants" | "checks"> {
  readonly forward: GpuPass;
  readonly backward: GpuPass;
  readonly kernels: readonly GpuKernel[];
  /** Which results may take the place of an input: what the program for a CPU says, so that a layer has one list. */
  readonly inPlace: readonly InPlace[];
}
