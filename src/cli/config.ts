/** `leibniz.config.ts`: what a project builds when the command names no specs. */
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./failure.js";

export interface Config {
  /** Files, folders or globs, from the configuration's folder. Default `specs/`. */
  readonly specs?: readonly string[];
  /** The output folder. Default `generated`. */
  readonly out?: string;
  /** `.js` and `.d.ts` instead of `.ts`. */
  readonly js?: boolean;
  /** What to generate and to check. Default `ts`. */
  readonly target?: readonly ("ts" | "wasm" | "wgsl" | "torch")[];
  /** WGSL shaders as files of their own too, beside the `webgpu.ts` that holds them. */
  readonly shaders?: boolean;
}

/** Types the configuration in an editor: `export default defineConfig({ specs: ["layers"] })`. */
export const defineConfig = (config: Config): Config => config;

/** Where a folder's configuration may stand: the first that is there counts. */
export const configNames = [
  "leibniz.config.ts",
  "leibniz.config.mts",
  "leibniz.config.js",
  "leibniz.config.mjs",
];
const secondsToAnswer = 15;

/** What the process that loads a configuration sends back. */
export type ConfigAnswer = { readonly config: Config } | { readonly error: string };

/**
 * The working folder's configuration, empty where there is none. It is a program, and runs in a process of its own
 * (`config-process.ts`): one that never answers can be ended, and what it prints stays off standard output.
 * @throws UsageError when it cannot be loaded, has an unknown or mistyped entry, or gives no answer in time
 */
export async function loadConfig(folder: string): Promise<Config> {
  const name = configNames.find((candidate) => existsSync(join(folder, candidate)));
  if (!name) return {};
  const child = fork(join(__dirname, "config.js"), [folder, name], {
    cwd: folder,
    execArgv: [],
    stdio: ["ignore", 2, 2, "ipc"],
  });
  let limit: NodeJS.Timeout | undefined;
  const answer = await new Promise<ConfigAnswer>((resolve) => {
    const fail = (error: string): void => resolve({ error });
    child.once("message", (message) => resolve(message as ConfigAnswer));
    child.once("error", (error) => fail(`${name} cannot be loaded: ${error.message}`));
    child.once("exit", () => fail(`${name} ends, or waits for what never comes, before it exports anything`));
    limit = setTimeout(
      () => fail(`${name} gives no answer within ${secondsToAnswer} seconds`),
      secondsToAnswer * 1000,
    );
  });
  clearTimeout(limit);
  child.kill("SIGKILL");
  if ("error" in answer) throw new UsageError(answer.error);
  return answer.config;
}

const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string");
/** No file system has NUL in a name. */
const isPath = (value: unknown): boolean =>
  typeof value === "string" && value !== "" && !value.includes("\0");
const entries: Record<keyof Config, { readonly says: string; readonly holds: (value: unknown) => boolean }> =
  {
    specs: { says: "a list of files, folders or globs", holds: isStrings },
    out: { says: "a folder's name", holds: isPath },
    js: { says: "true or false", holds: (value) => typeof value === "boolean" },
    target: { says: 'a list of "ts", "wasm", "wgsl" and "torch"', holds: isStrings },
    shaders: { says: "true or false", holds: (value) => typeof value === "boolean" },
  };

/**
 * @param name what messages call it
 * @throws UsageError for an unknown or mistyped entry
 */
export function validateConfig(config: unknown, name: string): Config {
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
