/** The two WebGPU implementations of the tests, on a sample written by hand. */
import { describe, expect, it } from "vitest";
import { moduleUrl } from "../../src/webgpu/load.js";
import { runOnDeno } from "../support/deno/index.js";
import { runOnDawn } from "../support/webgpu/dawn.js";
import type { Job } from "../support/webgpu/jobs.js";
import { runtime, square } from "./sample.js";

const x = Float32Array.from({ length: 100 }, (_, n) => n - 50);
const dy = Float32Array.from({ length: 100 }, (_, n) => 3 * n + 1);
const job = (module: string): Job => ({
  url: moduleUrl(module, runtime),
  name: "square",
  sizes: { N: 100 },
  steps: [
    { pass: "forward", inputs: { x }, results: ["y"] },
    { pass: "backward", inputs: { dy }, results: ["dx"] },
    { pass: "dx", inputs: {}, results: ["dx"] },
    { pass: "backward", inputs: { dx: x }, results: ["dx"], add: ["dx"] },
  ],
});

describe.each([
  ["Dawn", runOnDawn],
  ["Deno", runOnDeno],
] as const)("%s", (_, run) => {
  it("runs a plan's passes and has nothing to say against its shaders", async () => {
    const dx = x.map((value, n) => 2 * value * dy[n]!);
    expect(await run([job(square())])).toEqual([
      {
        outputs: [
          { y: x.map((value) => value * value) },
          { dx },
          { dx },
          { dx: dx.map((value, n) => value + x[n]!) },
        ],
        shaders: [
          { label: "square y", messages: [] },
          { label: "square dx", messages: [] },
          { label: "square added", messages: [] },
        ],
      },
    ]);
  });

  it("reports shaders that are none, elements that are not written, and errors of the device", async () => {
    const [syntax, partial, device] = await run([
      job(square({ forward: "x[n] +" })),
      job(square({ count: "N - 1" })),
      job(square().replace("GPUBufferUsage.STORAGE | ", "")),
    ]);
    expect(syntax?.shaders[0]?.messages[0]).toMatch(/^error \d+:\d+ /u);
    expect(syntax?.error).toBeDefined();
    expect(partial?.outputs[0]?.["y"]?.slice(98)).toEqual(Float32Array.of(48 * 48, NaN));
    expect(device?.error).toMatch(/usage/iu);
  });
});
