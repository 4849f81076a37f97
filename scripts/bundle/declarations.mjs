/** The declarations of the library: of its face, and of those files of `src/` whose types it shows. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { ts } from "ts-morph";

export function declarations(root) {
  const types = join(root, "dist/types");
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`declarations failed\n${stdout}`);
  const shown = new Set();
  const show = (path) => {
    if (shown.has(path)) return;
    shown.add(path);
    for (const { fileName } of ts.preProcessFile(readFileSync(path, "utf8")).importedFiles)
      if (fileName.startsWith(".")) show(join(dirname(path), `${fileName.slice(0, -".js".length)}.d.ts`));
  };
  for (const face of ["index", "plugin/options"]) show(join(types, `${face}.d.ts`));
  for (const file of readdirSync(types, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !shown.has(path)) rmSync(path);
  }
}
