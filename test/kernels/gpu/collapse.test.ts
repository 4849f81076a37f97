/** Indices that are used only as one: one index of the box, one loop. */
import { describe, expect, it } from "vitest";
import { eachCode } from "../../../src/kernels/walk-code.js";
import type { GpuKernel } from "../../../src/kernels/gpu/program.js";
import { gpuProgramOf, specText } from "../../targets/wgsl/support.js";

function kernelOf(text: string, name: string): GpuKernel {
  const kernel = gpuProgramOf(text).kernels.find((k) => k.name === name);
  if (!kernel) throw new Error(`no kernel ${name}`);
  return kernel;
}
const boxOf = (text: string, name: string): readonly string[] =>
  kernelOf(text, name).threads.box.map((i) => i.name);
/** The indices of its loops, each once. */
function loopsOf(text: string, name: string): readonly string[] {
  const loops = new Set<string>();
  eachCode(kernelOf(text, name).body, (c) => c.kind === "loop" && loops.add(c.index));
  return [...loops];
}
const forward = (statement: string): string =>
  `input x[N, C, L]\nweight w[C]\noutput z[N, C, L]\nz[n,c,l] = ${statement}\n`;

describe("the indices of a box", () => {
  it("become one where all tensors have them", () => {
    expect(boxOf(forward("relu(x[n,c,l])"), "forwardZ")).toEqual(["ncl"]);
  });
  it("stay apart from one that is used alone", () => {
    expect(boxOf(forward("x[n,c,l] * w[c]"), "forwardZ")).toEqual(["n", "c", "l"]);
    expect(boxOf(forward("x[n,c,l] + n"), "forwardZ")).toEqual(["n", "cl"]);
  });
  it("stay apart where one tensor has them in another order, or is wider", () => {
    const turned = "input x[C, N]\noutput z[N, C]\nz[n,c] = x[c,n]\n";
    expect(boxOf(turned, "forwardZ")).toEqual(["n", "c"]);
    const wider = "input x[N, C + 1]\noutput z[N, C]\nz[n,c] = x[n,c] + x[n,c + 1]\n";
    expect(boxOf(wider, "forwardZ")).toEqual(["n", "c"]);
  });
  it("become one behind a window's too", () => {
    expect(boxOf(specText("max_pool2d"), "forwardArgmaxY")).toEqual(["nc", "p", "q"]);
  });
  it("have a name that no size has", () => {
    const text = "param nc = 1\ninput x[N, C]\noutput z[N, C]\nz[n,c] = x[n,c] * nc\n";
    expect(boxOf(text, "forwardZ")).toEqual(["nc_2"]);
  });
});

describe("loops", () => {
  it("along neighbouring axes become one", () => {
    expect(loopsOf(specText("conv2d"), "gradientB")).toEqual(["n", "pq"]);
    const all = "input x[N, C, L]\noutput z\nz = sum[n,c,l](x[n,c,l])\n";
    expect(loopsOf(all, "forwardZ")).toEqual(["ncl"]);
  });
  it("stay apart where a limit depends on the outer one", () => {
    const triangle = "input x[N, N]\noutput z\nz = sum[i < N, j <= i](x[i,j])\n";
    expect(loopsOf(triangle, "forwardZ")).toEqual(["i", "j"]);
  });
  it("stay apart along axes that are no neighbours", () => {
    const apart = "input x[N, C, L]\noutput z[C]\nz[c] = sum[n,l](x[n,c,l])\n";
    expect(loopsOf(apart, "forwardZ")).toEqual(["n", "l"]);
  });
});
