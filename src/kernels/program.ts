/**
 * What a layer compiles to, free of any target: buffers, passes and kernels as loop nests. A target spells this
 * and decides nothing.
 *
 * Inside a kernel the one representation goes on: values are `Expression`s and `Int`s in which a `read` has a
 * single subscript, the flat row-major offset, and a `parameter` may be a local scalar of the kernel. No
 * reductions, pads or stops are left.
 */
import type { Condition, Expression } from "../notation/expression.js";
import type { Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import type { PlanCheck } from "../ranges/checks.js";

export type { PlanCheck } from "../ranges/checks.js";

export type BufferRole =
  | "given" // inputs, weights, data and index tensors of the caller
  | "output"
  | "saved" // written by forward, read by backward
  | "cotangent" // given to backward
  | "gradient" // written by backward
  | "workspace"; // allocated by the plan, invisible to the caller

export interface Buffer {
  readonly name: string;
  readonly role: BufferRole;
  /** `double`: reals in float64 whatever the plan's dtype, in the workspace. */
  readonly type: "real" | "integer" | "double";
  readonly shape: readonly Int[];
  /** Index tensors of the caller: values must lie in 0..bound-1, checked before anything is computed. */
  readonly bound?: Int | undefined;
  /** What a kernel works in: each thread has one of its own. */
  readonly own?: boolean;
}

export type Code =
  /** for (index = from; index < to; index += step); step is at least 1. */
  | {
      readonly kind: "loop";
      readonly index: string;
      readonly from: Int;
      readonly to: Int;
      readonly step: Int;
      readonly body: readonly Code[];
      /** Four points may be computed at once: they are independent but for what they add up, or find the maximum or minimum of. */
      readonly vector?: boolean;
      /** Its points write places of their own: threads may share them out. */
      readonly parallel?: boolean;
    }
  /** A local integer that does not change. */
  | { readonly kind: "integer"; readonly name: string; readonly value: Int }
  /** A local integer that does (an argmax under way). */
  | { readonly kind: "counter"; readonly name: string; readonly value: Int }
  /** A local real that does not change. */
  | { readonly kind: "real"; readonly name: string; readonly value: Expression }
  /** A local real that does. */
  | { readonly kind: "accumulator"; readonly name: string; readonly value: Expression }
  /** A local truth value that changes (any/all under way); read as `parameter != 0`. */
  | { readonly kind: "assign"; readonly name: string; readonly value: Expression | Int }
  | {
      readonly kind: "store";
      readonly buffer: string;
      readonly offset: Int;
      readonly value: Expression | Int;
    }
  /** buffer[offset] += value: only in scatters through data-dependent subscripts. */
  | { readonly kind: "accumulate"; readonly buffer: string; readonly offset: Int; readonly value: Expression }
  /** Runs a routine of the program. */
  | {
      readonly kind: "call";
      readonly routine: string;
      /** What it works on, beside the panels that it knows. */
      readonly buffers?: readonly string[];
      readonly integers: readonly Int[];
      /** Local numbers that it takes besides. */
      readonly reals?: readonly Expression[];
    }
  /** Every element of the buffer. */
  | { readonly kind: "fill"; readonly buffer: string; readonly value: Expression }
  | {
      readonly kind: "if";
      readonly condition: Condition;
      readonly then: readonly Code[];
      readonly otherwise: readonly Code[];
      /** Assignments alone, each of which keeps the old value or takes the new one: no branch is worth while. */
      readonly branchless?: boolean;
      /** Why, where the condition does not tell; and that it hardly ever holds. */
      readonly rare?: string;
    };

/**
 * An extent that a kernel takes in pieces of so many: a tile, a panel, a vector, a workgroup. What it does changes there, so
 * that a check tries one below, at and one above. In terms of sizes, params and plan constants.
 */
export interface Edge {
  readonly extent: Int;
  readonly at: number;
}

export interface Kernel {
  /** In lower camel case, unique in the program: `forwardZ`, `gradientW`. */
  readonly name: string;
  /** The statement computed, in the layer language; stands above the kernel as a comment. */
  readonly formula: string;
  /** What the statement was recognised as, for the comment: `gemm: xᵀ·dz`. */
  readonly pattern?: string | undefined;
  /** Buffers read and written, in the order of first use; written ones are never read before they are written. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Sizes, derived sizes, integer params and plan constants used: integers. */
  readonly integers: readonly string[];
  /** Real params and real constants used. */
  readonly reals: readonly string[];
  readonly body: readonly Code[];
  /** Its constants. */
  readonly edges?: readonly Edge[];
}

/**
 * An array of fixed length that all plans of the program share, since no two kernels run at once: reals are float64
 * whatever the dtype, unless the target packs in float32. Its name has a space, so no tensor has it.
 */
export interface Panel {
  readonly name: string;
  readonly says: string;
  /** `single`: reals in float32. */
  readonly type: "real" | "single" | "integer";
  readonly length: number;
  /** Names of equal parts that can be read by themselves, in order. */
  readonly parts: readonly string[];
  /** Whether each part begins one element after the one before, and all end together but for that. */
  readonly overlap?: boolean;
}

/** A function that kernels call: over panels alone, so that one serves every dtype. */
export interface Routine {
  readonly name: string;
  readonly comment: string;
  readonly integers: readonly string[];
  readonly body: readonly Code[];
  /** That the body is the product of a tile, which a target with vectors may spell its own way. */
  readonly tile?: {
    readonly rows: number;
    readonly columns: number;
    readonly depth: number;
    readonly block: number;
  };
}

/** An integer computed once when the plan is made. */
export type PlanConstant = { readonly name: string } & (
  | { readonly kind: "value"; readonly value: Int }
  | { readonly kind: "gcd"; readonly left: Int; readonly right: Int }
  /** The least x >= 0 with value·x ≡ 1 (mod modulus); value and modulus are coprime. 0 for modulus 1. */
  | { readonly kind: "inverse"; readonly value: Int; readonly modulus: Int }
);

export interface Step {
  readonly kernel: string;
  /** The kernel that runs in its place for such sizes. */
  readonly instead?: { readonly when: Condition; readonly kernel: string } | undefined;
  /** For which results the step is needed: outputs in forward, gradients in backward. */
  readonly for: readonly string[];
  /** The loops that the step runs in; neighbours with the very same ones run in them together. */
  readonly loops?: readonly StepLoop[] | undefined;
  /** In a loop: where the step runs. */
  readonly when?: Condition | undefined;
}
/** A loop of the plan around the steps of a recurrence. Kernels take its index as a number. */
export interface StepLoop {
  readonly index: string;
  readonly extent: Int;
  readonly direction: "up" | "down";
}
export interface Pass {
  /** Tensors that each result needs from the caller, by result. */
  readonly needs: Readonly<Record<string, readonly string[]>>;
  readonly steps: readonly Step[];
}

export interface Program {
  /** The layer; for a variant, with the fixed sizes and params substituted and gone from sizes and params. */
  readonly layer: Layer;
  readonly buffers: readonly Buffer[];
  readonly planConstants: readonly PlanConstant[];
  readonly checks: readonly PlanCheck[];
  readonly forward: Pass;
  readonly backward: Pass;
  readonly kernels: readonly Kernel[];
  readonly panels: readonly Panel[];
  readonly routines: readonly Routine[];
}
