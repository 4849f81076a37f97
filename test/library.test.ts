/** The built package as another project meets it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import * as source from "../src/index.js";
import { workspace, type Workspace } from "./cli/workspace.js";

const root = resolve(import.meta.dirname, "..");

const use = `import { defineConfig, layer, parseLayer, LayerError, type DerivationDocument, type Plan } from "leibniz";

const relu = layer("relu")\`
  input x[N]
  output z[N]
  z[i] = relu(x[i])
\`;
const document: DerivationDocument = relu.derive({ steps: "all" });
const { relu: make } = await relu.compile();
const plan: Plan = make!({ N: 2 });
const { z, saved } = plan.forward({ x: Float32Array.of(-1, 2) });
const { dx } = plan.backward({ x: Float32Array.of(-1, 2), dz: Float32Array.of(3, 4), ...saved });
let message = "";
try {
  parseLayer("z[i] = y[i]", "bad.layer");
} catch (error) {
  if (error instanceof LayerError) message = error.problems.map((problem) => problem.code).join();
}
const config = defineConfig({ specs: ["layers"] });
console.log(JSON.stringify([document.layer, z, dx, message !== "", config]));
`;

/** A project in which the package is installed. */
function project(): Workspace {
  const w = workspace({ "package.json": `{ "type": "module" }`, "use.ts": use });
  mkdirSync(w.path("node_modules"));
  symlinkSync(root, w.path("node_modules/leibniz"));
  return w;
}

it("has the exports of the source", async () => {
  const built = (await import(/* @vite-ignore */ join(root, "dist/index.js"))) as object;
  expect(Object.keys(built).sort()).toEqual(Object.keys(source).sort());
});

it("has declarations under which a strict project compiles, and runs", () => {
  const w = project();
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const flags = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--types", ""];
  const compiled = spawnSync(
    process.execPath,
    [tsc, "use.ts", ...flags, "--target", "es2022", "--lib", "es2023,dom", "--module", "nodenext"],
    { cwd: w.folder, encoding: "utf8" },
  );
  expect(compiled.stdout).toBe("");
  const { stdout, stderr } = spawnSync(process.execPath, ["use.js"], { cwd: w.folder, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual(["relu", { 0: 0, 1: 2 }, { 0: 0, 1: 4 }, true, { specs: ["layers"] }]);
});
