/** The process that runs a project's configuration: its folder and its name in, what it exports out. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createJiti } from "jiti";
import { validateConfig, type ConfigAnswer } from "./config.js";

const [folder = "", name = ""] = process.argv.slice(2);
process.send?.(await answer(), () => process.exit());

async function answer(): Promise<ConfigAnswer> {
  const library = join(import.meta.dirname, "index.js"); // the library beside the bundled command
  const path = join(folder, name);
  try {
    const jiti = createJiti(path, {
      fsCache: false,
      interopDefault: false,
      ...(existsSync(library) && { alias: { leibniz: library } }),
    });
    const module: unknown = await jiti.import(path);
    const config = isModule(module) && "default" in module ? module.default : module;
    try {
      return { config: validateConfig(config, name) };
    } catch (error) {
      return { error: messageOf(error) };
    }
  } catch (error) {
    return { error: `${name} cannot be loaded: ${messageOf(error)}` };
  }
}

function isModule(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
