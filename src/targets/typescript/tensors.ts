/** What the caller sees of a program's buffers. */
import type { Buffer, Program } from "../../kernels/program.js";

export const buffersByName = (program: Program): ReadonlyMap<string, Buffer> =>
  new Map(program.buffers.map((b) => [b.name, b]));

/** All but the workspace. */
export const callerBuffers = (program: Program): readonly Buffer[] =>
  program.buffers.filter((b) => b.role !== "workspace");

/** What each gradient needs from the caller, in the order of the buffers. */
export const gradientNeeds = (program: Program): ReadonlyMap<string, readonly string[]> =>
  new Map(
    program.buffers
      .filter((b) => b.role === "gradient")
      .map((b) => [b.name, program.backward.needs[b.name] ?? []]),
  );

/** What forward hands to backward: saved tensors, and the outputs that a gradient needs. */
export function savedNames(program: Program): readonly string[] {
  const needed = new Set([...gradientNeeds(program).values()].flat());
  return program.buffers
    .filter((b) => b.role === "saved" || (b.role === "output" && needed.has(b.name)))
    .map((b) => b.name);
}

/** Every name that is accepted as a key: the caller's buffers and the layer's own tensors. */
export const acceptedNames = (program: Program): readonly string[] => [
  ...new Set([...callerBuffers(program), ...program.layer.tensors].map((t) => t.name)),
];
