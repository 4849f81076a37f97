/** Which spec files a call means. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { UsageError } from "./failure.js";
import { reasonOf } from "./system.js";

/**
 * The `.layer` files that files, folders and globs name, as sorted absolute paths without repetition.
 * @throws UsageError when one of them names nothing.
 */
export async function findSpecs(arguments_: readonly string[], folder: string): Promise<string[]> {
  const found = new Set<string>();
  for (const argument of arguments_) {
    for (const path of await matches(argument, folder)) found.add(path);
  }
  return [...found].sort();
}

async function matches(argument: string, folder: string): Promise<string[]> {
  const path = resolve(folder, argument);
  if (existsSync(path)) {
    const stats = statSync(path);
    if (!stats.isDirectory()) {
      if (!path.endsWith(".layer")) throw new UsageError(`${argument} is not a .layer file`);
      // a pipe may have no end, and no beginning
      if (!stats.isFile()) throw new UsageError(`${argument} is no file that can be read as one`);
      return [path];
    }
    const lost = linksToNothing(path);
    const inside = [...(await glob("**/*.layer", { cwd: path, absolute: true })), ...lost];
    if (inside.length === 0) throw new UsageError(`the folder ${argument} holds no .layer file`);
    return inside.map((file) => resolve(file));
  }
  if (isDynamicPattern(argument)) {
    const inside = await glob(argument.split(sep).join("/"), { cwd: folder, absolute: true });
    const layers = inside.map((file) => resolve(file)).filter((file) => file.endsWith(".layer"));
    if (layers.length > 0) return layers;
    throw new UsageError(`${argument} matches no .layer file`);
  }
  throw new UsageError(`${argument}: no such file or folder`);
}

/**
 * Specs that are links to what is not there: a search passes over them, and they would be missing without a word.
 * @throws UsageError for a folder that may not be entered, over which it passes too
 */
function linksToNothing(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink() && /^[^.].*\.layer$/u.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !existsSync(path));
  } catch (error) {
    const { path = folder } = error as NodeJS.ErrnoException;
    throw new UsageError(`the folder ${path} cannot be read: ${reasonOf(error)}`);
  }
}

/** The file or folder to watch for an argument: of a glob, the folder before its first wildcard. */
export function watchedPath(argument: string, folder: string): string {
  if (existsSync(resolve(folder, argument)) || !isDynamicPattern(argument)) return resolve(folder, argument);
  const parts = argument.split(/[\\/]/u);
  return resolve(
    folder,
    parts
      .slice(
        0,
        parts.findIndex((part) => isDynamicPattern(part)),
      )
      .join("/"),
  );
}

/**
 * How headers name a spec: by its path from the folder that holds both it and the output folder, whatever the working folder;
 * by its bare name where that is the file system's root.
 */
export function displayName(path: string, out: string): string {
  const names = path.split(sep);
  const others = out.split(sep);
  const apart = names.findIndex((name, at) => name !== others[at]);
  return (apart <= 1 ? names.slice(-1) : names.slice(apart)).join("/");
}
