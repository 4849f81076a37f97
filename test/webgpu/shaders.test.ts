/** All shaders that `leibniz build` has written, variants' too: neither compiler has a word to say of any. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runOnDeno } from "../support/deno/index.js";
import { runOnDawn } from "../support/webgpu/dawn.js";
import type { Job } from "../support/webgpu/jobs.js";

const generated = join(import.meta.dirname, "../../generated");
const files = readdirSync(generated, { recursive: true, encoding: "utf8" }).filter((f) =>
  f.endsWith("webgpu.ts"),
);

/** The shaders that a `webgpu.ts` holds, by file and kernel. */
function shadersOf(file: string): readonly (readonly [string, string])[] {
  const text = readFileSync(join(generated, file), "utf8");
  const shaders = text.matchAll(/^ {2}(\w+): \/\* wgsl \*\/ `\n([^`]*)`,$/gmu);
  return [...shaders].map(([, kernel = "", source = ""]) => [`${file}: ${kernel}`, source]);
}

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
  const sources = files.flatMap(shadersOf);
  expect(files.length).toBeGreaterThan(30);
  expect(sources.length).toBeGreaterThan(300);
  const [result] = await run([compiling(sources)]);
  expect(result?.error).toBeUndefined();
  expect(result?.shaders).toEqual(sources.map(([label]) => ({ label, messages: [] })));
});

it.each([
  ["Dawn", runOnDawn],
  ["Deno", runOnDeno],
] as const)("%s would say something", async (_, run) => {
  const [result] = await run([compiling([["wrong", "@compute fn main() {}"]])]);
  expect(result?.shaders[0]?.messages).toEqual([expect.stringMatching(/^error/u)]);
});
