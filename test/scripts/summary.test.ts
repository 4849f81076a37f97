/** The last line of `.ci/run`. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { workspace } from "../cli/workspace.js";

const script = resolve(import.meta.dirname, "../../scripts/summary.mjs");
const passed = { numPassedTests: 7, numFailedTests: 0 };

it.each([
  ["all good", passed, 0, 0, "7 passed, 0 failed", 0],
  ["failed tests", { numPassedTests: 5, numFailedTests: 2 }, 1, 0, "5 passed, 2 failed", 1],
  ["a test file that does not load", passed, 1, 0, "7 passed, 1 failed", 1],
  ["stale output", passed, 0, 1, "7 passed, 1 failed", 1],
  ["stale output and kernels that failed a check", passed, 0, [2, 1], "7 passed, 2 failed", 1],
  ["an installation or a linter that failed", undefined, 1, 2, "0 passed, 2 failed", 1],
  ["no tests", { numPassedTests: 0, numFailedTests: 0 }, 0, 0, "0 passed, 1 failed", 1],
])("tells of %s", (_, report, tests, others, line, expected) => {
  const w = workspace({ "report.json": report ? JSON.stringify(report) : "" });
  const { status, stdout } = spawnSync(
    process.execPath,
    [script, w.path("report.json"), String(tests), ...[others].flat().map(String)],
    { encoding: "utf8" },
  );
  expect({ status, last: stdout.trimEnd().split("\n").at(-1) }).toEqual({ status: expected, last: line });
});
