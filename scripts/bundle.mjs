/**
 * Makes `dist/` from `src/`:
 *
 *   compiler-<hash>.cjs    the whole compiler and its libraries in one file
 *   compiler-<hash>.cache  V8's code cache for it, which halves the start-up time
 *   load.js                loads the two
 *   leibniz.js, index.js   the command and the library, a few lines each over `load.js`
 *   worker.js              a thread of a parallel build
 *   config.js              a process that loads a project's configuration
 *   types/                 declarations for users of the library
 *
 * Files are written beside their place and renamed into it, so a command that starts meanwhile finds a whole one.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { runtimeSource } from "./runtime.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
mkdirSync(dist, { recursive: true });

const bundled = await build({
  stdin: {
    contents: `export * as library from "./src/index.ts"; export { main } from "./src/cli/main.ts"; export { work } from "./src/cli/worker.ts";`,
    resolveDir: root,
    sourcefile: "compiler.ts",
    loader: "ts",
  },
  bundle: true,
  write: false,
  platform: "node",
  target: "node20",
  format: "cjs",
  define: {
    "import.meta.url": "moduleUrl", // some libraries find their neighbours by it
    runtimeSource: JSON.stringify(runtimeSource()),
  },
  banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
  conditions: ["module"], // chiefly ES modules, so that unused exports are dropped
  plugins: [
    {
      name: "dynamic-import",
      setup: (build) =>
        build.onLoad({ filter: /(typescript.load|webgpu.(adapter|run))\.ts$/ }, importByLoader),
    },
  ],
  logLevel: "warning",
  legalComments: "none",
  minifyWhitespace: true, // less to read; names stay, for messages
  charset: "ascii", // so that the file can be read byte by byte
});
const code = bundled.outputFiles[0].text;
if (/[^\0-\x7f]/u.test(code)) throw new Error("the bundle holds a character that is not ASCII");
const hash = createHash("sha256").update(code).digest("hex").slice(0, 12);
const compiler = `compiler-${hash}`;

place(`${compiler}.cjs`, code);
place("load.js", loader(compiler));
const { load } = await import(pathToFileURL(join(dist, "load.js")).href);
place(`${compiler}.cache`, await codeCache(load));
place(
  "leibniz.js",
  '#!/usr/bin/env node\nimport { load } from "./load.js";\n\nprocess.exitCode = await load().main(process.argv.slice(2));\n',
);
chmodSync(join(dist, "leibniz.js"), 0o755);
place("config.js", await configProcess());
place("worker.js", 'import { load } from "./load.js";\n\nload().work();\n');
place(
  "index.js",
  `import { load } from "./load.js";\n\nexport const { ${Object.keys(load().library).join(", ")} } = load().library;\n`,
);

for (const file of readdirSync(dist)) {
  if (file.startsWith("compiler-") && !file.startsWith(compiler)) rmSync(join(dist, file), { force: true });
}
declarations();

function place(name, content) {
  const temporary = join(dist, `.${name}.${process.pid}`);
  writeFileSync(temporary, content);
  renameSync(temporary, join(dist, name));
}

/** A script run by `node:vm` cannot import; the loader, which is a module, does it for the places that need to. */
function importByLoader({ path }) {
  const text = readFileSync(path, "utf8");
  const contents = text.replaceAll("import(", "importModule(");
  if (contents === text) throw new Error(`${path} imports nothing dynamically any more`);
  return {
    contents: `declare const importModule: (name: string) => Promise<unknown>;\n${contents}`,
    loader: "ts",
  };
}

function loader(name) {
  return `import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const folder = dirname(fileURLToPath(import.meta.url));
const filename = join(folder, "${name}.cjs");
const cache = join(folder, "${name}.cache");
const parameters = "exports, require, module, __filename, __dirname, importModule";
let module;
export let script;

/** The compiler, compiled by V8 from its code cache where that was made by this version of V8. */
export function load() {
  if (module) return module.exports;
  script = new Script(\`(function (\${parameters}) {\${readFileSync(filename, "latin1")}\\n})\`, {
    filename,
    cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
  });
  module = { exports: {} };
  const importModule = (name) => import(name);
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, folder, importModule);
  return module.exports;
}
`;
}

/** The code cache after one layer has been through the whole compiler, so that it holds what a build runs. */
async function codeCache(load) {
  const { library } = load();
  const { script } = await import(pathToFileURL(join(dist, "load.js")).href);
  const sample = library.parseLayer(
    "input x[N, C]\nweight w[C, K]\noutput z[N, K]\nz[n,k] = tanh(sum[c](x[n,c] * w[c,k]))\n",
    "sample.layer",
  );
  sample.derive();
  await sample.compile();
  return script.createCachedData();
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

function declarations() {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  if (!existsSync(tsc)) return; // an install without development dependencies
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`declarations failed\n${stdout}`);
}
