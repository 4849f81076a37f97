/** The compiler as bundles of parts: esbuild divides it at its dynamic imports, and what is needed together lies together. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { build, transform } from "esbuild";
import { standardLayers } from "../standard.mjs";

const parameters = "exports, require, module, __filename, __dirname, importModule, moduleUrl";

/** @returns the bundles' texts, and in which of them each part lies */
export async function bundleCompiler(root, sources) {
  const { outputFiles, metafile } = await divide(root, sources);
  const codeOf = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const parts = assign(metafile);
  const bundles = { command: [], compiler: [], printer: [], types: [] };
  for (const [part, name] of Object.entries(parts))
    bundles[name].push(
      `${JSON.stringify(part)}: function (${parameters}) {${await inFunction(codeOf.get(part))}}`,
    );
  const texts = Object.entries(bundles).map(([name, functions]) => [name, `({${functions.join(",\n")}})`]);
  const hash = createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 12);
  return { hash, parts, bundles: Object.fromEntries(texts) };
}

const divide = (root, sources) =>
  build({
    absWorkingDir: root,
    entryPoints: {
      command: "src/cli/main.ts",
      index: "src/index.ts",
      worker: "src/cli/worker.ts",
      plugin: "src/plugin/index.ts",
      runtime: "src/plugin/runtime.ts",
    },
    outdir: "dist",
    chunkNames: "part-[hash]",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "esm",
    define: {
      "import.meta.url": "moduleUrl", // some libraries find their neighbours by it
      generatedSources: JSON.stringify(sources),
      standardLayers: JSON.stringify(standardLayers()),
    },
    conditions: ["module"], // chiefly ES modules, so that unused exports are dropped
    external: ["katex"], // read from its folder: the style and the fonts too
    plugins: [
      { name: "dynamic-import", setup: importByLoader },
      { name: "no-libraries", setup: withoutLibraries },
    ],
    logLevel: "warning",
    legalComments: "none",
    minify: true,
    charset: "ascii", // so that the file can be read byte by byte
  });

/** A script run by `node:vm` cannot import; the loader, which is a module, does it for the one place that loads what users have. */
function importByLoader({ onLoad }) {
  onLoad({ filter: /\bcode.import-module\.ts$/ }, () => ({
    contents: `const byLoader = importModule;\nexport { byLoader as importModule };`,
    loader: "js",
  }));
}

/**
 * ts-morph carries TypeScript's declarations of JavaScript and of browsers, 3 MB of text, and the keys by which its messages
 * are translated; generated code is printed without.
 */
export function withoutLibraries({ onLoad }) {
  onLoad({ filter: /@ts-morph\/common\/dist\/typescript\.js$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8");
    const contents = text.replaceAll(/(: diag\(\d+, \d+ \/\* \w+ \*\/, )"\w+"/gu, '$1""');
    if (contents === text) throw new Error(`${path} carries no keys of messages any more`);
    return { contents, loader: "js" };
  });
  onLoad({ filter: /ts-morph-common\.js$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8");
    const contents = text.replace(/^const libFiles = \[[^]*?^ *\}\];$/mu, "const libFiles = [];");
    if (contents === text) throw new Error(`${path} carries no libraries any more`);
    return { contents, loader: "js" };
  });
}

/** A module as what a function of `parameters` runs. */
async function inFunction(code) {
  const { code: text } = await transform(code, {
    format: "cjs",
    platform: "node",
    target: "node20",
    supported: { "dynamic-import": false }, // of parts: `require`, later
    minify: true,
    charset: "ascii",
  });
  if (/[^\0-\x7f]/u.test(text)) throw new Error("the bundle holds a character that is not ASCII");
  return text;
}

/** Each part goes where it is first needed: for the command, for what commands do, to print TypeScript, or to take types out of it. */
function assign({ outputs }) {
  const result = {};
  const put = (path, bundle) => {
    const part = basename(path);
    if (result[part] !== undefined) return;
    result[part] = bundle;
    for (const { path: other, kind, external } of outputs[path].imports)
      if (kind === "import-statement" && !external) put(other, bundle);
  };
  const paths = Object.keys(outputs);
  for (const path of paths) if (basename(path) === "command.js") put(path, "command");
  for (const path of paths)
    if (/^src\/(?:cli\/|index|plugin\/index)/u.test(outputs[path].entryPoint ?? "")) put(path, "compiler");
  for (const path of paths)
    if (/^src\/targets\/(?:typescript|wgsl|wasm)\/index/u.test(outputs[path].entryPoint ?? ""))
      put(path, "printer");
  for (const path of paths) put(path, "types");
  return result;
}
