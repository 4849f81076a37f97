/** The exported types of a `webgpu.ts`. */
import type { Buffer } from "../../kernels/program.js";
import type { GpuProgram } from "../../kernels/gpu/program.js";
import { key, typePrefix } from "../typescript/names.js";
import { callerBuffers, gradientNeeds } from "../typescript/tensors.js";
import { sizesType, tensorDoc, union } from "../typescript/types.js";

/** Sizes, tensors, buffers, and the plan. */
export function typesText(program: GpuProgram): string {
  const prefix = typePrefix(program.layer.name);
  const buffers = callerBuffers(program);
  const ofRole = (...roles: readonly Buffer["role"][]): readonly string[] =>
    buffers.filter((b) => roles.includes(b.role)).map((b) => b.name);
  const tensors = buffers.map(
    (b) =>
      `/** ${tensorDoc(b, program)} */\n${key(b.name)}: ${b.type === "integer" ? "Int32Array" : "Float32Array"};`,
  );
  const method = (name: string, touched: readonly string[], doc: string): string =>
    `/** ${doc} */\n${key(name)}(encoder: GPUCommandEncoder, buffers: Pick<${prefix}Buffers, ${union(touched)}>): void;`;
  const needs = [...gradientNeeds(program)];
  const everything = [...new Set(needs.flatMap(([gradient, reads]) => [...reads, gradient]))];
  const gradients = union(needs.map(([name]) => name));
  const forward = [
    ...new Set([...Object.values(program.forward.needs).flat(), ...ofRole("output", "saved")]),
  ];
  return `${sizesType(program)}

/** Every tensor of the layer, row-major; a scalar has length 1. */
export interface ${prefix}Tensors {
  ${tensors.join("\n")}
}
/** One buffer a tensor: from \`allocate\`, or the caller's own. */
export type ${prefix}Buffers = { readonly [T in keyof ${prefix}Tensors]: GPUBuffer };

/** The kernels for given sizes on a device. */
export interface ${prefix}Plan extends LayerPlan<${prefix}Tensors> {
  ${[
    method("forward", forward, "Encodes the forward pass; the caller submits."),
    method(
      "backward",
      everything,
      "Encodes every gradient, or those that `only` names. Those that `add` names are added to what their buffers hold.",
    ),
    `backward(encoder: GPUCommandEncoder, buffers: Partial<${prefix}Buffers>, options: {
      readonly only?: readonly (${gradients})[] | undefined;
      readonly add?: readonly (${gradients})[] | undefined;
    }): void;`,
    ...needs.map(([name, reads]) => method(name, [...reads, name], `Encodes ${name} alone.`)),
  ].join("\n")}
}
`;
}
