/** Generated code under the strictest compiler, and its types as users meet them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { emitTypeScript } from "../../../src/targets/typescript/index.js";
import { emitJavaScript } from "../../../src/targets/typescript/javascript.js";
import { samples } from "./samples.js";

const header = { spec: "specs/some.layer", hash: "0123456789ab", version: "0.1.0" };

/** What users write; a line that must not compile says so. */
const userCode = `
import { linear, type LinearGradients, type LinearPlan } from "./linear.js";
import { linear as declared } from "./declared.js";
import { global_max as pool } from "./globalMax.js";

const plan: LinearPlan = linear({ N: 2, C: 3, D: 4 });
const [x, w, b, dz] = [new Float32Array(6), new Float32Array(12), new Float32Array(4), new Float32Array(8)] as const;
const { z, saved } = plan.forward({ x, w, b }, { z: new Float32Array(8) });
const { dx, dw, db }: LinearGradients = plan.backward({ x, w, b, dz, ...saved });
const some = plan.backward({ x, dz }, {}, { only: ["dw", "db"] });
const t = plan.allocate();
plan.forward(t, t);
plan.backward(t, t, { only: ["dx"] }).dx.fill(0);
export const results: Float32Array[] = [z, dx, dw, db, some.dw, some.db, plan.dw({ x, dz }).dw];
export const extents: readonly number[] = plan.shapes.z;

const double = linear({ N: 2, C: 3, D: 4 }, { dtype: "f64" });
export const precise: Float64Array = double.db({ dz: new Float64Array(8) }).db;
// @ts-expect-error the wrong kind of array
double.db({ dz });
// @ts-expect-error dz is missing
plan.db({ x });
// @ts-expect-error there is no such tensor
plan.db({ dz, y: x });
// @ts-expect-error only dw was asked for
plan.backward({ x, dz }, {}, { only: ["dw"] }).dx;
// @ts-expect-error no size D
linear({ N: 2, C: 3 });
// @ts-expect-error the names of the file do not reach outside
import { bind } from "./linear.js";

const argmax: Int32Array = pool({ N: 1, C: 2 }).forward({ x }).saved.m;
const same: typeof linear = declared;
export { argmax, bind, same };
`;

test("compiles under the options that users may have", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leibniz-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const files = await Promise.all(
    Object.entries(samples).map(async ([name, program]) => {
      const file = join(folder, `${name}.ts`);
      writeFileSync(file, await emitTypeScript(program, header));
      return file;
    }),
  );
  const { dts } = await emitJavaScript(await emitTypeScript(samples.linear, header));
  writeFileSync(join(folder, "declared.d.ts"), dts);
  writeFileSync(join(folder, "user.ts"), userCode);
  files.push(join(folder, "user.ts"));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const options = [
    "strict",
    "noUncheckedIndexedAccess",
    "noUnusedLocals",
    "noUnusedParameters",
    "noImplicitReturns",
    "noPropertyAccessFromIndexSignature",
    "exactOptionalPropertyTypes",
    "isolatedDeclarations",
    "erasableSyntaxOnly",
    "verbatimModuleSyntax",
    "declaration",
    "noEmit",
  ].map((option) => `--${option}`);
  const settings = ["--target", "es2022", "--module", "nodenext", "--types", ""];
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...settings, ...files], {
    encoding: "utf8",
    cwd: folder,
  });
  rmSync(folder, { recursive: true });
  expect(stdout).toBe("");
}, 60_000);
