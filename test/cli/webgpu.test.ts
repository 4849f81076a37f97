/** `leibniz check` of WebGPU kernels, as a user runs it. */
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { command, linear, scale, workspace } from "./workspace.js";

it("checks the kernels of several targets, with a column each", () => {
  const w = workspace({ "specs/linear.layer": linear, "specs/scale.layer": scale });
  const { status, stdout, stderr } = w.leibniz("check", "--trials", "3", "--target", "ts,wgsl");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^layer +tensor .* in float32 +on WebGPU +verdict$/mu);
  expect(stdout).toMatch(/^WebGPU on \S/mu);
  expect(stdout).toMatch(/2 layers and 1 variant, 8 tensors: all agree/u);
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(110);
});

it("lists the comparisons with --json", () => {
  const w = workspace({ "specs/linear.layer": linear });
  const { status, stdout } = w.leibniz("check", "--json", "--trials", "2", "--target", "wgsl");
  expect(status).toBe(0);
  const { layers } = JSON.parse(stdout) as { layers: { tensors: { comparisons: object }[] }[] };
  const [z, dx] = layers[0]?.tensors ?? [];
  expect(Object.keys(z?.comparisons ?? {})).toEqual(["forward wgsl f32"]);
  expect(Object.keys(dx?.comparisons ?? {})).toContain("gradient wgsl f32");
  expect(Object.keys(dx?.comparisons ?? {})).not.toContain("gradient ts f64");
});

it("takes the targets from the configuration", () => {
  const w = workspace({
    "specs/scale.layer": scale,
    "leibniz.config.ts": 'export default { target: ["wgsl"] };\n',
  });
  const { status, stdout } = w.leibniz("check", "--trials", "1");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^WebGPU on \S/mu);
});

it("says what to install where there is no WebGPU", () => {
  const w = workspace({ "specs/scale.layer": scale });
  cpSync(dirname(command), w.path("dist"), { recursive: true }); // away from node_modules
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [w.path("dist/leibniz.js"), "check", "--target", "wgsl"],
    { cwd: w.folder, encoding: "utf8" },
  );
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/which is not installed: npm install --save-dev webgpu/u);
});
