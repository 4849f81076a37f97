/**
 * `node --import ./bench/typescript.mjs test/generator/run.ts --seed 1 --count 200 [--targets ts,wasm,wgsl] [--trials 3]`:
 * generated layers by their seeds, what is wrong with any of them as a small `.layer`, and how many were refused.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { generatedSources } from "../../scripts/sources.mjs";
import { standardLayers } from "../../scripts/standard.mjs";
import type { Layer } from "./ast.js";
import type { Means, Verdict } from "./judge.js";

// what the bundle puts in
Object.assign(globalThis, {
  generatedSources: await generatedSources(),
  standardLayers: standardLayers(),
});
const { openGpu } = await import("../../src/webgpu/adapter.js");
const { generate } = await import("./generate.js");
const { judge, spent } = await import("./judge.js");
const { printLayer } = await import("./print.js");
const { shrink } = await import("./shrink.js");
const { typeErrors } = await import("./types.js");

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "100" },
    targets: { type: "string", default: "ts" },
    trials: { type: "string", default: "3" },
    /** The gradients of one layer in so many are differentiated again, and their derivations written out. */
    second: { type: "string", default: "1" },
    shrink: { type: "boolean", default: false },
    /** Where to write what was found, as it is found. */
    log: { type: "string" },
    minutes: { type: "string", default: "1000" },
  },
});
const first = Number(options.seed);
const gpu = options.targets.split(",").includes("wgsl") ? await openGpu() : undefined;
const wasm = options.targets.split(",").includes("wasm");
const meansOf = (seed: number): Means => ({
  gpu,
  wasm,
  trials: Number(options.trials),
  second: seed % Number(options.second) === 0,
  documents: seed % Number(options.second) === 0,
});
const nameOf = ({ refused, fault }: Verdict): string =>
  refused ? `refused: ${refused[0]?.code ?? ""}` : (fault?.what ?? "right");

const found = new Map<string, number[]>();
const note = async (seed: number, verdict: Verdict): Promise<void> => {
  const what = nameOf(verdict);
  found.set(what, [...(found.get(what) ?? []), seed]);
  if (what === "right") return;
  let { text, fault, refused } = verdict;
  if (options.shrink) {
    const means: Means = {
      ...meansOf(seed),
      only: what,
      second: /^(second|gradients)/u.test(what),
      gpu: what.startsWith("wgsl") ? gpu : undefined,
      wasm: what.startsWith("wasm"),
    };
    const fails = async (smaller: Layer): Promise<boolean> =>
      nameOf(await judge(smaller, seed, means)) === what;
    const least = await shrink(generate(seed), fails);
    ({ text, fault, refused } = await judge(least, seed, means));
    text = printLayer(least);
  }
  say(
    `# seed ${seed}: ${what}\n# ${(fault?.detail ?? refused?.map((p) => p.message).join("; ") ?? "").replaceAll("\n", "\n# ").slice(0, 3000)}\n${text}`,
  );
};
function say(text: string): void {
  if (options.log === undefined) console.log(text);
  else writeFileSync(options.log, `${text}\n`, { flag: "a" });
}

const start = performance.now();
const batch = new Map<string, Readonly<Record<string, string>>>();
let done = 0;
for (let seed = first; seed < first + Number(options.count); seed++) {
  if (performance.now() - start > 60_000 * Number(options.minutes)) break;
  const verdict = await judge(generate(seed), seed, meansOf(seed));
  await note(seed, verdict);
  done++;
  if (Object.keys(verdict.files).length > 0) batch.set(String(seed), verdict.files);
  if (batch.size >= 50) {
    checkTypes();
    report();
  }
}
checkTypes();
function checkTypes(): void {
  for (const [name, errors] of typeErrors(batch)) {
    found.set("types", [...(found.get("types") ?? []), Number(name)]);
    say(`# seed ${name}: types\n# ${errors.replaceAll("\n", "\n# ")}`);
  }
  batch.clear();
}

report();
await gpu?.close();
process.exit(found.size === 1 && found.has("right") ? 0 : 1);

function report(): void {
  const seconds = (performance.now() - start) / 1000;
  say(`seeds ${first}..${first + done - 1}, ${done} layers in ${seconds.toFixed(0)} s`);
  for (const [what, seeds] of [...found].sort((a, b) => b[1].length - a[1].length))
    say(`${what}: ${seeds.length}${what === "right" ? "" : ` (${seeds.slice(0, 40).join(" ")})`}`);
  say([...spent].map(([stage, ms]) => `${stage} ${(ms / done).toFixed(0)} ms`).join(", "));
}
