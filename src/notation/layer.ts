/** A layer: what a `.layer` file declares, and what every pass maps to a layer again. */
import type { Condition, Expression } from "./expression.js";
import { plainVariable, zero, type Int } from "./integer.js";
import type { Span } from "./span.js";

/** What a tensor is to the layer. Only `input`, `weight` and real `output`/`local` tensors carry derivatives. */
export type Role =
  | "input" // real, differentiated
  | "weight" // real, differentiated, learned
  | "data" // real, not differentiated
  | "index" // integer with values 0 <= t < bound, given
  | "output"
  | "local" // an intermediate, declared or defined
  | "cotangent" // dz, given to the backward pass
  | "gradient"; // dx, a result of the backward pass

export interface Tensor {
  readonly name: string;
  readonly role: Role;
  readonly type: "real" | "integer";
  /** Extents; [] is a scalar. */
  readonly shape: readonly Int[];
  /** Integer tensors: values lie in lowest..bound-1. `lowest` is -1 for an argmax that may be empty, else 0. */
  readonly bound?: Int | undefined;
  readonly lowest?: number | undefined;
  /** A rounded real: any integer, of which is known what a clamp says. */
  readonly rounded?: Rounded | undefined;
  /** A value that may be infinite where the inputs, or of a derivative the outputs, are finite. */
  readonly unbounded?: boolean | undefined;
  readonly at?: Span | undefined;
}

/**
 * The values of an integer tensor that is computed of reals lie in -2^26..2^26, where all that is further out counts as the nearer end; what
 * is no number is the least of them, or -2^26. `bound` of the tensor says what they are below.
 */
export interface Rounded {
  readonly least?: Int | undefined;
}
/** Where rounded reals end: few tensors have so many elements on an axis, and 31 times as much is an integer of 32 bits. */
export const farthest = 2 ** 26;

export interface Param {
  readonly name: string;
  readonly type: "integer" | "real";
  /** The default. */
  readonly value: number;
  /** An integer param that multiplies an index or divides, with a default of at least 1: a plan requires it >= 1. */
  readonly positive?: boolean | undefined;
  readonly at?: Span | undefined;
}
/** A derived size: `P = floor((H + 2*pad - R) / stride) + 1`; at least 1. */
export interface DerivedSize {
  readonly name: string;
  readonly value: Int;
  readonly at?: Span | undefined;
}
/** A real constant: `scale = 1/sqrt(D)`; reads no tensor. */
export interface RealConstant {
  readonly name: string;
  readonly value: Expression;
  readonly at?: Span | undefined;
}
export interface Requirement {
  readonly condition: Condition;
  readonly message: string;
  readonly at?: Span | undefined;
}

/** An index variable of a left-hand side: 0 <= name < extent. */
export interface Index {
  readonly name: string;
  readonly extent: Int;
}
/** tensor[subscripts] = body for all values of the indices. Subscripts are affine and one-to-one onto the tensor. */
export interface Statement {
  readonly tensor: string;
  readonly indices: readonly Index[];
  readonly subscripts: readonly Int[];
  readonly body: Expression;
  readonly at?: Span | undefined;
}

/** Sizes and params fixed by a variant or given by a `check` line. */
export interface Assignment {
  readonly values: Readonly<Record<string, number>>;
  readonly at?: Span | undefined;
}
export interface Variant extends Assignment {
  readonly name: string;
}

export interface Layer {
  readonly name: string;
  /** The leading comment block, without `#`. */
  readonly documentation: string;
  readonly params: readonly Param[];
  /** Sizes that the caller gives, in order of introduction. */
  readonly sizes: readonly string[];
  readonly derived: readonly DerivedSize[];
  readonly constants: readonly RealConstant[];
  readonly requirements: readonly Requirement[];
  /** Every tensor, in order of declaration or definition. */
  readonly tensors: readonly Tensor[];
  /** In order of definition: each reads only tensors given or defined before it. */
  readonly statements: readonly Statement[];
  /** Helpers of the claims (they read cotangents) and the claims, in order. */
  readonly claimHelpers: readonly Statement[];
  readonly claims: readonly Statement[];
  readonly variants: readonly Variant[];
  readonly checks: readonly Assignment[];
}

/** The tensor of that name in a list that nothing is added to any more. */
export function tensorNamed(tensors: readonly Tensor[], name: string): Tensor | undefined {
  let byName = tensorMaps.get(tensors);
  if (!byName) {
    byName = new Map(tensors.map((t) => [t.name, t]));
    tensorMaps.set(tensors, byName);
  }
  return byName.get(name);
}
const tensorMaps = new WeakMap<readonly Tensor[], ReadonlyMap<string, Tensor>>();

export function tensorOf(layer: Layer, name: string): Tensor {
  const tensor = tensorNamed(layer.tensors, name);
  if (!tensor) throw new Error(`no tensor ${name} in layer ${layer.name}`);
  return tensor;
}
/** Whether gradients are taken with respect to it. */
export const isDifferentiated = (tensor: Tensor): boolean =>
  tensor.role === "input" || tensor.role === "weight";
/** Whether the caller provides it to the forward pass. */
export const isGiven = (tensor: Tensor): boolean =>
  tensor.role === "input" || tensor.role === "weight" || tensor.role === "data" || tensor.role === "index";
export const cotangentName = (tensor: string): string => `d${tensor}`;

/** Whether one index stands alone on each axis that the statement defines: `T[n, c]`, not `T[n, g*C + c]`. */
export const hasPlainAxes = ({ subscripts }: Statement): boolean =>
  subscripts.every((s) => plainVariable(s) !== undefined);
/** What the indices of such a statement are where its tensor is read at these subscripts. */
export const indicesAt = (statement: Statement, subscripts: readonly Int[]): ReadonlyMap<string, Int> =>
  new Map(statement.subscripts.map((s, i) => [plainVariable(s) ?? "", subscripts[i] ?? zero]));
