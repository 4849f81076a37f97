/** What the options and `leibniz.config.ts` together say. */
import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { loadConfig, type Config } from "./config.js";
import { UsageError } from "./failure.js";
import { displayName, findSpecs } from "./specs.js";
import type { SpecFile } from "./tasks.js";
import type { TargetName } from "../verdicts.js";

export interface Settings {
  /** The working folder. */
  readonly folder: string;
  /** The output folder, absolute. */
  readonly out: string;
  readonly js: boolean;
  readonly targets: readonly TargetName[];
  readonly config: Config;
}

const targets: readonly string[] = ["ts", "wasm", "wgsl"];
const available: readonly string[] = ["ts", "wgsl"] satisfies TargetName[];

/**
 * @throws UsageError for an unknown target or one that this version does not have
 */
export async function readSettings(
  folder: string,
  options: { readonly out?: string; readonly js?: boolean; readonly target?: string },
): Promise<Settings> {
  const config = await loadConfig(folder);
  const chosen = options.target?.split(",") ?? config.target ?? ["ts"];
  for (const target of chosen) {
    if (!targets.includes(target))
      throw new UsageError(`unknown target ${target}; there are ${targets.join(", ")}`);
    if (!available.includes(target))
      throw new UsageError(`the target ${target} is not available in this version`);
  }
  const out = options.out ?? config.out ?? "generated";
  if (out === "") throw new UsageError("--out needs a folder's name");
  const js = options.js ?? config.js ?? false;
  return { folder, out: resolve(folder, out), js, targets: [...new Set(chosen)] as TargetName[], config };
}

/**
 * The specs that a call means: its arguments, else the configuration's, else `specs/`.
 * @throws UsageError where there are none
 */
export async function chooseSpecs(arguments_: readonly string[], settings: Settings): Promise<SpecFile[]> {
  const { folder, config } = settings;
  const named = arguments_.length > 0 ? arguments_ : config.specs;
  if (!named && !existsSync(join(folder, "specs")))
    throw new UsageError("there is no folder specs/ here; name the .layer files to work on");
  return (await findSpecs(named ?? ["specs"], folder)).map((path) => specFile(path, folder));
}

export function specFile(path: string, folder: string): SpecFile {
  const near = relative(folder, path);
  const outside = near.startsWith("..") || isAbsolute(near);
  return { path, file: outside ? path : near, spec: displayName(path, folder) };
}
