/** Shaders that differ by names alone are one text; those that differ in anything else are two. */
import { describe, expect, it } from "vitest";
import type { SpelledKernel } from "../../../src/targets/wgsl/kernels.js";
import { sharedShaders } from "../../../src/targets/wgsl/shared.js";
import { emitWgsl } from "../../../src/targets/wgsl/index.js";
import { compile } from "../../support/layers.js";

const shader = (name: string, source: string) => ({ kernel: { name }, source }) as unknown as SpelledKernel;
const sharing = (a: string, b: string): boolean => sharedShaders([shader("a", a), shader("b", b)]).size > 0;
const text = (members: string, tensor: string, body: string): string => `// ${tensor}
struct Plan { ${members} }
@group(0) @binding(1) var<storage, read_write> ${tensor}: array<vec4<f32>>;
fn main() {
  ${body}
}`;

describe("two shaders", () => {
  it.each([
    [
      "names of tensors, members and locals",
      text("N: i32, M: i32", "x", "let i = plan.M; x[i] = x[plan.N];"),
      true,
    ],
    ["another member", text("N: i32, M: i32", "x", "let i = plan.N; x[i] = x[plan.N];"), false],
    ["another order of members", text("M: i32, N: i32", "x", "let i = plan.M; x[i] = x[plan.N];"), false],
    [
      "another lane, be it called like a tensor",
      text("N: i32, M: i32", "x", "let i = plan.M; x[i].x = x[plan.N];"),
      false,
    ],
    ["another local", text("N: i32, M: i32", "x", "let i = plan.M; let j = i; x[j] = x[plan.N];"), false],
  ])("by %s", (_, other, shared) => {
    expect(sharing(text("H: i32, W: i32", "y", "let k = plan.W; y[k] = y[plan.H];"), other)).toBe(shared);
  });
  it("a lane is none of the names", () => {
    const lane = (tensor: string, of: string): string => text("N: i32", tensor, `${tensor}[0].${of} = 1;`);
    expect(sharing(lane("x", "x"), lane("y", "y"))).toBe(false);
    expect(sharing(lane("x", "z"), lane("y", "z"))).toBe(true);
  });
});

it("two calls of one layer run the same shaders", async () => {
  const { programs } = compile(`use linear
input x[N, D]
weight a[D, D]
weight b[D]
weight c[D, D]
weight d[D]
output y[N, D]
h = linear(x, a, b)
y = linear(h, c, d)`);
  const program = programs[0]!.gpuProgram();
  const { "webgpu.ts": module = "" } = await emitWgsl(program, {
    spec: "sample.layer",
    hash: "0",
    version: "0",
  });
  const used = [...module.matchAll(/source: shaders\.(\w+)/gu)].map(([, name]) => name);
  expect(used.length).toBe(program.kernels.length);
  expect(new Set(used).size).toBeLessThan(0.7 * used.length);
});
