/**
 * Loads the compiler's parts; becomes `dist/load.js`. A part is read where another first requires it, and compiled from V8's
 * code cache where there is one: that halves the start-up time.
 */
import { accessSync, constants, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/* global bundles, hash -- put in by main.mjs: the bundle in which a part lies, and the name of the folder of them all */
const folder = import.meta.dirname;
const moduleUrl = import.meta.url;
const requireOther = createRequire(moduleUrl);
const importModule = (name) => import(name);
/** Names the compiler to the bit. */
export const compiler = hash;
/** By bundle. */
const scripts = new Map();
/** By part: what it exports. */
const modules = new Map();

/**
 * A command runs for seconds, in code of which little is hot: V8 is told to optimise a function after ten times the work that it
 * waits for by itself. Optimising took a third of the processor's time (derivation of 200 statements, Node 20: 4.3 s before, 2.8 s
 * so). For processes of the command's own alone; a process that imports the library keeps its settings.
 */
export function optimiseLate() {
  if (process.versions.node.startsWith("20.")) setFlagsFromString("--interrupt-budget=1000000");
}

/** What a part exports. */
export function load(part) {
  const known = modules.get(part);
  if (known) return known.exports;
  const module = { exports: {} };
  modules.set(part, module); // before it has run: parts may require each other
  try {
    const run = bundle(bundles[part])[part];
    run(module.exports, require, module, import.meta.filename, folder, importModule, moduleUrl);
    module.exports = settled(module.exports);
  } catch (error) {
    modules.delete(part);
    throw error;
  }
  return module.exports;
}
/**
 * The exports as values: esbuild makes each a getter, which every call of a function of another part went through (a tenth of the
 * time). What has no value yet gets one when a module is first needed, and stays a getter.
 */
function settled(exports) {
  if (typeof exports !== "object") return exports;
  const values = Object.defineProperty({}, "__esModule", { value: exports.__esModule });
  for (const name of Object.keys(exports)) {
    const value = exports[name];
    if (value === undefined)
      Object.defineProperty(values, name, { get: () => exports[name], enumerable: true });
    else values[name] = value;
  }
  return values;
}
const require = (name) => {
  const part = name.replace(/^\.\//u, "");
  return Object.hasOwn(bundles, part) ? load(part) : requireOther(name);
};

function bundle(name) {
  const known = scripts.get(name);
  if (known) return known.parts;
  const filename = join(folder, hash, `${name}.cjs`);
  const cache = filename.replace(/cjs$/u, `${cachedDataVersionTag()}.cache`);
  let cachedData;
  try {
    cachedData = readFileSync(cache);
  } catch {
    // the first run
  }
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData });
  const isStale = cachedData === undefined || script.cachedDataRejected;
  const parts = script.runInThisContext();
  scripts.set(name, { parts, script, cache: isStale ? cache : undefined });
  return parts;
}

/** Writes the code caches that are missing, with the functions compiled so far; where that may not be, nothing happens. */
export function keepCaches() {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return;
  for (const entry of scripts.values()) {
    if (entry.cache === undefined) continue;
    try {
      accessSync(dirname(entry.cache), constants.W_OK);
    } catch {
      return; // an installation that its user may not write to
    }
    const beside = `${entry.cache}.${process.pid}-${Math.random().toString(36).slice(2)}`;
    try {
      writeFileSync(beside, entry.script.createCachedData());
      renameSync(beside, entry.cache);
    } catch {
      // a full disk
    }
    entry.cache = undefined;
  }
}
