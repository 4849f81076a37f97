/** Short ways to write programs by hand. */
import { read } from "../../../src/notation/construct.js";
import type { Expression } from "../../../src/notation/expression.js";
import * as integer from "../../../src/notation/integer.js";
import type { Int } from "../../../src/notation/integer.js";
import type { Layer } from "../../../src/notation/layer.js";
import type { Buffer, Code, Kernel, Program } from "../../../src/kernels/program.js";

export const v = integer.variable;
export const n = integer.constant;
export const { plus, times, minus } = integer;
export const p = (name: string): Expression => ({ kind: "parameter", name });
export const at = (tensor: string, offset: Int): Expression => read(tensor, [offset]);
export const loop = (index: string, to: Int, ...body: Code[]): Code => ({
  kind: "loop",
  index,
  from: integer.zero,
  to,
  step: integer.one,
  body,
});
export const store = (buffer: string, offset: Int, value: Expression | Int): Code => ({
  kind: "store",
  buffer,
  offset,
  value,
});
export const accumulator = (name: string, value: Expression): Code => ({ kind: "accumulator", name, value });
export const assign = (name: string, value: Expression | Int): Code => ({ kind: "assign", name, value });
/** i * size + j */
export const flat = (i: Int, size: Int, j: Int): Int => plus(times(i, size), j);

export const real = (role: Buffer["role"], name: string, ...shape: Int[]): Buffer => ({
  name,
  role,
  type: "real",
  shape,
});
export const layerOf = (name: string, more: Partial<Layer> = {}): Layer => ({
  name,
  documentation: "",
  params: [],
  sizes: [],
  derived: [],
  constants: [],
  requirements: [],
  tensors: [],
  statements: [],
  claimHelpers: [],
  claims: [],
  variants: [],
  checks: [],
  ...more,
});
export const programOf = (layer: Layer, more: Partial<Program>): Program => ({
  layer,
  buffers: [],
  planConstants: [],
  checks: [],
  panels: [],
  routines: [],
  forward: { needs: {}, steps: [] },
  backward: { needs: {}, steps: [] },
  kernels: [],
  ...more,
});
export const kernel = (name: string, formula: string, more: Partial<Kernel>): Kernel => ({
  name,
  formula,
  reads: [],
  writes: [],
  integers: [],
  reals: [],
  body: [],
  ...more,
});
