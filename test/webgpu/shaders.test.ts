/** All shaders that `leibniz build` has written, variants' too: neither compiler has a word to say of any. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runOnDeno } from "../support/deno/index.js";
import { runOnDawn } from "../support/webgpu/dawn.js";
import type { Job } from "../support/webgpu/jobs.js";

const generated = join(import.meta.dirname, "../../generated");
const files = readdirSync(generated, { recursive: true, encoding: "utf8" }).filter((f) =>
  f.endsWith(".wgsl"),
);

/** A plan that compiles the shaders and does nothing else. */
const compiling = (shaders: readonly (readonly [string, string])[]): Job => ({
  url: `data:text/javascript,${encodeURIComponent(`
    export async function compiling(device) {
      for (const [label, code] of ${JSON.stringify(shaders)}) device.createShaderModule({ label, code });
      return { allocate: () => ({}), destroy() {} };
    }
  `)}`,
  name: "compiling",
  sizes: {},
  steps: [],
});

it.each([
  ["Dawn", runOnDawn],
  ["Deno", runOnDeno],
] as const)("%s has nothing to say against any shader", async (_, run) => {
  expect(files.length).toBeGreaterThan(100);
  const sources = files.map((file) => [file, readFileSync(join(generated, file), "utf8")] as const);
  const [result] = await run([compiling(sources)]);
  expect(result?.error).toBeUndefined();
  expect(result?.shaders).toEqual(files.map((label) => ({ label, messages: [] })));
});

it.each([
  ["Dawn", runOnDawn],
  ["Deno", runOnDeno],
] as const)("%s would say something", async (_, run) => {
  const [result] = await run([compiling([["wrong", "@compute fn main() {}"]])]);
  expect(result?.shaders[0]?.messages).toEqual([expect.stringMatching(/^error/u)]);
});
