/** Layers that were compiled before, in `node_modules/.cache/leibniz` of the project: a restart compiles only what has changed. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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
      const key = createHash("sha256")
        .update(JSON.stringify([compiler, name, text]))
        .digest("hex");
      const layer = kept(join(folder, `${key.slice(0, 32)}.json`), make);
      latest.set(name, { text, layer });
      return layer;
    },
  };
}

async function kept(path: string, make: () => Promise<LayerModules>): Promise<LayerModules> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as LayerModules;
  } catch {
    // not there, or damaged
  }
  const made = await make();
  const beside = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true })
    .then(() => writeFile(beside, JSON.stringify(made)))
    .then(() => rename(beside, path))
    .catch(() => undefined); // a folder that may not be written to
  return made;
}
