/** Sums in turns of four: which loops, and that every term is added once. */
import { describe, expect, it } from "vitest";
import * as integer from "../../../src/notation/integer.js";
import { environmentOf, workOfKernel } from "../../../src/kernels/gpu/count.js";
import type { GpuProgram } from "../../../src/kernels/gpu/program.js";
import { eachCode } from "../../../src/kernels/walk-code.js";
import { gpuProgramOf, specText } from "../../targets/wgsl/support.js";

/** Loops of a kernel as `index step`. */
function loopsOf(program: GpuProgram, name: string): readonly string[] {
  const loops: string[] = [];
  eachCode(program.kernels.find((k) => k.name === name)?.body ?? [], (c) => {
    if (c.kind === "loop") loops.push(`${c.index} ${integer.literal(c.step)}`);
  });
  return loops;
}

describe("a thread's sum", () => {
  it("along memory takes four terms a turn, and the rest one by one", () => {
    expect(loopsOf(gpuProgramOf(specText("conv2d")), "gradientB")).toEqual(["n 1", "pq 4", "pq 1"]);
  });
  it("does so beside another over the same row", () => {
    const [first, rest] = loopsOf(gpuProgramOf(specText("layer_norm")), "gradientX");
    expect([first, rest]).toEqual(["d 4", "d 1"]);
  });
  it("down columns does too", () => {
    expect(loopsOf(gpuProgramOf(specText("linear")), "gradientB")).toEqual(["n 4", "n 1"]);
    expect(loopsOf(gpuProgramOf(specText("linear")), "gradientBQuads")).toEqual(["n 4", "n 1"]);
  });
  it("over a window, or under a limit takes one", () => {
    expect(loopsOf(gpuProgramOf(specText("avg_pool2d")), "forwardY").every((l) => l.endsWith(" 1"))).toBe(
      true,
    );
    const triangle = "input x[N, N]\noutput z[N]\nz[i] = sum[j <= i](x[i,j])\n";
    expect(loopsOf(gpuProgramOf(triangle), "forwardZ")).toEqual(["j 1"]);
  });
  it("is shared by a workgroup one by one: its threads are neighbours", () => {
    expect(loopsOf(gpuProgramOf(specText("softmax")), "gradientXRows").every((l) => !l.endsWith(" 4"))).toBe(
      true,
    );
  });
  it.each([1, 3, 4, 7, 64])("multiplies each of %i terms once", (C) => {
    const program = gpuProgramOf(
      "input x[N, C]\ninput y[N, C]\noutput z[N]\nz[n] = 1 + sum[c](x[n,c]*y[n,c])\n",
    );
    const kernel = program.kernels.find((k) => k.name === "forwardZ");
    if (!kernel) throw new Error("no kernel");
    expect(workOfKernel(kernel, environmentOf(program, { N: 5, C })).multiplyAdds).toBe(5 * C);
  });
});
