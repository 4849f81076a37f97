/** Looking at the files of a folder. No symbolic link inside it is followed. */
import { lstatSync, mkdirSync, readFileSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { hashOf } from "./manifest.js";
import type { Found } from "./plan.js";

/** What is at a path of the folder, itself or in place of the folder that it would be in. */
export function look(root: string, path: string): Found {
  const slash = path.indexOf("/");
  if (slash > 0) {
    const folder = path.slice(0, slash);
    const stats = statsOf(join(root, folder));
    if (stats === undefined) return { kind: "absent" };
    if (!stats.isDirectory()) return { kind: "other", what: whatIs(stats), at: folder };
  }
  const stats = statsOf(join(root, path));
  if (stats === undefined) return { kind: "absent" };
  if (!stats.isFile()) return { kind: "other", what: whatIs(stats), at: path };
  return { kind: "file", hash: hashOf(readFileSync(join(root, path))) };
}

/** Of the thing itself, a link too; undefined where there is none, nor could be. */
export function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

/**
 * Makes a folder and those that it is in; gives the first that was not there. Node's own `recursive` does not end where the
 * system says that a folder is not there while the one that it is in is, as it does in `/proc`.
 */
export function makeFolder(path: string): string | undefined {
  if (statsOf(path)) return undefined;
  const above = dirname(path) === path ? undefined : makeFolder(dirname(path));
  try {
    mkdirSync(path);
    return above ?? path;
  } catch (error) {
    // another process may have made it meanwhile
    if ((error as NodeJS.ErrnoException).code === "EEXIST" && statsOf(path)?.isDirectory()) return above;
    throw error;
  }
}

const whatIs = (stats: Stats): string =>
  stats.isSymbolicLink()
    ? "a symbolic link"
    : stats.isDirectory()
      ? "a folder"
      : stats.isFile()
        ? "a file where a folder is needed"
        : "no plain file";
