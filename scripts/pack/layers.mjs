/** Before `leibniz-layers` is packed: its JavaScript and declarations, made from the TypeScript of `generated/`; with `--remove` they go again. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
rmSync(join(root, "generated/dist"), { recursive: true, force: true });
if (!process.argv.includes("--remove")) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.layers.json")], {
    stdio: ["ignore", 2, 2], // npm's output is the name of the tarball
  });
  process.exitCode = status ?? 1;
}
