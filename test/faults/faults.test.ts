/**
 * Faults in emitted code that were hard to find: each is planted again, and `check` of the target finds it. A line that is emitted no more is no fault any more: choose another in its place.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGpu, type Gpu } from "../../src/webgpu/adapter.js";
import { faultsIn, planted } from "./mutate.js";
import { findFault, planting, type Planting } from "./plant.js";

interface Hard {
  readonly layer: string;
  readonly target: "ts" | "wgsl";
  readonly before: string;
  readonly after: string;
  /** Which of the lines that read so, from 0. */
  readonly nth: number;
}
const hard = JSON.parse(readFileSync(new URL("hard.json", import.meta.url), "utf8")) as readonly Hard[];
const places = [...new Set(hard.map(({ layer, target }) => `${layer} ${target}`))];

describe.each(places)("%s", (place) => {
  let gpu: Gpu | undefined;
  let found: Planting;
  const [layer = "", target = ""] = place.split(" ");
  beforeAll(async () => {
    if (target === "wgsl") gpu = await openGpu();
    found = await planting(layer, gpu);
  });
  afterAll(async () => gpu?.close());

  it("has no fault as it is emitted", async () => {
    expect(await findFault(found, found.targets)).toBeUndefined();
  });

  const own = hard.filter((h) => h.layer === layer && h.target === target);
  it.each(own)("$before → $after", async ({ before, after, nth }) => {
    const same = faultsIn(found.text).filter((f) => f.before === before && f.after === after);
    const fault = same[nth];
    if (!fault) throw new Error(`${place} has no line ${before}`);
    expect(await findFault(found, await found.load(planted(found.text, fault)), fault)).toBeDefined();
  });
});
