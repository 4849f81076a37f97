/**
 * Plants faults in emitted code and says which of them `check` finds:
 * `node --import ./bench/typescript.mjs test/faults/main.ts [ts|wgsl] [seed] [faults a layer] [file for the outcomes] [layers]`.
 */
import { writeFileSync } from "node:fs";
import { generatedSources } from "../../scripts/sources.mjs";
import { standardLayers } from "../../scripts/standard.mjs";
import { randomFrom } from "../../src/verify/random.js";
import type { Fault, Kind } from "./mutate.js";

// what the bundle puts in
Object.assign(globalThis, {
  generatedSources: await generatedSources(),
  standardLayers: standardLayers(),
});
const { kinds, planted } = await import("./mutate.js");
const { difference, faultsOf, findFault, planting } = await import("./plant.js");
const { openGpu } = await import("../../src/webgpu/adapter.js");

const [target = "ts", seed = "1", count = "26", file = `faults-${target}.json`, only = ""] =
  process.argv.slice(2);
const layers =
  only !== ""
    ? only.split(",")
    : [
        "linear",
        "conv2d",
        "conv2d/conv3x3",
        "conv_transpose2d",
        "depthwise_conv2d",
        "max_pool2d",
        "avg_pool2d",
        "softmax",
        "layer_norm",
        "attention",
        "embedding",
        "batch_norm1d_ncl",
      ];

/** So many faults, of every kind in turn. */
function chosen(faults: readonly Fault[], many: number, stream: string): readonly Fault[] {
  const random = randomFrom(Number(seed), stream);
  const left = new Map<Kind, Fault[]>(kinds.map((kind) => [kind, faults.filter((f) => f.kind === kind)]));
  const found: Fault[] = [];
  while (found.length < many && [...left.values()].some((f) => f.length > 0))
    for (const of of left.values()) {
      const [fault] = of.splice(random.integer(of.length), 1);
      if (fault && found.length < many) found.push(fault);
    }
  return found;
}

type Outcome = "found" | "missed" | "equivalent" | "invalid";
const outcomes: { layer: string; fault: Fault; outcome: Outcome; how: string }[] = [];
const gpu = target === "wgsl" ? await openGpu() : undefined;
for (const name of layers) {
  const t0 = performance.now();
  const place = await planting(name, gpu);
  const clean = await findFault(place, place.targets);
  if (clean !== undefined) console.log(`${name}: without any fault: ${clean}`);
  console.log(`${name}: ${place.cases.length} cases in ${Math.round(performance.now() - t0)} ms`);
  for (const fault of chosen(faultsOf(place), Number(count), name)) {
    let outcome: Outcome = "found";
    let how: string | undefined;
    try {
      const faulty = await place.load(planted(place.text, fault));
      how = await findFault(place, faulty, fault);
      if (how === undefined) {
        const { where, runs } = await difference(place, faulty, fault);
        outcome = where === undefined && runs > 0 ? "equivalent" : "missed";
        how = where ?? (runs > 0 ? `the same in ${runs} runs` : "no sizes were found at which it runs");
      }
    } catch (error) {
      outcome = "invalid";
      how = String(error).slice(0, 100);
    }
    if (/WGSL|shader module|SyntaxError|is not defined/u.test(how ?? "")) outcome = "invalid";
    outcomes.push({ layer: name, fault, outcome, how: how ?? "" });
    if (outcome !== "found")
      console.log(
        `  ${outcome}: ${fault.kind}, line ${fault.line}\n    ${fault.before}\n    ${fault.after}\n    ${how ?? ""}`,
      );
  }
  const of = (outcome: Outcome): number =>
    outcomes.filter((o) => o.layer === name && o.outcome === outcome).length;
  writeFileSync(file, JSON.stringify({ target, seed, outcomes }, undefined, 1));
  console.log(
    `${name}: ${of("found")} found, ${of("equivalent")} equivalent, ${of("missed")} missed, ${of("invalid")} invalid, ${Math.round(performance.now() - t0)} ms`,
  );
}
await gpu?.close();
process.exit(0);
