/**
 * The sources as modules of Node's own, for `vitest run`: types taken out, one file a module. Through vitest's module runner every
 * use of what another module exports calls a getter, which makes the compiler's many small functions several times slower.
 */
import { rmSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { build } from "esbuild";
import { globSync } from "tinyglobby";

/** A plugin of vitest that sends imports of `src/` to them; `define` as for vite. */
export async function nativeSources(root, define) {
  const sources = join(root, "src");
  // below node_modules, which vitest leaves to Node
  const outdir = join(root, "node_modules/.leibniz/src");
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: globSync("**/*.ts", { cwd: sources, absolute: true }),
    outbase: sources,
    outdir,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "linked",
    define: { ...define, __dirname: "import.meta.dirname" },
  });
  return {
    name: "native-sources",
    enforce: "pre",
    resolveId(source, importer) {
      if (!importer || !source.startsWith(".")) return undefined;
      const path = resolve(dirname(importer), source);
      return path.startsWith(sources + sep) ? join(outdir, path.slice(sources.length)) : undefined;
    },
  };
}
