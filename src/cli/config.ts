/** `leibniz.config.ts`: what a project builds when the command names no specs. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { UsageError } from "./failure.js";

export interface Config {
  /** Files, folders or globs, from the configuration's folder. Default `specs/`. */
  readonly specs?: readonly string[];
  /** The output folder. Default `generated`. */
  readonly out?: string;
  /** `.js` and `.d.ts` instead of `.ts`. */
  readonly js?: boolean;
  readonly target?: readonly ("ts" | "wasm" | "wgsl")[];
}

/** Types the configuration in an editor: `export default defineConfig({ specs: ["layers"] })`. */
export const defineConfig = (config: Config): Config => config;

const names = ["leibniz.config.ts", "leibniz.config.mts", "leibniz.config.js", "leibniz.config.mjs"];

/**
 * The working folder's configuration, empty where there is none.
 * @throws UsageError when it cannot be loaded or has an unknown or mistyped entry.
 */
export async function loadConfig(folder: string): Promise<Config> {
  const name = names.find((candidate) => existsSync(join(folder, candidate)));
  if (!name) return {};
  const path = join(folder, name);
  // loaded only where there is a configuration
  const { createJiti } = createRequire(import.meta.url)("jiti") as typeof import("jiti");
  const library = join(__dirname, "index.js"); // the library beside the bundled command
  const jiti = createJiti(path, {
    fsCache: false,
    ...(existsSync(library) && { alias: { leibniz: library } }),
  });
  let config: unknown;
  try {
    config = await jiti.import(path, { default: true });
  } catch (error) {
    throw new UsageError(
      `${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return validate(config, name);
}

const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string");
const entries: Record<keyof Config, { readonly says: string; readonly holds: (value: unknown) => boolean }> =
  {
    specs: { says: "a list of files, folders or globs", holds: isStrings },
    out: { says: "a folder's name", holds: (value) => typeof value === "string" },
    js: { says: "true or false", holds: (value) => typeof value === "boolean" },
    target: { says: 'a list of "ts", "wasm" and "wgsl"', holds: isStrings },
  };

function validate(config: unknown, name: string): Config {
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw new UsageError(`${name} has to export a configuration: export default defineConfig({ … })`);
  for (const [key, value] of Object.entries(config)) {
    if (!Object.hasOwn(entries, key))
      throw new UsageError(`${name}: unknown entry ${key}; there are ${Object.keys(entries).join(", ")}`);
    const entry = entries[key as keyof Config];
    if (value !== undefined && !entry.holds(value))
      throw new UsageError(`${name}: ${key} has to be ${entry.says}`);
  }
  return config;
}
