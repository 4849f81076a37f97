/**
 * Generated layers: printed, built, type-checked, run and differentiated. What fails here is made small by
 * `node --import ./bench/typescript.mjs test/generator/run.ts --seed … --count 1 --shrink`.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGpu, type Gpu } from "../../src/webgpu/adapter.js";
import { generate } from "./generate.js";
import { judge } from "./judge.js";
import { typeErrors } from "./types.js";

const batch = 20;
const starts = (first: number, count: number): readonly number[] =>
  Array.from({ length: count / batch }, (_, i) => first + batch * i);
const [onCpu, onGpu] = [starts(0, 60), starts(5000, 20)];
const refused: string[] = [];

async function judgeFrom(first: number, gpu?: Gpu): Promise<void> {
  const wrong: string[] = [];
  const files = new Map<string, Readonly<Record<string, string>>>();
  for (let seed = first; seed < first + batch; seed++) {
    // differentiating again takes as long as all the rest
    const again = seed % 5 === 0 && !gpu;
    const verdict = await judge(generate(seed), seed, { gpu, trials: 3, second: again, documents: again });
    const { fault, text } = verdict;
    if (fault) wrong.push(`seed ${seed}: ${fault.what}\n${fault.detail}\n${text}`);
    if (verdict.refused)
      refused.push(`seed ${seed}: ${verdict.refused.map((p) => p.message).join("; ")}\n${text}`);
    files.set(String(seed), verdict.files);
  }
  for (const [seed, errors] of typeErrors(files)) wrong.push(`seed ${seed}: types\n${errors}`);
  expect(wrong).toEqual([]);
}

describe("generated layers", () => {
  it.each(onCpu)("from seed %i", (first) => judgeFrom(first), 600_000);
});

describe("generated layers on WebGPU", () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openGpu();
  });
  afterAll(() => gpu.close());
  it.each(onGpu)("from seed %i", (first) => judgeFrom(first, gpu), 600_000);
});

it("at most one of 200 is refused", () => {
  expect(batch * (onCpu.length + onGpu.length) >= 200 * refused.length ? [] : refused).toEqual([]);
});
