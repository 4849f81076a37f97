/** The output folder: what has to change in it, and changing it so that no file is ever half-written. */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { readHeader } from "../targets/code/header.js";
import { UsageError } from "./failure.js";

/** A layer's or a variant's folder: contents by file name. */
export interface Folder {
  readonly name: string;
  /** The spec that it comes from. */
  readonly spec: string;
  readonly files: Readonly<Record<string, string>>;
}
/** Paths are relative to the output folder, with `/`. */
export interface Changes {
  readonly write: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
  /** How many files are as they should be. */
  readonly current: number;
}

/**
 * What differs between the output folder and what it should hold.
 * @param folders all folders that this build makes
 * @param specs the specs built; folders of ours that came from these, or from a spec that is gone, are removed
 * @param exists whether a spec named in a header still exists
 */
export function planOutput(
  out: string,
  folders: readonly Folder[],
  specs: ReadonlySet<string>,
  exists: (spec: string) => boolean,
  faceOf: (names: readonly string[]) => Readonly<Record<string, string>>,
): Changes {
  if (existsSync(out) && !statSync(out).isDirectory()) throw new UsageError(`--out ${out} is not a folder`);
  const made = new Set(folders.map(({ name }) => name));
  const remove: string[] = [];
  const kept: string[] = [];
  for (const name of existsSync(out) ? readdirSync(out).sort() : []) {
    if (made.has(name)) continue;
    const ours = ourFiles(out, name);
    if (ours.length === 0) continue;
    const stale = ours.filter(({ spec }) => specs.has(spec) || !exists(spec));
    if (stale.length === 0) kept.push(name);
    else remove.push(...stale.map(({ path }) => path));
  }

  const wanted = new Map<string, string>();
  for (const folder of folders) {
    for (const [file, content] of Object.entries(folder.files))
      wanted.set(inside(out, `${folder.name}/${file}`), content);
    // what this build does not make of a folder (`index.ts` after a change to --js) is stale too
    for (const { path } of ourFiles(out, folder.name)) if (!wanted.has(path)) remove.push(path);
  }
  const face = faceOf([...made, ...kept].sort());
  for (const [file, content] of Object.entries(face)) wanted.set(inside(out, file), content);
  for (const file of ["index", "runtime"].flatMap((name) => [`${name}.ts`, `${name}.js`, `${name}.d.ts`]))
    if (!Object.hasOwn(face, file) && isOurs(join(out, file))) remove.push(file);

  const write = new Map([...wanted].filter(([path, content]) => read(join(out, path)) !== content));
  return { write, remove, current: wanted.size - write.size };
}

/**
 * Makes the changes. All contents are first written to a folder beside the output, then renamed into place: a
 * failure on the way (a full disk) leaves the output as it was.
 * @throws UsageError where the output's own `index.ts` is somebody's work, as in `--out src`
 */
export function applyChanges(out: string, changes: Changes): void {
  if (changes.write.size === 0 && changes.remove.length === 0) return;
  for (const path of changes.write.keys())
    if (!path.includes("/") && isForeign(join(out, path)))
      throw new UsageError(`${join(out, path)} was not written by leibniz; choose another folder with --out`);
  const parent = dirname(out);
  mkdirSync(parent, { recursive: true });
  const staging = join(parent, `.${basename(out)}-${randomBytes(6).toString("hex")}`);
  const clean = (): void => rmSync(staging, { recursive: true, force: true });
  process.once("exit", clean);
  try {
    for (const [path, content] of changes.write) {
      mkdirSync(dirname(join(staging, path)), { recursive: true });
      writeFileSync(join(staging, path), content);
    }
    for (const path of changes.write.keys()) {
      mkdirSync(dirname(join(out, path)), { recursive: true });
      renameSync(join(staging, path), join(out, path));
    }
    for (const path of changes.remove) {
      rmSync(join(out, path), { force: true });
      removeIfEmpty(out, dirname(path));
    }
  } finally {
    clean();
    process.off("exit", clean);
  }
}

/** The files with our header directly in a folder of the output. */
function ourFiles(out: string, name: string): { readonly path: string; readonly spec: string }[] {
  const folder = join(out, name);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const header = readHeader(read(join(folder, file)) ?? "");
      return header ? [{ path: `${name}/${file}`, spec: header.spec }] : [];
    });
}
const isOurs = (path: string): boolean => (read(path) ?? "").includes("Generated by leibniz");
const isForeign = (path: string): boolean => Boolean(read(path)) && !isOurs(path);

function read(path: string): string | undefined {
  return existsSync(path) && statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
}

function removeIfEmpty(out: string, folder: string): void {
  const path = join(out, folder);
  if (folder !== "." && existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
}

/** Guards against a name that leaves the output folder; names are identifiers, so none should. */
function inside(out: string, path: string): string {
  const root = resolve(out);
  const folder = dirname(resolve(root, path));
  if (folder !== root && dirname(folder) !== root) throw new UsageError(`${path} would lie outside --out`);
  return path;
}
