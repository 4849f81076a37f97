/** Layers that were compiled before, in `node_modules/.cache/leibniz` of the project: a restart compiles only what has changed. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256 } from "../targets/code/sha256.js";
import type { LayerModules } from "./modules.js";
import type { TargetWord } from "./request.js";

export interface Cache {
  /** What is kept for the text, or else is made of it; what is made is kept, where the folder can be written to. */
  of(
    text: string,
    file: string,
    target: TargetWord,
    make: () => Promise<LayerModules>,
  ): Promise<LayerModules>;
}

/** @param compiler names the compiler to the bit: another's results are not this one's */
export function cacheIn(folder: string, compiler: string): Cache {
  /** The last of each file and target: also what is being made. */
  const latest = new Map<string, { readonly text: string; readonly layer: Promise<LayerModules> }>();
  return {
    of: (text, file, target, make) => {
      const name = `${file}?${target}`;
      const known = latest.get(name);
      if (known?.text === text) return known.layer;
      const layer = kept(join(folder, `${hashOf(name)}.json`), hashOf(compiler, name, text), make);
      latest.set(name, { text, layer });
      return layer;
    },
  };
}

const hashOf = (...words: readonly string[]): string => sha256(JSON.stringify(words)).slice(0, 32);

/** What the file holds where that has this key, else what is made, which takes its place. */
async function kept(path: string, key: string, make: () => Promise<LayerModules>): Promise<LayerModules> {
  try {
    const found = JSON.parse(await readFile(path, "utf8")) as {
      readonly key: string;
      readonly layer: LayerModules;
    };
    if (found.key === key) return found.layer;
  } catch {
    // not there, or damaged
  }
  const layer = await make();
  const beside = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true })
    .then(() => writeFile(beside, JSON.stringify({ key, layer })))
    .then(() => rename(beside, path))
    .catch(() => undefined); // a folder that may not be written to
  return layer;
}
