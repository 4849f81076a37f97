/**
 * Makes `dist/` from `src/`:
 *
 *   <hash>/command.cjs    the command's options: all that `--version` and `--help` load
 *   <hash>/compiler.cjs   the compiler, with its libraries
 *   <hash>/printer.cjs    what prints TypeScript: prettier
 *   <hash>/types.cjs      what takes types out of it: TypeScript itself
 *   load.js               loads what of them is needed
 *   leibniz.js, index.js  the command and the library, a few lines each over `load.js`
 *   worker.js             a thread of a parallel build
 *   config.js             a process that loads a project's configuration
 *   vite.js, …            the plugin for each bundler
 *   browser/              the library for a page
 *   runtime.js            what generated WebGPU modules import
 *   types/                declarations for users of the library
 *
 * Files are written beside their place and renamed into it, so a command that starts meanwhile finds a whole one.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, transform } from "esbuild";
import { declarations } from "./declarations.mjs";
import { bundleForBrowsers } from "./browser.mjs";
import { bundleCompiler } from "./parts.mjs";
import { generatedSources } from "../sources.mjs";
import { pluginFiles } from "./plugins.mjs";

const root = join(import.meta.dirname, "../..");
const dist = join(root, "dist");

const sources = await generatedSources();
const { hash, bundles, parts } = await bundleCompiler(root, sources);
for (const [name, code] of Object.entries(bundles)) place(`${hash}/${name}.cjs`, code);
const loader = readFileSync(join(import.meta.dirname, "load.mjs"), "utf8");
place(
  "load.js",
  (await transform(loader, { define: { bundles: JSON.stringify(parts), hash: JSON.stringify(hash) } })).code,
);
place(
  "leibniz.js",
  `#!/usr/bin/env node
import { keepCaches, load, optimiseLate } from "./load.js";

optimiseLate();
process.exitCode = await load("command.js").main(process.argv.slice(2));
keepCaches();
`,
);
chmodSync(join(dist, "leibniz.js"), 0o755);
place("worker.js", 'import { keepCaches, load } from "./load.js";\n\nload("worker.js").work(keepCaches);\n');
place("config.js", await configProcess());
const { load } = await import(pathToFileURL(join(dist, "load.js")).href);
place(
  "index.js",
  `import { load } from "./load.js";\n\nexport const { ${Object.keys(load("index.js")).join(", ")} } = load("index.js");\n`,
);

const { js, types } = load("runtime.js").runtimeModule();
place("runtime.js", js);
declarations(root);
const pages = await bundleForBrowsers(root, sources);
for (const [name, text] of Object.entries(pages)) place(`browser/${name}`, text);
for (const file of readdirSync(join(dist, "browser"))) if (!pages[file]) rmSync(join(dist, "browser", file));
const plugins = pluginFiles();
for (const [name, text] of Object.entries(plugins)) place(name, text);
place("types/runtime.d.ts", types);

const made = [
  hash,
  "browser",
  "types",
  "load.js",
  "leibniz.js",
  "worker.js",
  "config.js",
  "index.js",
  "runtime.js",
];
const current = new Set([...made, ...Object.keys(plugins)]);
for (const file of readdirSync(dist))
  if (!current.has(file)) rmSync(join(dist, file), { recursive: true, force: true });

function place(name, content) {
  const path = join(dist, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, content);
  renameSync(`${path}.${process.pid}`, path);
}

/** Small and apart from the compiler, which it does not need. */
async function configProcess() {
  const { outputFiles } = await build({
    entryPoints: [join(root, "src/cli/config-process.ts")],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "esm",
    external: ["jiti"], // reads a TypeScript configuration; loads parts of its own by path
  });
  return outputFiles[0].text;
}
