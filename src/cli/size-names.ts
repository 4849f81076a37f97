/** Whether the names of `--sizes` are sizes or params of anything that is checked. */
import { readFile } from "node:fs/promises";
import { parseLayer } from "../language/parse.js";
import { libraryOf } from "../library.js";
import { UsageError } from "./failure.js";
import { shelfBeside } from "./shelf.js";
import type { SpecFile } from "./tasks.js";

/**
 * Specs that cannot be read are passed over: their problems are told when they are checked.
 * @throws UsageError for a name that no layer has, or that all have as a derived size
 */
export async function checkSizeNames(
  names: readonly string[],
  specs: readonly SpecFile[],
  project: readonly SpecFile[],
): Promise<void> {
  if (names.length === 0) return;
  const given = new Set<string>();
  const derived = new Set<string>();
  let unread = 0;
  for (const spec of specs) {
    const { path, file } = spec;
    const text = await readFile(path, "utf8").catch(() => "");
    const { layer } = parseLayer(text, file, libraryOf({ file, text }, shelfBeside(spec, project).find));
    if (!layer) unread++;
    layer?.sizes.forEach((name) => given.add(name));
    layer?.params.forEach(({ name }) => given.add(name));
    layer?.derived.forEach(({ name }) => derived.add(name));
  }
  if (unread === specs.length) return;
  for (const name of names) {
    if (given.has(name)) continue;
    const known = `there are ${[...given].sort().join(", ") || "none"}`;
    throw new UsageError(
      derived.has(name)
        ? `--sizes: ${name} is computed from other sizes and cannot be given; ${known}`
        : `--sizes: no layer that is checked has a size or param ${name}; ${known}`,
    );
  }
}
