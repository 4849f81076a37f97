/** What the options and `leibniz.config.ts` together say. */
import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { targets, type TargetName } from "../targets/names.js";
import { loadConfig, type Config } from "./config.js";
import { UsageError } from "./failure.js";
import { displayName, findSpecs, watchedPath } from "./specs.js";
import type { SpecFile } from "./tasks.js";

export interface Settings {
  /** The working folder. */
  readonly folder: string;
  /** The output folder, absolute. */
  readonly out: string;
  readonly js: boolean;
  /** Shaders as files of their own too. */
  readonly shaders: boolean;
  readonly targets: readonly TargetName[];
  readonly config: Config;
}

export interface SettingOptions {
  readonly out?: string;
  readonly js?: boolean;
  readonly shaders?: boolean;
  readonly target?: string;
}

/**
 * @throws UsageError for an unknown target
 */
export async function readSettings(folder: string, options: SettingOptions): Promise<Settings> {
  const config = await loadConfig(folder);
  const wanted = (options.target?.split(",") ?? config.target ?? ["ts"]).map((asked) => {
    const target = targets.find((name) => name === asked.trim());
    if (!target) throw new UsageError(`unknown target ${asked}; there are ${targets.join(", ")}`);
    return target;
  });
  if (wanted.length === 0) throw new UsageError(`no target is named; there are ${targets.join(", ")}`);
  const out = options.out ?? config.out ?? "generated";
  if (out === "") throw new UsageError("--out needs a folder's name");
  const js = options.js ?? config.js ?? false;
  const shaders = options.shaders ?? config.shaders ?? false;
  return { folder, out: resolve(folder, out), js, shaders, targets: wanted, config };
}

/** What messages call the output folder. */
export const placeOf = ({ folder, out }: Settings): string => {
  const near = relative(folder, out);
  return near === "" ? "." : near.startsWith("..") || isAbsolute(near) ? out : near;
};

/**
 * The specs that a call means: its arguments, else the configuration's, else `specs/`.
 * @throws UsageError where there are none
 */
export async function chooseSpecs(arguments_: readonly string[], settings: Settings): Promise<SpecFile[]> {
  const { folder, config, out } = settings;
  const named = arguments_.length > 0 ? arguments_ : config.specs;
  if (!named && !existsSync(join(folder, "specs")))
    throw new UsageError("there is no folder specs/ here; name the .layer files to work on");
  return (await findSpecs(named ?? ["specs"], folder)).map((path) => specFile(path, folder, out));
}

/** The project's specs, whatever a call names: among them layers are found that others call. None where there are none. */
export async function projectSpecs(settings: Settings): Promise<readonly SpecFile[]> {
  try {
    return await chooseSpecs([], settings);
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

/** The files and folders to watch for a call. */
export const watchedPaths = (
  arguments_: readonly string[],
  { folder, config }: Settings,
): readonly string[] =>
  (arguments_.length > 0 ? arguments_ : (config.specs ?? ["specs"])).map((name) => watchedPath(name, folder));

function specFile(path: string, folder: string, out: string): SpecFile {
  const near = relative(folder, path);
  const outside = near.startsWith("..") || isAbsolute(near);
  return { path, file: outside ? path : near, spec: displayName(path, out) };
}
