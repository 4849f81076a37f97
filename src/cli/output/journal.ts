/**
 * Changes to a folder, made so that a process killed at any moment leaves every file whole, old or new.
 *
 * 1. `staging.json` says what is to be done; then every new file is written beside its place, under a name of its own.
 * 2. The journal is renamed to `commit.json`. From here on the changes are certain.
 * 3. Each new file is renamed over the old one, the manifest last; files that go are removed; then the journal.
 *
 * A journal found later is undone in the first step and finished in the third. Only the first needs room on the disk or can
 * meet a folder that may not be written, and the rename in between is of one file on one file system.
 */
import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { look, statsOf } from "./disk.js";
import { hashOf, manifestPath, manifestText, ownFolder } from "./manifest.js";
import type { Plan, Remove, Write } from "./plan.js";

/** The changes without the contents. */
interface Journal {
  /** Part of the names of the staged files. */
  readonly token: string;
  readonly writes: readonly Omit<Write, "content">[];
  readonly removes: readonly Remove[];
  /** The folders that are made for the new files. */
  readonly folders: readonly string[];
}

const staging = "staging.json";
const committing = "commit.json";

/** Makes the changes. Where they cannot be staged the folder is left as it was. */
export function commit(root: string, plan: Plan, token: string): void {
  const writes = [...plan.writes, manifestWrite(root, plan)];
  const folders = [...new Set(writes.map(({ path }) => dirname(path)))].filter(
    (folder) => statsOf(join(root, folder)) === undefined,
  );
  const journal: Journal = {
    token,
    writes: writes.map(({ content: _, ...write }) => write),
    removes: plan.removes,
    folders,
  };
  try {
    writeFileSync(own(root, staging), JSON.stringify(journal), { flag: "wx" });
    for (const folder of folders) mkdirSync(join(root, folder));
    writes.forEach(({ path, content }, i) =>
      writeFileSync(stagedAt(root, journal, path, i), content, { flag: "wx" }),
    );
    // what can be refused is asked for before anything is done
    for (const folder of new Set(plan.removes.map(({ path }) => dirname(path))))
      accessSync(join(root, folder), constants.W_OK);
  } catch (error) {
    undo(root, journal);
    throw error;
  }
  renameSync(own(root, staging), own(root, committing));
  finish(root, journal);
}

/** The manifest is a file like any other, put in place after them. */
function manifestWrite(root: string, plan: Plan): Write {
  const content = manifestText(plan.manifest);
  const found = look(root, manifestPath);
  const was = found.kind === "file" ? { was: found.hash } : {};
  return { path: manifestPath, content, hash: hashOf(content), ...was };
}

/** Whether changes are under way that are certain to be made. */
export const isCommitted = (root: string): boolean => statsOf(own(root, committing)) !== undefined;

/** Finishes or undoes what a killed process began. */
export function recover(root: string): void {
  const begun = read(root, committing);
  if (begun) finish(root, begun);
  const staged = read(root, staging);
  if (staged) undo(root, staged);
  // a journal that is not whole has nothing staged yet
  else rmSync(own(root, staging), { force: true });
}

function finish(root: string, journal: Journal): void {
  journal.writes.forEach((write, i) => {
    const staged = stagedAt(root, journal, write.path, i);
    if (!isReachable(root, write.path) || statsOf(staged) === undefined) return;
    // what came there since is not ours to replace: the next plan names it
    if (mayReplace(root, write)) renameSync(staged, join(root, write.path));
    else rmSync(staged);
  });
  for (const { path, was } of journal.removes) {
    const found = look(root, path);
    if (found.kind === "file" && found.hash === was) rmSync(join(root, path));
    removeEmpty(root, dirname(path));
  }
  rmSync(own(root, committing));
}

function mayReplace(root: string, { path, hash, was }: Omit<Write, "content">): boolean {
  const found = look(root, path);
  return found.kind === "absent" || (found.kind === "file" && (found.hash === was || found.hash === hash));
}

function undo(root: string, journal: Journal): void {
  journal.writes.forEach(({ path }, i) => {
    if (isReachable(root, path)) rmSync(stagedAt(root, journal, path, i), { force: true });
  });
  for (const folder of journal.folders) removeEmpty(root, folder);
  rmSync(own(root, staging), { force: true });
}

/** Beside its place: on the same file system, whatever is mounted where. */
const stagedAt = (root: string, { token }: Journal, path: string, i: number): string =>
  join(root, dirname(path), `.leibniz-${token}-${i}`);

const own = (root: string, name: string): string => join(root, ownFolder, name);

/** Whether the folder of a path is one, and no link to another. */
const isReachable = (root: string, path: string): boolean =>
  dirname(path) === "." || statsOf(join(root, dirname(path)))?.isDirectory() === true;

function read(root: string, name: string): Journal | undefined {
  const path = own(root, name);
  if (statsOf(path) === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Journal;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function removeEmpty(root: string, folder: string): void {
  if (folder === "." || statsOf(join(root, folder))?.isDirectory() !== true) return;
  try {
    rmdirSync(join(root, folder));
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOTEMPTY", "EEXIST", "EBUSY"].includes(code)) throw error; // it holds something, or is a mount point
  }
}
