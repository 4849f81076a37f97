/** The plugin for bundlers: `import { lora } from "./lora.layer"`. What is particular to one of them is unplugin's to know. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { UnpluginFactory } from "unplugin";
import { shelfBeside, type FileShelf } from "../cli/shelf.js";
import { usedNames } from "../language/lines.js";
import { LayerError, type Source } from "../language/problem.js";
import { textsUsed } from "../library.js";
import { cacheIn, type Cache } from "./cache.js";
import { declare } from "./declarations.js";
import { shownAs } from "./errors.js";
import type { PluginOptions } from "./options.js";
import { readRequest, runtimeName, variantRequest } from "./request.js";

/** What the plugin is told of the bundle that it lies in. */
export interface Surroundings {
  /** Names the compiler to the bit. */
  readonly compiler: string;
  /** Told when a layer has been compiled. */
  readonly loaded: () => void;
}

/** No file, and a name that no file has. */
const runtimeId = "\0leibniz-runtime.js";

export function plugin({ compiler, loaded }: Surroundings): UnpluginFactory<PluginOptions | undefined> {
  return ({ types = true } = {}, { framework }) => {
    let root = process.cwd();
    let cache: Cache | undefined;
    return {
      name: "leibniz",
      enforce: "pre",
      resolveId: {
        filter: { id: framework === "rollup" ? /^leibniz\/runtime$|\.layer\?/ : /^leibniz\/runtime$/ },
        // Rollup alone does not know of queries
        handler: (id, importer) => (id === runtimeName ? runtimeId : besides(id, importer)),
      },
      load: {
        filter: { id: /\.layer(?:\?|$)|leibniz-runtime\.js$/ },
        async handler(id) {
          if (id.endsWith("leibniz-runtime.js")) {
            const { runtimeModule } = await import("./runtime.js");
            return { code: runtimeModule().js, map: null };
          }
          const request = readRequest(id);
          if (!request) return undefined;
          this.addWatchFile(request.path);
          const text = await readFile(request.path, "utf8");
          const file = nameOf(request.path, root);
          const { shelf, used } = await usedBy({ file, text }, request.path, root);
          for (const path of shelf.lookedAt) if (existsSync(path)) this.addWatchFile(path);
          cache ??= cacheIn(join(root, "node_modules/.cache/leibniz"), compiler);
          try {
            const { modulesOf, faceOf } = await import("./modules.js");
            const layer = await cache.of(textOf(text, used), file, request.target, async () => {
              const made = await modulesOf({ file, text }, request.target, { shelf: shelf.find, used });
              loaded();
              return made;
            });
            if (request.variant !== undefined) {
              const code = layer.modules.find(({ name }) => name === request.variant)?.js;
              if (code === undefined) throw new Error(`${file} has no variant ${request.variant}`);
              return { code, map: null };
            }
            const told = types ? await declare(request, layer) : undefined;
            if (told !== undefined) this.warn(told);
            const name = basename(request.path);
            return { code: faceOf(layer, (variant) => variantRequest(name, request, variant)), map: null };
          } catch (error) {
            if (!(error instanceof LayerError)) throw error;
            const shown = shownAs(error, request.path);
            if (framework === "esbuild") {
              this.error({ ...shown, message: `${shown.message}\n${shown.frame}` });
              return { code: "", map: null };
            }
            // the others of Rollup's kind print the frame themselves
            const isOfRollup = ["vite", "rollup", "rolldown", "unloader"].includes(framework);
            const told = isOfRollup ? shown : { message: error.message };
            throw Object.assign(new Error(told.message), told, { stack: told.message }); // where it lies is the formula
          }
        },
      },
      esbuild: {
        onResolveFilter: /^leibniz\/runtime$/,
        onLoadFilter: /\.layer$|leibniz-runtime\.js$/,
        config: (options) => {
          root = options.absWorkingDir ?? root;
        },
      },
      webpack: ({ context }) => {
        root = context;
      },
      vite: {
        configResolved: (config) => {
          root = config.root;
        },
      },
    };
  };
}

/** The layers that one calls: where they are found, and all their texts. */
async function usedBy(
  source: Source,
  path: string,
  root: string,
): Promise<{ readonly shelf: FileShelf; readonly used: readonly Source[] }> {
  const { projectSpecs, readSettings } = await import("../cli/settings.js");
  const isAlone = usedNames(source.text).size === 0;
  const specs = isAlone ? [] : await projectSpecs(await readSettings(root, {}));
  const project = specs.map((spec) => ({ path: spec.path, file: nameOf(spec.path, root) }));
  const shelf = shelfBeside({ path, file: source.file }, project);
  return { shelf, used: textsUsed(source, shelf.find) };
}
/** What a layer's modules are made of. */
const textOf = (text: string, used: readonly Source[]): string =>
  used.length === 0 ? text : JSON.stringify([text, ...used]);

/** A file with a query, seen from another. */
function besides(id: string, importer = ""): string | undefined {
  const [path = "", query = ""] = id.split("?", 2);
  if (!path.startsWith(".") && !isAbsolute(path)) return undefined;
  return `${resolve(dirname(importer.split("?", 1)[0] ?? ""), path)}?${query}`;
}

/** What messages and headers call a layer's file: the same on every machine. */
function nameOf(path: string, root: string): string {
  const name = relative(root, path).replaceAll(sep, "/");
  return name.startsWith("../") || isAbsolute(name) ? basename(path) : name;
}
