/** Where the layers lie that a spec uses: beside it, else in the project's specs, else among the standard layers. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LayerError, type Source } from "../language/problem.js";
import { hasVariant, standardShelf, textsUsed, type Shelf } from "../library.js";
import { chooseSpecs, projectSpecs, type Settings } from "./settings.js";
import { reasonOf } from "./system.js";

/** A file, and what messages call it. */
export interface NamedFile {
  readonly path: string;
  readonly file: string;
}
export interface FileShelf {
  readonly find: Shelf;
  /** Every path that was looked at, also where nothing stands: what a layer rests on changes with these. */
  readonly lookedAt: ReadonlySet<string>;
}

/**
 * @param spec whose text is read
 * @param project the project's specs
 */
export function shelfBeside(spec: NamedFile, project: readonly NamedFile[]): FileShelf {
  const lookedAt = new Set<string>();
  const paths = new Map([[spec.file, spec.path]]);
  const texts = new Map<string, string | undefined>();
  const read = ({ path, file }: NamedFile): Source | undefined => {
    lookedAt.add(path);
    if (!texts.has(path)) texts.set(path, textOf(path, file));
    const text = texts.get(path);
    if (text === undefined) return undefined;
    paths.set(file, path);
    return { file, text };
  };
  const named = (files: readonly NamedFile[], name: string): Source | undefined =>
    first(
      files.filter(({ path }) => basename(path) === `${name}.layer`),
      read,
    ) ??
    first(files, (file) => {
      const source = read(file);
      return source && hasVariant(source.text, name) ? source : undefined;
    });
  const find: Shelf = (name, from) => {
    const path = paths.get(from.file);
    if (path === undefined) return standardShelf(name, from);
    const beside = join(dirname(path), `${name}.layer`);
    const folder = from.file.slice(0, from.file.length - basename(from.file).length);
    return (
      read({ path: beside, file: `${folder}${name}.layer` }) ??
      named(layersIn(dirname(path), folder), name) ??
      named(project, name) ??
      standardShelf(name, from)
    );
  };
  return { find, lookedAt };
}

function first<A, B>(items: readonly A[], pick: (item: A) => B | undefined): B | undefined {
  for (const item of items) {
    const found = pick(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const layersIn = (path: string, folder: string): readonly NamedFile[] =>
  readdirSync(path)
    .filter((name) => name.endsWith(".layer"))
    .sort()
    .map((name) => ({ path: join(path, name), file: `${folder}${name}` }));

/** Undefined where there is no file. @throws LayerError where it cannot be read */
function textOf(path: string, file: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const message = `the file cannot be read: ${reasonOf(error)}`;
    throw new LayerError([{ code: "unreadable-file", message, span: { start: 0, end: 0 } }], {
      file,
      text: "",
    });
  }
}

/** The files that layers were looked for in that the specs of a call use: a change of one changes what is built. */
export async function pathsLookedAt(
  arguments_: readonly string[],
  settings: Settings,
): Promise<readonly string[]> {
  const [specs, project] = await Promise.all([
    chooseSpecs(arguments_, settings).catch((): readonly NamedFile[] => []),
    projectSpecs(settings),
  ]);
  const found = new Set<string>();
  for (const spec of specs) {
    const shelf = shelfBeside(spec, project);
    try {
      textsUsed({ file: spec.file, text: readFileSync(spec.path, "utf8") }, shelf.find);
    } catch {
      // a build tells what cannot be read
    }
    shelf.lookedAt.forEach((path) => found.add(path));
  }
  return [...found].sort();
}
