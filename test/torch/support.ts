/** Generated `torch.py` in a Python process, held against the reference evaluator and PyTorch's own checks. */
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { specialise } from "../../src/calculus/specialise.js";
import { emit, type Compiled } from "../../src/pipeline.js";
import type { Torch } from "../../src/torch/process.js";
import { TorchLayer } from "../../src/torch/target.js";
import { checkKernels } from "../../src/verify/kernels.js";
import { Rows } from "../../src/verify/report.js";
import type { Dtype } from "../../src/verify/targets.js";

export const header = { spec: "sample.layer", hash: "0", version: "0" };

/** The text of `torch.py` by the names of the layer and its variants. */
export async function torchTexts(compiled: Compiled): Promise<ReadonlyMap<string, string>> {
  const folders = await emit(compiled, header, ["torch"]);
  return new Map(folders.map(({ name, files }) => [name, files["torch.py"] ?? ""]));
}

export interface Means {
  readonly torch: Torch;
  readonly trials: number;
  /** Both types, where nothing is said. */
  readonly dtypes?: readonly Dtype[];
  /** What is done to the text before it runs. */
  readonly change?: (source: string) => string;
}

/** What is wrong with a layer and its variants under PyTorch. */
export async function faultsOf(compiled: Compiled, means: Means): Promise<readonly string[]> {
  const texts = await torchTexts(compiled);
  const faults: string[] = [];
  for (const { name, derived } of compiled.programs) {
    const variant = compiled.layer.variants.find((v) => v.name === name);
    const layer = variant ? specialise(compiled.layer, variant) : compiled.layer;
    const source = texts.get(name) ?? "";
    const own = await TorchLayer.load(layer, means.change?.(source) ?? source, means.torch);
    const rows = new Rows(name);
    const subject = { layer, gradientLayer: gradientLayer(derived), targets: [own.target(means.dtypes)] };
    await checkKernels(subject, { trials: means.trials, seed: 1 }, rows);
    for (const { tensor, failure } of rows.reports())
      if (failure) faults.push(`${name}: ${tensor} ${JSON.stringify(failure)}`);
  }
  return faults;
}
