/** Generated `torch.py` in a Python process, held against the reference evaluator and PyTorch's own checks. */
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { specialise } from "../../src/calculus/specialise.js";
import type { Layer } from "../../src/notation/layer.js";
import { emit, type Compiled } from "../../src/pipeline.js";
import type { Torch } from "../../src/torch/process.js";
import { TorchLayer } from "../../src/torch/target.js";
import { drawInputs } from "../../src/verify/draw.js";
import { checkKernels } from "../../src/verify/kernels.js";
import { randomFrom } from "../../src/verify/random.js";
import { Rows } from "../../src/verify/report.js";
import { smallSizes } from "../../src/verify/sizes.js";

export const header = { spec: "sample.layer", hash: "0", version: "0" };

/** The text of `torch.py` by the names of the layer and its variants. */
export async function torchTexts(compiled: Compiled): Promise<ReadonlyMap<string, string>> {
  const folders = await emit(compiled, header, ["torch"]);
  return new Map(folders.map(({ name, files }) => [name, files["torch.py"] ?? ""]));
}

export interface Means {
  readonly torch: Torch;
  readonly trials: number;
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
    const subject = { layer, gradientLayer: gradientLayer(derived), targets: [own.target()] };
    await checkKernels(subject, { trials: means.trials, seed: 1 }, rows);
    for (const { tensor, failure } of rows.reports())
      if (failure) faults.push(`${name}: ${tensor} ${JSON.stringify(failure)}`);
    faults.push(...(await checkedByTorch(layer, own)).map((fault) => `${name}: ${fault}`));
  }
  return faults;
}

/** `gradcheck` and `gradgradcheck` at a small size, where the values drawn are away from kinks. */
async function checkedByTorch(layer: Layer, own: TorchLayer): Promise<readonly string[]> {
  const random = randomFrom(1, `${layer.name} gradcheck`);
  const sizes = smallSizes(layer, random, mostPoints);
  if (!sizes) return [];
  const { inputs, distance } = drawInputs(layer, sizes, random);
  if (distance < clear) return [];
  const faults: string[] = [];
  for (const second of [false, true])
    try {
      await own.gradcheck(sizes, Object.fromEntries(inputs), second);
    } catch (error) {
      faults.push(`${second ? "gradgradcheck" : "gradcheck"} at ${JSON.stringify(sizes)}: ${String(error)}`);
    }
  return faults;
}
const [mostPoints, clear] = [40, 2 ** -10];
