/**
 * Windows of every small size, stride, dilation and pad on WebGPU: integers in, exact equality out. In turn with the kernels of a
 * GPU, with those of an adapter in software, and left to the kernels on a CPU, which meet all of them (kernels/windows.test.ts).
 */
import { expect, it } from "vitest";
import { conv1d, conv1dCases, conv2d, conv2dCases, type WindowCase } from "../kernels/windows.js";
import { moduleOf } from "../support/webgpu/compile.js";
import { runOnDawn } from "../support/webgpu/dawn.js";
import type { Job } from "../support/webgpu/jobs.js";

const singles = (arrays: Readonly<Record<string, Float64Array>>): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, Float32Array.from(array)]));

const jobOf = (
  url: string,
  asOnGpu: boolean,
  { sizes, inputs, cotangents, outputs, gradients }: WindowCase,
): Job => ({
  url,
  name: "sample",
  sizes,
  asOnGpu,
  steps: [
    { pass: "forward", inputs: singles(inputs), results: Object.keys(outputs) },
    { pass: "backward", inputs: singles(cotangents), results: Object.keys(gradients) },
  ],
});

it.each([
  ["a 1-D convolution is exact for all small windows", conv1d, conv1dCases, 2000],
  ["a 2-D convolution is exact for all pairs of small windows", conv2d, conv2dCases, 500],
])(
  "%s",
  async (_, text, windows, least) => {
    const url = await moduleOf(text);
    const all = [...windows()];
    expect(all.length).toBeGreaterThan(least);
    for (const [turn, asOnGpu] of [true, false].entries()) {
      const cases = all.filter((_, i) => i % 3 === turn);
      const results = await runOnDawn(cases.map((each) => jobOf(url, asOnGpu, each)));
      for (const [i, { sizes, outputs, gradients }] of cases.entries()) {
        const where = `${JSON.stringify(sizes)}${asOnGpu ? " as on a GPU" : ""}`;
        expect(results[i]?.error, where).toBeUndefined();
        expect(results[i]?.outputs, where).toEqual([singles(outputs), singles(gradients)]);
      }
    }
  },
  600_000,
);
