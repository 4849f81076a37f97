/** What has to change in a folder so that it holds what is wanted, and what stands in the way. Nothing is touched here. */
import { hashOf, isInside, type Entry, type Manifest } from "./manifest.js";

/** What is found at a path. */
export type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly hash: string }
  /** Nothing that we could have written; `at` is the path itself or the folder that it is in. */
  | { readonly kind: "other"; readonly what: string; readonly at: string };

export interface Write {
  readonly path: string;
  readonly content: string;
  readonly hash: string;
  /** The hash of what it replaces. */
  readonly was?: string;
}
export interface Remove {
  readonly path: string;
  readonly was: string;
}
export interface Conflict {
  /** What stands there. */
  readonly path: string;
  readonly why: string;
}
export interface Plan {
  readonly writes: readonly Write[];
  readonly removes: readonly Remove[];
  /** Files that stand where one is to be written and are not ours to replace. */
  readonly conflicts: readonly Conflict[];
  /** Files that were ours to remove, but for what was done to them since: they stay, and are the user's. */
  readonly left: readonly string[];
  /** How many files are as they should be. */
  readonly current: number;
  readonly manifest: Manifest;
}

/** Contents by path, and what they are made from. */
export type Wanted = ReadonlyMap<string, { readonly content: string; readonly source?: string }>;

/**
 * Of what the manifest lists, the entries that this build leaves as they are: those of sources that it does not make anew
 * and that are still there.
 */
export function keptEntries(
  manifest: Manifest,
  made: ReadonlySet<string>,
  isThere: (source: string) => boolean,
): Manifest {
  const known = new Map<string, boolean>();
  const stays = (source: string): boolean => {
    const answer = known.get(source) ?? (!made.has(source) && isThere(source));
    known.set(source, answer);
    return answer;
  };
  return new Map([...manifest].filter(([, { source }]) => source !== undefined && stays(source)));
}

/**
 * @param manifest what the folder's manifest lists
 * @param kept the entries that stay as they are
 * @param wanted the other files of the folder
 */
export function planChanges(
  manifest: Manifest,
  kept: Manifest,
  wanted: Wanted,
  look: (path: string) => Found,
): Plan {
  const next = new Map<string, Entry>(kept);
  const writes: Write[] = [];
  const removes: Remove[] = [];
  const conflicts: Conflict[] = [];
  const left: string[] = [];
  let current = 0;
  for (const [path, { content, source }] of wanted) {
    if (!isInside(path)) throw new Error(`${path} would lie outside the output folder`);
    const hash = hashOf(content);
    const found = look(path);
    const other = kept.get(path);
    if (other) {
      conflicts.push({ path, why: `was made from ${other.source ?? "another source"}` });
      continue;
    }
    next.set(path, { hash, ...(source !== undefined && { source }) });
    if (found.kind === "file" && found.hash === hash) current++;
    else if (found.kind === "absent") writes.push({ path, content, hash });
    else if (found.kind === "file" && found.hash === manifest.get(path)?.hash)
      writes.push({ path, content, hash, was: found.hash });
    else conflicts.push(conflictOf(path, found, manifest.has(path)));
  }
  for (const [path, { hash }] of manifest) {
    if (next.has(path)) continue;
    const found = look(path);
    if (found.kind === "file" && found.hash === hash) removes.push({ path, was: hash });
    else if (found.kind !== "absent") left.push(path);
  }
  return { writes, removes, conflicts: distinct(conflicts), left, current, manifest: next };
}

function conflictOf(path: string, found: Found, listed: boolean): Conflict {
  if (found.kind === "other") return { path: found.at, why: `is ${found.what}` };
  return { path, why: listed ? "was changed by hand" : "was not written by leibniz" };
}

/** A link in place of a folder is told once. */
const distinct = (conflicts: readonly Conflict[]): readonly Conflict[] => [
  ...new Map(conflicts.map((conflict) => [conflict.path, conflict])).values(),
];
