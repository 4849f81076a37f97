/**
 * Before `leibniz` is packed: `package.json` without what only the repository needs (its `prepare` would be an install script to
 * those who install the tarball), and `dist/` anew; with `--restore` the file is as it was.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const manifest = join(root, "package.json");
const original = join(root, "package.json.original");

if (existsSync(original)) renameSync(original, manifest); // also what an interrupted run left
if (!process.argv.includes("--restore")) {
  const { status } = spawnSync(process.execPath, [join(root, "scripts/bundle/main.mjs")], {
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) process.exit(1);
  const text = readFileSync(manifest, "utf8");
  const { scripts: _, devDependencies: __, workspaces: ___, ...shipped } = JSON.parse(text);
  writeFileSync(original, text);
  writeFileSync(manifest, `${JSON.stringify(shipped, null, 2)}\n`);
}
