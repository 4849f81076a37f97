/** Kernels bind at most eight buffers: what they read is copied together, or their statements are parted. */
import { describe, expect, it } from "vitest";
import { mostBuffers } from "../../../src/kernels/gpu/pack.js";
import type { GpuKernel } from "../../../src/kernels/gpu/program.js";
import { gpuProgramOf, specText } from "../../targets/wgsl/support.js";

const bound = (k: GpuKernel): number => new Set([...k.reads, ...k.writes]).size;
const reading = (count: number): string => {
  const names = Array.from({ length: count }, (_, i) => `x${i}`);
  const lines = [...names.map((name) => `data ${name}[N]`), "output z[N]"];
  return `${lines.join("\n")}\nz[n] = ${names.map((name) => `${name}[n]`).join(" + ")}\n`;
};

describe("a statement that reads", () => {
  it("seven tensors binds them", () => {
    expect(gpuProgramOf(reading(7)).kernels.map((k) => k.name)).toEqual(["forwardZ", "forwardZQuads"]);
  });
  it.each([
    [8, ["forwardZPack", "forwardZ"], 2],
    [14, ["forwardZPack", "forwardZPack2", "forwardZ"], 8],
    [20, ["forwardZPack", "forwardZPack2", "forwardZ"], 14],
    [21, ["forwardZPack", "forwardZPack2", "forwardZPack3", "forwardZ"], 15],
  ])("%i has as many copied together as it must", (count, names, copied) => {
    const { kernels, buffers, forward } = gpuProgramOf(reading(count));
    expect(kernels.map((k) => k.name)).toEqual(names);
    expect(forward.steps[0]?.choices.at(-1)?.kernels).toEqual(names);
    for (const kernel of kernels) expect(bound(kernel)).toBeLessThanOrEqual(mostBuffers);
    const copies = kernels.slice(0, -1).flatMap((k) => k.reads);
    expect(new Set(copies).size).toBe(copied);
    expect(buffers.filter((b) => b.role === "workspace").map((b) => b.name)).toEqual(["forwardZPacked"]);
  });
});

it.each(["lstm_cell", "gru_cell", "batch_norm1d_ncl", "attention", "layer_norm", "embedding", "conv2d"])(
  "no kernel of %s binds more",
  (name) => {
    for (const kernel of gpuProgramOf(specText(name), name).kernels)
      expect(bound(kernel), kernel.name).toBeLessThanOrEqual(mostBuffers);
  },
);
