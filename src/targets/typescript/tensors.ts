/** What the caller sees of a program's buffers. */
import type { Buffer, Pass, Program } from "../../kernels/program.js";

/** What a program for any machine says of its buffers. */
export type Buffers = Pick<Program, "buffers">;
interface Needs {
  readonly backward: Pick<Pass, "needs">;
}

export const buffersByName = (program: Buffers): ReadonlyMap<string, Buffer> =>
  new Map(program.buffers.map((b) => [b.name, b]));

/** All but the workspace. */
export const callerBuffers = (program: Buffers): readonly Buffer[] =>
  program.buffers.filter((b) => b.role !== "workspace");

/** What each gradient needs from the caller, in the order of the buffers. */
export const gradientNeeds = (program: Buffers & Needs): ReadonlyMap<string, readonly string[]> =>
  new Map(
    program.buffers
      .filter((b) => b.role === "gradient")
      .map((b) => [b.name, program.backward.needs[b.name] ?? []]),
  );

/** What forward hands to backward: saved tensors, and the outputs that a gradient needs. */
export function savedNames(program: Buffers & Needs): readonly string[] {
  const needed = new Set([...gradientNeeds(program).values()].flat());
  return program.buffers
    .filter((b) => b.role === "saved" || (b.role === "output" && needed.has(b.name)))
    .map((b) => b.name);
}

/** Every name that is accepted as a key: the caller's buffers and the layer's own tensors. */
export const acceptedNames = (program: Buffers & Pick<Program, "layer">): readonly string[] => [
  ...new Set([...callerBuffers(program), ...program.layer.tensors].map((t) => t.name)),
];
