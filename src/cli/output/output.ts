/**
 * Bringing a folder of the user's up to date. What is there and what should be are compared without touching anything; where
 * they differ, the comparison is made again under a lock, and its changes are carried out as one.
 */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, rmdirSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { UsageError } from "../failure.js";
import { isOfTheSystem, reasonOf } from "../system.js";
import { look, makeFolder, statsOf } from "./disk.js";
import { commit, isCommitted, recover } from "./journal.js";
import { locked } from "./lock.js";
import {
  manifestPath,
  manifestText,
  ownFolder,
  readManifest,
  type Entry,
  type Manifest,
} from "./manifest.js";
import type { Found, Plan } from "./plan.js";

/** A folder as it is found. */
export interface Folder {
  readonly manifest: Manifest;
  readonly look: (path: string) => Found;
  /** How the manifest names a spec or document. */
  readonly sourceOf: (path: string) => string;
  /** Whether what the manifest names so is still there. */
  readonly isThere: (source: string) => boolean;
}
export type Planner<P extends Plan> = (folder: Folder) => Promise<P>;

/**
 * What would change in a folder. Writes nothing.
 * @param place what messages call the folder
 */
export const inspectFolder = <P extends Plan>(
  path: string,
  place: string,
  planner: Planner<P>,
): Promise<Inspected<P>> => told(place, path, "read", () => inspect(rootOf(path, place), place, planner));

export interface Inspected<P extends Plan> {
  readonly plan: P;
  /** The folder holds what is planned, its manifest included. */
  readonly isCurrent: boolean;
  /** A build has been killed, or is at work. */
  readonly isUnfinished: boolean;
}

/**
 * Makes the changes that the planner finds, unless something stands in their way: then nothing is touched.
 * @throws UsageError where the folder cannot be written
 */
export const changeFolder = <P extends Plan>(path: string, place: string, planner: Planner<P>): Promise<P> =>
  told(place, path, "written", async () => {
    const root = rootOf(path, place);
    const before = await inspect(root, place, planner);
    if (before.isCurrent) return before.plan;
    const made = makeFolder(root);
    const token = randomBytes(6).toString("hex");
    try {
      return await locked(join(root, ownFolder), token, async () => {
        recover(root);
        const { plan, isCurrent } = await inspect(root, place, planner);
        if (!isCurrent && plan.conflicts.length === 0) commit(root, plan, token);
        return plan;
      });
    } finally {
      removeEmpty(join(root, ownFolder));
      if (made !== undefined) removeEmptyUpTo(made, root);
    }
  });

async function inspect<P extends Plan>(
  root: string,
  place: string,
  planner: Planner<P>,
): Promise<Inspected<P>> {
  const text = ownText(root, place);
  const manifest =
    text === undefined ? new Map<string, Entry>() : readManifest(text, join(place, manifestPath));
  const plan = await planner({
    manifest,
    look: (path) => look(root, path),
    sourceOf: (path) => sourceOf(root, path),
    isThere: (source) => isThere(resolve(root, source)),
  });
  const isUnfinished = ownNames(root).length > (text === undefined ? 0 : 1);
  const changes = plan.writes.length + plan.removes.length + plan.conflicts.length;
  const listed = plan.manifest.size === 0 && text === undefined ? undefined : manifestText(plan.manifest);
  return { plan, isUnfinished, isCurrent: changes === 0 && !isUnfinished && listed === text };
}

/**
 * The folder itself, whatever links lead to it.
 * @throws UsageError where it is none
 */
function rootOf(path: string, place: string): string {
  if (statsOf(path) && !statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${place} is not a folder`);
  return canonical(path);
}

/** The path without links, as far as it exists. */
function canonical(path: string): string {
  const parent = dirname(path);
  return statsOf(path) || parent === path ? realpathSync(path) : join(canonical(parent), basename(path));
}

/** The path from the folder, so that it holds from every working folder, and wherever the project is moved. */
const sourceOf = (root: string, path: string): string =>
  relative(root, join(canonical(dirname(path)), basename(path)))
    .split(sep)
    .join("/");

/** A spec that we may not see is not gone, nor is one that is a link to nothing. */
function isThere(path: string): boolean {
  try {
    return statsOf(path) !== undefined;
  } catch {
    return true;
  }
}

/** The text of the manifest; undefined where there is none. */
function ownText(root: string, place: string): string | undefined {
  const folder = statsOf(join(root, ownFolder));
  const own = statsOf(join(root, manifestPath));
  if (folder && !folder.isDirectory()) throw new UsageError(`${join(place, ownFolder)} is not a folder`);
  if (own && !own.isFile()) throw new UsageError(`${join(place, manifestPath)} is no plain file`);
  return folder && own ? readFileSync(join(root, manifestPath), "utf8") : undefined;
}

const ownNames = (root: string): readonly string[] =>
  statsOf(join(root, ownFolder)) ? readdirSync(join(root, ownFolder)) : [];

/** The folder, and those that it is in, `top` the last. */
function removeEmptyUpTo(top: string, folder: string): void {
  removeEmpty(folder);
  if (folder !== top) removeEmptyUpTo(top, dirname(folder));
}
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // it is in use
  }
}

/** Errors of the system in words, the file that they are about, and what they mean for the folder. */
async function told<T>(
  place: string,
  path: string,
  what: "read" | "written",
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isOfTheSystem(error)) throw error;
    const after = hasBegun(path)
      ? "every file is whole, and the next build goes on from here"
      : "nothing was changed";
    const file = ofDevice.has(error.code ?? "") ? place : nameInside(error.path, place, path);
    throw new UsageError(`${file} cannot be ${what}: ${reasonOf(error)}; ${after}`);
  }
}

/** What is wrong with all of a file system, whatever file shows it. */
const ofDevice: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/** What the folder's user calls a file in it: a staged one by the folder that it was to be in. */
function nameInside(file: string | undefined, place: string, path: string): string {
  const roots = file === undefined ? [] : [path, resolved(path)];
  for (const root of roots) {
    const inside = relative(root, file ?? "");
    if (inside === "" || inside.startsWith("..") || isAbsolute(inside)) continue;
    const isOurs = /^(?:\.leibniz-|lock-)/u.test(basename(inside));
    return join(place, isOurs ? dirname(inside) : inside);
  }
  return place;
}
const resolved = (path: string): string => {
  try {
    return canonical(path);
  } catch {
    return path;
  }
};

function hasBegun(path: string): boolean {
  try {
    return isCommitted(path);
  } catch {
    return false; // what cannot be looked at was not written
  }
}
