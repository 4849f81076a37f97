/** The manifest: which files of a folder are ours, what was written into each, and what it was made from. Plain data. */
import { jsonText } from "../json.js";
import { createHash } from "node:crypto";
import { UsageError } from "../failure.js";

/** A file that we wrote. */
export interface Entry {
  /** SHA-256 of what was written. */
  readonly hash: string;
  /** The spec or document that it was made from, by its path from the folder; absent where several share it. */
  readonly source?: string;
}
/** By path from the folder, with `/`. */
export type Manifest = ReadonlyMap<string, Entry>;

/** The folder inside the output folder for what is ours alone: the manifest, and what is under way. */
export const ownFolder = ".leibniz";
export const manifestPath = `${ownFolder}/manifest.json`;

export const hashOf = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

const about =
  "Files that leibniz wrote here, with the SHA-256 of each. It replaces and removes these only, and only unchanged.";

/** The text of the manifest: the same entries give the same text, whatever their order. */
export function manifestText(manifest: Manifest): string {
  const sorted = [...manifest].sort(([a], [b]) => (a < b ? -1 : 1));
  const sources = [...new Set(sorted.flatMap(([, { source }]) => source ?? []))].sort();
  const filesOf = (of: string | undefined): Record<string, string> =>
    Object.fromEntries(sorted.filter(([, e]) => e.source === of).map(([path, { hash }]) => [path, hash]));
  const document = {
    about,
    format: 1,
    shared: filesOf(undefined),
    sources: sources.map((source) => ({ source, files: filesOf(source) })),
  };
  return `${jsonText(document, 1)}\n`;
}

/**
 * @param place what messages call it
 * @throws UsageError where the text is no manifest
 */
export function readManifest(text: string, place: string): Manifest {
  const wrong = (): UsageError =>
    new UsageError(
      `${place} is damaged; restore it, or delete it: what a build would write just so is then known again`,
    );
  const manifest = new Map<string, Entry>();
  const add = (files: unknown, source?: string): void => {
    if (!isRecord(files)) throw wrong();
    for (const [path, hash] of Object.entries(files)) {
      if (!isInside(path) || typeof hash !== "string" || manifest.has(path)) throw wrong();
      manifest.set(path, { hash, ...(source !== undefined && { source }) });
    }
  };
  const document = parsed(text);
  if (!isRecord(document) || !Array.isArray(document["sources"])) throw wrong();
  if (document["format"] !== 1)
    throw new UsageError(`${place} was written by a newer version of leibniz: use that one`);
  add(document["shared"]);
  for (const entry of document["sources"] as readonly unknown[]) {
    if (!isRecord(entry) || typeof entry["source"] !== "string") throw wrong();
    add(entry["files"], entry["source"]);
  }
  return manifest;
}

/** A file of the folder, or of a folder in it that is not our own: nothing else is ever written or removed. */
export function isInside(path: string): boolean {
  const parts = path.split("/");
  return parts.length <= 2 && parts[0] !== ownFolder && parts.every(isName);
}
const isName = (part: string): boolean =>
  part !== "" && part !== "." && part !== ".." && !/[\\\0]/u.test(part);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
