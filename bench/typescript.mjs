/**
 * Lets Node 20 run TypeScript as it stands: `node --import ./bench/typescript.mjs bench/main.ts`.
 * One file at a time through esbuild, which only takes the types away.
 */
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transform } from "esbuild";

if (isMainThread) register(import.meta.url);

/** `./x.js` is `./x.ts` where no JavaScript of that name is. */
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || !specifier.endsWith(".js")) throw error;
    return next(specifier.replace(/\.js$/u, ".ts"), context);
  }
}

export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return next(url, context);
  const text = await readFile(fileURLToPath(url), "utf8");
  const { code } = await transform(text, { loader: "ts", target: "node20", sourcefile: fileURLToPath(url) });
  return { format: "module", source: code, shortCircuit: true };
}
