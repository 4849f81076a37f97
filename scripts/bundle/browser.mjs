/** `leibniz/browser`: the library as modules for a page. What prints TypeScript is a module of its own, loaded when a layer is compiled. */
import { build } from "esbuild";
import { isBuiltin } from "node:module";
import { standardLayers } from "../standard.mjs";
import { withoutLibraries } from "./parts.mjs";

/** @returns the modules' texts by name; `index.js` is the face */
export async function bundleForBrowsers(root, sources) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { index: "src/index.ts" },
    outdir: "browser",
    chunkNames: "part-[hash]",
    bundle: true,
    splitting: true,
    write: false,
    platform: "browser",
    target: "es2022",
    format: "esm",
    define: {
      generatedSources: JSON.stringify(sources),
      standardLayers: JSON.stringify(standardLayers()),
      "process.env.NODE_ENV": `"production"`,
    },
    plugins: [
      { name: "without-node", setup: withoutNode },
      { name: "no-libraries", setup: withoutLibraries },
    ],
    logLevel: "error",
    legalComments: "none",
    minify: true,
  });
  return Object.fromEntries(
    outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf("/") + 1), text]),
  );
}

/** Node's modules are empty: what uses them (a GPU on Node, PyTorch, a configuration) no page asks for. */
function withoutNode({ onResolve, onLoad }) {
  onResolve({ filter: /^[\w:/]+$/ }, ({ path }) =>
    isBuiltin(path) ? { path, namespace: "node" } : undefined,
  );
  onLoad({ filter: /.*/, namespace: "node" }, () => ({ contents: "module.exports = {};", loader: "js" }));
}
