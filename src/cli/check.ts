/** `leibniz check`: every kernel and every gradient of every spec against independent computations. */
import { status, type Status } from "./failure.js";
import { describeCounterexample, describeFailure, describeProof, describeUntried } from "./failures.js";
import { jsonText } from "./json.js";
import { plural, type Terminal } from "./terminal.js";
import { runTasks } from "./pool.js";
import { chooseSpecs, projectSpecs, type Settings } from "./settings.js";
import { checkSizeNames } from "./size-names.js";
import { checkTable, exponential } from "./table.js";
import { reportProblems, type Result } from "./tasks.js";

import type { Claim, VerifyOptions } from "../verdicts.js";
import { Torch } from "../torch/process.js";
import { openGpu } from "../webgpu/adapter.js";

export async function check(
  arguments_: readonly string[],
  settings: Settings,
  options: VerifyOptions,
  json: boolean,
  terminal: Terminal,
): Promise<Status> {
  const specs = await chooseSpecs(arguments_, settings);
  const project = await projectSpecs(settings);
  await checkSizeNames(Object.keys(options.sizes ?? {}), specs, project);
  const adapter = options.targets?.includes("wgsl") ? await adapterName() : undefined;
  const torch = options.targets?.includes("torch") ? await torchVersion() : undefined;
  const color = terminal.errorColor.isColorSupported;
  const results = await runTasks(
    specs.map((spec) => ({ kind: "check", spec, project, options, color })),
    ({ spec }, count) => terminal.progress(`checking ${count}/${specs.length} ${spec.spec}`),
  );
  terminal.progress("");
  const wrong = results.some(({ problems }) => problems.length > 0);
  const failed = results.some(
    ({ rows, claims }) =>
      rows.some(({ verdict }) => verdict === "failed") || claims.some(({ verdict }) => verdict === "refuted"),
  );
  if (json) terminal.out(jsonText(document(results, !wrong && !failed)));
  else print(results, [adapter && `WebGPU on ${adapter}`, torch && `PyTorch ${torch}`], terminal);
  return wrong ? status.wrong : failed ? status.failed : status.good;
}

/** Finds out before any work is done whether there is a GPU to check on. */
async function adapterName(): Promise<string> {
  const { adapter, close } = await openGpu();
  const { description, vendor, architecture } = adapter.info;
  await close();
  return description || `${vendor} ${architecture}`;
}

/** Finds out before any work is done whether there is a PyTorch to check with. */
async function torchVersion(): Promise<string> {
  const torch = await Torch.open();
  torch.close();
  return torch.version;
}

/** @param means what the kernels ran on, where that is worth a line */
function print(results: readonly Result[], means: readonly (string | undefined)[], terminal: Terminal): void {
  const { out, color } = terminal;
  reportProblems(results, terminal);
  const rows = results.flatMap((result) => result.rows);
  const claims = results.flatMap((result) =>
    result.claims.map((claim) => ({ ...claim, file: result.spec.file })),
  );
  if (rows.length > 0) out(checkTable(rows, color));
  const told = means.filter((line) => line !== undefined);
  if (rows.length > 0 && told.length > 0) out(`\n${told.join("\n")}`);
  for (const { layer, tensor, warning } of rows)
    if (warning !== null) out(`${color.yellow("warning")} ${layer}: ${tensor} is ${warning}`);
  // how each was proved is told of a layer that is checked by itself
  const isOne = results.length === 1;
  for (const claim of claims) if (isOne && claim.verdict === "proved") out(describeClaim(claim, color.green));
  for (const claim of claims) if (claim.verdict === "unproved") out(describeClaim(claim, color.yellow));
  const failures = rows.filter(({ verdict }) => verdict === "failed");
  for (const row of failures)
    out(`\n${color.red("failed")} ${color.bold(`${row.layer}: ${row.tensor}`)}\n  ${describeFailure(row)}`);
  for (const claim of claims) if (claim.verdict === "refuted") out(`\n${describeClaim(claim, color.red)}`);
  if (rows.length === 0) return;

  const layers = results.filter(({ layer }) => layer !== undefined).length;
  const variants = new Set(rows.map(({ layer }) => layer)).size - layers;
  const what = plural(layers, "layer") + (variants > 0 ? ` and ${plural(variants, "variant")}` : "");
  const worst = Math.max(...rows.map((row) => row.worst));
  const proved = rows.filter(({ verdict }) => verdict === "proved").length;
  const held = isOne ? 0 : claims.filter(({ verdict }) => verdict === "proved").length;
  const refuted = claims.filter(({ verdict }) => verdict === "refuted").length;
  const bad = failures.length + refuted;
  out(
    `\n${what}, ${plural(rows.length, "tensor")}: ` +
      (bad === 0
        ? `${color.green("all agree")}, ${plural(proved, "gradient")}${held > 0 ? ` and ${plural(held, "claim")}` : ""} proved, worst relative error ${exponential(worst)}`
        : color.red(
            `${failures.length} failed${refuted > 0 ? `, ${plural(refuted, "claim")} refuted` : ""}`,
          )),
  );
}

function describeClaim(claim: Claim & { readonly file: string }, paint: (text: string) => string): string {
  const head = `${claim.file}:${claim.line}:1: the claim for ${claim.tensor} is ${paint(claim.verdict)}`;
  if (claim.verdict === "refuted") return `${head}\n  ${describeCounterexample(claim)}`;
  if (claim.verdict === "proved") return `${head}\n  ${describeProof(claim)}`;
  return `${head}, largest relative error ${exponential(claim.worst)}\n  ${describeUntried(claim)}`;
}

const document = (results: readonly Result[], ok: boolean): unknown => ({
  ok,
  layers: results
    .filter(({ layer }) => layer !== undefined)
    .map(({ spec, layer, rows, claims }) => ({
      spec: spec.file,
      layer,
      tensors: rows.map(({ layer: _, ...row }) => row),
      claims,
    })),
  problems: results.flatMap(({ problems }) => problems),
});
