/**
 * Results that are not stored where they are computed. What is added to what its buffer holds, or is the very buffer of an input, is
 * computed in a buffer of the plan's, and a last kernel adds it or puts it in its place: kernels that add instead of storing would
 * double the shaders, and none may bind one buffer both to read and to write.
 */
import type { Shader } from "./device.js";

const finishing = (type: string, value: string): Shader => ({
  source: `
@group(0) @binding(1) var<storage, read> part: array<${type}>;
@group(0) @binding(2) var<storage, read_write> whole: array<${type}>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64u;
  if (i < arrayLength(&whole)) {
    whole[i] = ${value};
  }
}
`,
  numbers: false,
  reads: 1,
  writes: 1,
});

/** `put` moves bits, whatever number they are. */
export const finishers: { readonly add: Shader; readonly put: Shader } = {
  add: finishing("f32", "whole[i] + part[i]"),
  put: finishing("u32", "part[i]"),
};
export type Finisher = keyof typeof finishers;
/** How many workgroups go over so many elements. */
export const groupsOver = (length: number): number => Math.ceil(length / 64);
