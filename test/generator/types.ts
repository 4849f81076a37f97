/** Generated files of many layers under the compiler's strictest options, in one run of it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runtime } from "./load.js";

const compilerOptions = {
  ...Object.fromEntries(
    [
      ...["strict", "noUncheckedIndexedAccess", "noUnusedLocals", "exactOptionalPropertyTypes"],
      ...["isolatedDeclarations", "erasableSyntaxOnly", "declaration", "noEmit", "skipLibCheck"],
    ].map((option) => [option, true]),
  ),
  target: "es2022",
  lib: ["es2022", "dom"],
  module: "nodenext",
  types: ["@webgpu/types"],
};

/** What the compiler says of each layer's files, by the layer's name; nothing of those that are right. */
export function typeErrors(
  layers: ReadonlyMap<string, Readonly<Record<string, string>>>,
): ReadonlyMap<string, string> {
  // below the project's node_modules, where WebGPU's types are found
  const folder = resolve("node_modules", ".cache", `generator-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "runtime.ts"), runtime);
    const paths = ["runtime.ts"];
    for (const [name, files] of layers)
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(join(folder, name), { recursive: true });
        writeFileSync(join(folder, name, file), text);
        paths.push(join(name, file));
      }
    const tsc = resolve("node_modules/typescript/bin/tsc");
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: paths }));
    const { stdout } = spawnSync(process.execPath, [tsc, "--project", folder], {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    const errors = new Map<string, string>();
    for (const line of stdout.split("\n").filter((each) => /error TS/u.test(each))) {
      const name = line.includes("/") ? line.slice(0, line.indexOf("/")) : "runtime";
      errors.set(name, `${errors.get(name) ?? ""}${line}\n`);
    }
    return errors;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
