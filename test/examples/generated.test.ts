import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { command } from "../cli/workspace.js";

it.each(["characters", "digits"])("the kernels of the %s example are those of its layer", (example) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [command, "build", "--check", "network.layer", "--target", "ts"],
    { cwd: `examples/${example}`, encoding: "utf8" },
  );
  expect({ status, told: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, told: "" });
});
