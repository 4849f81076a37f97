/**
 * `node --import ./bench/typescript.mjs test/torch/run.ts --seed 1 --count 200`: generated layers under PyTorch, and what is
 * wrong with any of them.
 */
import { parseArgs } from "node:util";
import { LayerError } from "../../src/language/problem.js";
import { compileText } from "../../src/pipeline.js";
import { Torch } from "../../src/torch/process.js";
import { generate } from "../generator/generate.js";
import { printLayer } from "../generator/print.js";
import { faultsOf } from "./support.js";

const { values: options } = parseArgs({
  options: { seed: { type: "string", default: "1" }, count: { type: "string", default: "100" } },
});
const first = Number(options.seed);
const torch = await Torch.open();
const counts = { right: 0, refused: 0, wrong: 0 };
for (let seed = first; seed < first + Number(options.count); seed++) {
  const text = printLayer(generate(seed));
  try {
    const faults = await faultsOf(compileText(text, "sample.layer"), { torch, trials: 2, dtypes: ["f64"] });
    counts[faults.length === 0 ? "right" : "wrong"]++;
    if (faults.length > 0) console.log(`# seed ${seed}\n# ${faults.join("\n# ")}\n${text}`);
  } catch (error) {
    // a RangeError: no sizes were found at which the layer means anything
    const isLegal = !(error instanceof LayerError || error instanceof RangeError);
    counts[isLegal ? "wrong" : "refused"]++;
    if (isLegal) console.log(`# seed ${seed}\n# ${String(error)}\n${text}`);
  }
}
console.log(`PyTorch ${torch.version}, seeds from ${first}: ${JSON.stringify(counts)}`);
torch.close();
process.exit(counts.wrong === 0 ? 0 : 1);
