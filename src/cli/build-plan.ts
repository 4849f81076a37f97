/** What a build wants in the output folder: the files of the layers that came out right, and those that all of them share. */
import { runtimeText } from "../targets/wgsl/runtime.js";
import { version } from "../version.js";
import { faceOf } from "./face.js";
import type { Manifest } from "./output/manifest.js";
import type { Folder } from "./output/output.js";
import { keptEntries, planChanges, type Plan, type Wanted } from "./output/plan.js";
import { withoutTypes, type Result } from "./tasks.js";

/** A layer or variant whose name another has. */
export interface Clash {
  /** The spec's file. */
  readonly file: string;
  readonly message: string;
}
export interface BuildPlan extends Plan {
  readonly clashes: readonly Clash[];
  /** The specs whose files are brought up to date; the others' stay as they are. */
  readonly built: readonly Result[];
}

/** Specs with problems or refuted claims, and those that want one name, keep the files that they have. */
export async function planBuild(results: readonly Result[], js: boolean, folder: Folder): Promise<BuildPlan> {
  const { manifest } = folder;
  let built = results.filter(isRight);
  const keptBeside = (): Manifest =>
    keptEntries(manifest, new Set(built.map(({ spec }) => folder.sourceOf(spec.path))), folder.isThere);
  const clashes: Clash[] = [];
  for (let kept = keptBeside(); ; kept = keptBeside()) {
    const found = clashesAmong(built, kept);
    if (found.size === 0) break;
    built = built.filter((result) => !found.has(result));
    clashes.push(...found.values());
  }
  const kept = keptBeside();
  const wanted = new Map<string, { content: string; source?: string }>();
  for (const { spec, folders } of built) {
    const source = folder.sourceOf(spec.path);
    for (const { name, files } of folders)
      for (const [file, content] of Object.entries(files)) wanted.set(`${name}/${file}`, { content, source });
  }
  const paths = [...kept.keys(), ...wanted.keys()];
  const isEmpty = paths.length === 0 && manifest.size === 0;
  for (const [file, content] of isEmpty ? [] : await sharedFiles(paths, js)) wanted.set(file, { content });
  return { ...planChanges(manifest, kept, wanted satisfies Wanted, folder.look), clashes, built };
}

export const isRight = ({ problems, claims }: Result): boolean =>
  problems.length === 0 && claims.every(({ verdict }) => verdict !== "refuted");

/**
 * Layers and variants that would go by one name, also where the file system does not tell cases apart: each spec with what
 * stands against it.
 */
function clashesAmong(results: readonly Result[], kept: Manifest): ReadonlyMap<Result, Clash> {
  const owners = new Map<
    string,
    { readonly name: string; readonly file: string; readonly result?: Result }
  >();
  const keyOf = (name: string): string => name.normalize("NFC").toLowerCase();
  for (const [path, { source = "" }] of kept) {
    const [name = ""] = path.split("/");
    owners.set(keyOf(name), { name, file: source });
  }
  const clashes = new Map<Result, Clash>();
  for (const result of results) {
    const { file } = result.spec;
    for (const { name } of result.folders) {
      const other = owners.get(keyOf(name));
      if (!other) owners.set(keyOf(name), { name, file, result });
      else {
        clashes.set(result, clashOf(file, name, other));
        if (other.result) clashes.set(other.result, clashOf(other.file, other.name, { name, file }));
      }
    }
  }
  return clashes;
}

function clashOf(file: string, name: string, other: { readonly name: string; readonly file: string }): Clash {
  const message =
    other.name === name
      ? `the name ${name} is taken by a layer or variant of ${other.file}`
      : `the name ${name} differs from ${other.name} of ${other.file} in case only; their folders would be one on some systems`;
  return { file, message };
}

/** The files beside the layers' folders that go with these files in them. */
async function sharedFiles(paths: readonly string[], js: boolean): Promise<readonly [string, string][]> {
  const withFile = (file: string): readonly string[] =>
    paths
      .filter((path) => path.endsWith(`/${file}`))
      .map((path) => path.slice(0, -file.length - 1))
      .sort();
  const [typed, plain] = [withFile("index.ts"), withFile("index.js")];
  const isPlain = typed.length + plain.length === 0 ? js : plain.length > 0;
  return Object.entries({
    ...(typed.length > 0 || !isPlain ? faceOf(typed, false) : {}),
    ...(isPlain ? faceOf(plain, true) : {}),
    ...(withFile("webgpu.ts").length > 0 && { "runtime.ts": runtimeText(version) }),
    ...(withFile("webgpu.js").length > 0 ? await plainRuntime() : {}),
  });
}

let known: Promise<Record<string, string>> | undefined;
const plainRuntime = (): Promise<Record<string, string>> =>
  (known ??= withoutTypes({ "runtime.ts": runtimeText(version) }));
