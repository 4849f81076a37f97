/** `leibniz build`: every spec to its folder of kernels. */
import { join } from "node:path";
import type { Claim } from "../verdicts.js";
import { planBuild, type BuildPlan } from "./build-plan.js";
import { passes } from "../pipeline.js";
import { status, UsageError, type Status } from "./failure.js";
import { describeCounterexample } from "./failures.js";
import { jsonText } from "./json.js";
import { manifestPath, ownFolder } from "./output/manifest.js";
import { changeFolder, inspectFolder, type Folder } from "./output/output.js";
import { runTasks } from "./pool.js";
import { chooseSpecs, placeOf, projectSpecs, type Settings } from "./settings.js";
import { reportProblems, type Result } from "./tasks.js";
import { describeConflict, describeLeft } from "./output/describe.js";
import { plural, type Terminal } from "./terminal.js";

export interface BuildOptions {
  /** Write nothing; fail when the output is stale. */
  readonly check: boolean;
  readonly json: boolean;
  /** The pass after which each layer is shown. */
  readonly dumpAfter?: string | undefined;
}
interface Refuted {
  readonly file: string;
  readonly claim: Claim;
}
/** What a build found and did. */
interface Findings {
  readonly results: readonly Result[];
  readonly refuted: readonly Refuted[];
  readonly plan: BuildPlan;
  /** What is not as it should be, with `--check`. */
  readonly stale: readonly string[];
  /** Whether what is planned has been done. */
  readonly done: boolean;
  readonly outcome: Status;
}

/** @throws UsageError for a pass that there is not */
export async function build(
  arguments_: readonly string[],
  settings: Settings,
  options: BuildOptions,
  terminal: Terminal,
): Promise<Status> {
  const { dumpAfter } = options;
  if (dumpAfter !== undefined && !passes.some(({ name }) => name === dumpAfter)) {
    const listed = passes.map(({ name, says }) => `\n  ${name.padEnd(15)}${says}`).join("");
    throw new UsageError(`there is no pass ${dumpAfter}; there are${listed}`);
  }
  const specs = await chooseSpecs(arguments_, settings);
  const { js, shaders, targets, out } = settings;
  const color = terminal.errorColor.isColorSupported;
  const project = await projectSpecs(settings);
  const results = await runTasks(
    specs.map((spec) => ({ kind: "build", spec, project, js, shaders, targets, color, dumpAfter })),
    ({ spec }, count) => terminal.progress(`building ${count}/${specs.length} ${spec.spec}`),
  );
  terminal.progress("");
  const planner = (folder: Folder): Promise<BuildPlan> => planBuild(results, js, folder);
  const place = placeOf(settings);
  const [plan, stale] = options.check
    ? staleOf(await inspectFolder(out, place, planner))
    : [await changeFolder(out, place, planner), []];

  const refuted = results.flatMap(({ spec, claims }) =>
    claims.filter(({ verdict }) => verdict === "refuted").map((claim) => ({ file: spec.file, claim })),
  );
  const done = !options.check && plan.conflicts.length === 0;
  const wrong =
    results.some(({ problems }) => problems.length > 0) ||
    plan.clashes.length > 0 ||
    (!options.check && !done);
  const outcome = wrong ? status.wrong : refuted.length > 0 || stale.length > 0 ? status.failed : status.good;
  const findings = { results, refuted, plan, stale, done, outcome };
  if (options.json) terminal.out(jsonText(document(findings, settings)));
  else print(findings, settings, options, terminal);
  return outcome;
}

/** What is not as the specs give it. */
function staleOf({
  plan,
  isCurrent,
  isUnfinished,
}: Awaited<ReturnType<typeof inspectFolder<BuildPlan>>>): [BuildPlan, readonly string[]] {
  if (isCurrent) return [plan, []];
  const { writes, removes, conflicts } = plan;
  const paths = [...writes, ...removes, ...conflicts].map(({ path }) => path);
  const own = isUnfinished ? ownFolder : manifestPath;
  return [plan, [...new Set(paths.length > 0 && !isUnfinished ? paths : [...paths, own])].sort()];
}

function print(findings: Findings, settings: Settings, options: BuildOptions, terminal: Terminal): void {
  const { results, refuted, plan, stale, done } = findings;
  const { out, error, color, errorColor } = terminal;
  const place = placeOf(settings);
  for (const { layer, dumped } of results)
    if (dumped !== undefined)
      out(`${color.bold(`${layer} after ${options.dumpAfter}`)}\n\n${dumped.trimEnd()}\n`);
  reportProblems(results, terminal);
  for (const { file, message } of plan.clashes) error(`${errorColor.red("error")} ${file}: ${message}`);
  for (const { file, claim } of refuted)
    error(
      `${file}:${claim.line}:1: the claim for ${claim.tensor} is ${errorColor.red("refuted")}\n  ${describeCounterexample(claim)}`,
    );
  if (options.check) {
    if (stale.length === 0) {
      if (findings.outcome === status.good)
        out(`${color.green("current")} ${plural(plan.current, "file")} in ${place}`);
      return;
    }
    error(`${errorColor.red("stale")} ${place} is not what the specs give:`);
    const notes = new Map([
      ...plan.removes.map(({ path }) => [path, "to be removed"] as const),
      ...plan.conflicts.map(({ path, why }) => [path, why] as const),
      [ownFolder, "a build has been interrupted, or is at work"] as const,
    ]);
    for (const path of stale) error(`  ${path}${notes.has(path) ? ` (${notes.get(path)})` : ""}`);
    return error(`run ${errorColor.bold("leibniz build")} to renew it`);
  }
  if (!done) return error(`${errorColor.red("error")} ${describeConflict(plan.conflicts, place)}`);
  for (const line of describeLeft(plan.left, place)) error(line);
  const { built, writes, removes, current } = plan;
  if (built.length === 0) return;
  const variants = built.flatMap(({ folders }) => folders).length - built.length;
  const what = plural(built.length, "layer") + (variants > 0 ? ` and ${plural(variants, "variant")}` : "");
  const removed = removes.length > 0 ? `, ${removes.length} removed` : "";
  out(
    `${color.green("built")} ${what} in ${place}: ${plural(writes.length, "file")} written, ${current} unchanged${removed}`,
  );
}

function document({ results, plan, stale, done, outcome }: Findings, settings: Settings): unknown {
  const place = placeOf(settings);
  const conflicts = done || stale.length > 0 ? [] : plan.conflicts;
  return {
    ok: outcome === status.good,
    layers: results.map(({ spec, layer, folders, claims, dumped }) => ({
      spec: spec.file,
      layer: layer ?? null,
      folders: folders.map(({ name }) => name),
      claims,
      ...(dumped !== undefined && { dumped }),
    })),
    written: done ? plan.writes.map(({ path }) => path).sort() : [],
    removed: done ? plan.removes.map(({ path }) => path) : [],
    left: done ? plan.left : [],
    stale,
    problems: [
      ...results.flatMap(({ problems }) => problems),
      ...plan.clashes.map(({ file, message }) => ({ file, code: "name-taken", message })),
      ...conflicts.map(({ path, why }) => ({
        file: join(place, path),
        code: "foreign-file",
        message: `${join(place, path)} ${why}`,
      })),
    ],
  };
}
