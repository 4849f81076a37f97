/** What the options and `leibniz.config.ts` together say. */
import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { targets, type TargetName } from "../pipeline.js";
import { loadConfig, type Config } from "./config.js";
import { UsageError } from "./failure.js";
import { displayName, findSpecs } from "./specs.js";
import type { SpecFile } from "./tasks.js";

export interface Settings {
  /** The working folder. */
  readonly folder: string;
  /** The output folder, absolute. */
  readonly out: string;
  readonly js: boolean;
  /** What is asked for; absent where nothing is said. */
  readonly targets?: readonly TargetName[];
  readonly config: Config;
}

const known = ["ts", "wasm", "wgsl"];

/**
 * @throws UsageError for an unknown target or one that this version does not have
 */
export async function readSettings(
  folder: string,
  options: { readonly out?: string; readonly js?: boolean; readonly target?: string },
): Promise<Settings> {
  const config = await loadConfig(folder);
  const asked = (options.target?.split(",") ?? config.target)?.map((target) => {
    if (!known.includes(target))
      throw new UsageError(`unknown target ${target}; there are ${known.join(", ")}`);
    const available = targets.find((name) => name === target);
    if (!available) throw new UsageError(`the target ${target} is not available in this version`);
    return available;
  });
  const out = options.out ?? config.out ?? "generated";
  if (out === "") throw new UsageError("--out needs a folder's name");
  const js = options.js ?? config.js ?? false;
  return { folder, out: resolve(folder, out), js, ...(asked && { targets: asked }), config };
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
