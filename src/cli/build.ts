/** `leibniz build`: every spec to its folder of kernels. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { targets as allTargets } from "../pipeline.js";
import { runtimeText } from "../targets/wgsl/runtime.js";
import type { Claim } from "../verdicts.js";
import { version } from "../version.js";
import { faceOf } from "./face.js";
import { status, type Status } from "./failure.js";
import { describeCounterexample } from "./failures.js";
import { applyChanges, planOutput, type Changes } from "./output.js";
import { runTasks } from "./pool.js";
import { chooseSpecs, type Settings } from "./settings.js";
import { reportProblems, withoutTypes, type Result, type SpecFile } from "./tasks.js";
import { plural, type Terminal } from "./terminal.js";

export interface BuildOptions {
  /** Write nothing; fail when the output is stale. */
  readonly check: boolean;
  readonly json: boolean;
}
interface Refuted {
  readonly file: string;
  readonly claim: Claim;
}
/** What a build found. It writes only where nothing is wrong and no claim is refuted. */
interface Findings {
  readonly results: readonly Result[];
  readonly clashes: readonly string[];
  readonly refuted: readonly Refuted[];
  /** Absent where something is wrong with the specs. */
  readonly changes: Changes | undefined;
}

export async function build(
  arguments_: readonly string[],
  settings: Settings,
  options: BuildOptions,
  terminal: Terminal,
): Promise<Status> {
  const specs = await chooseSpecs(arguments_, settings);
  const color = terminal.errorColor.isColorSupported;
  const { targets = allTargets } = settings;
  const results = await runTasks(
    specs.map((spec) => ({ kind: "build", spec, js: settings.js, targets, color })),
    ({ spec }, count) => terminal.progress(`building ${count}/${specs.length} ${spec.spec}`),
  );
  terminal.progress("");
  const clashes = nameClashes(results);
  const wrong = clashes.length > 0 || results.some(({ problems }) => problems.length > 0);
  const runtime: Record<string, string> = targets.includes("wgsl")
    ? { "runtime.ts": runtimeText(version) }
    : {};
  const shared = settings.js ? await withoutTypes(runtime) : runtime;
  const changes = wrong ? undefined : plan(specs, results, settings, shared);
  const refuted = results.flatMap(({ spec, claims }) =>
    claims.filter(({ verdict }) => verdict === "refuted").map((claim) => ({ file: spec.file, claim })),
  );
  if (changes && !options.check && refuted.length === 0) applyChanges(settings.out, changes);

  const findings = { results, clashes, refuted, changes };
  if (options.json) terminal.out(JSON.stringify(document(findings, options)));
  else print(findings, settings, options, terminal);
  if (!changes) return status.wrong;
  const stale = options.check && changes.write.size + changes.remove.length > 0;
  return refuted.length > 0 || stale ? status.failed : status.good;
}

function plan(
  specs: readonly SpecFile[],
  results: readonly Result[],
  settings: Settings,
  shared: Readonly<Record<string, string>>,
): Changes {
  return planOutput(
    settings.out,
    results.flatMap(({ folders }) => folders),
    new Set(specs.map(({ spec }) => spec)),
    // a spec from outside the working folder is known by its bare name only: it is left alone
    (spec) => !spec.includes("/") || existsSync(join(settings.folder, spec)),
    (names) => ({ ...faceOf(names, settings.js), ...shared }),
  );
}

/** Layers and variants that would go by one name, also where the file system does not tell cases apart. */
function nameClashes(results: readonly Result[]): string[] {
  const owners = new Map<string, { readonly name: string; readonly file: string }>();
  const clashes: string[] = [];
  for (const { spec, folders } of results) {
    for (const { name } of folders) {
      const other = owners.get(name.toLowerCase());
      if (!other) owners.set(name.toLowerCase(), { name, file: spec.file });
      else if (other.name === name)
        clashes.push(`${spec.file}: the name ${name} is taken by a layer or variant of ${other.file}`);
      else
        clashes.push(
          `${spec.file}: the name ${name} differs from ${other.name} of ${other.file} in case only; their folders would be one on some systems`,
        );
    }
  }
  return clashes;
}

function print(findings: Findings, settings: Settings, options: BuildOptions, terminal: Terminal): void {
  const { results, clashes, refuted, changes } = findings;
  const { out, error, color, errorColor } = terminal;
  reportProblems(results, terminal);
  for (const clash of clashes) error(`${errorColor.red("error")} ${clash}`);
  for (const { file, claim } of refuted)
    error(
      `${file}:${claim.line}:1: the claim for ${claim.tensor} is ${errorColor.red("refuted")}\n  ${describeCounterexample(claim)}`,
    );
  if (!changes) return;
  const place = relative(settings.folder, settings.out) || ".";
  const { write, remove, current } = changes;
  if (options.check) {
    if (write.size + remove.length === 0)
      return out(`${color.green("current")} ${plural(current, "file")} in ${place}`);
    error(`${errorColor.red("stale")} ${place} is not what the specs give:`);
    for (const path of [...write.keys(), ...remove].sort())
      error(`  ${path}${write.has(path) ? "" : " (to be removed)"}`);
    return error(`run ${errorColor.bold("leibniz build")} to renew it`);
  }
  if (refuted.length > 0) return;
  const variants = results.flatMap(({ folders }) => folders).length - results.length;
  const what = plural(results.length, "layer") + (variants > 0 ? ` and ${plural(variants, "variant")}` : "");
  const removed = remove.length > 0 ? `, ${remove.length} removed` : "";
  out(
    `${color.green("built")} ${what} in ${place}: ${plural(write.size, "file")} written, ${current} unchanged${removed}`,
  );
}

function document({ results, clashes, refuted, changes }: Findings, options: BuildOptions): unknown {
  const write = [...(changes?.write.keys() ?? [])].sort();
  const remove = [...(changes?.remove ?? [])];
  const writes = changes !== undefined && !options.check && refuted.length === 0;
  const stale = options.check ? [...write, ...remove].sort() : [];
  return {
    ok: changes !== undefined && refuted.length === 0 && stale.length === 0,
    layers: results.map(({ spec, layer, folders, claims }) => ({
      spec: spec.file,
      layer: layer ?? null,
      folders: folders.map(({ name }) => name),
      claims,
    })),
    written: writes ? write : [],
    removed: writes ? remove : [],
    stale,
    problems: [...results.flatMap(({ problems }) => problems), ...clashes.map((message) => ({ message }))],
  };
}
