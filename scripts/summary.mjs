/** Prints `N passed, N failed` from the test runner's report and the statuses of `npm test`, `build --check` and `check`. */
import { readFileSync } from "node:fs";

const [report, tests, ...others] = process.argv.slice(2);
const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(readFileSync(report, "utf8") || "{}");
let failed = numFailedTests;
// `npm test` can also fail before or beside the tests: in the installation, the linter, a test file that does not load
if (tests !== "0" && numFailedTests === 0) failed += 1;
failed += others.filter((status) => status !== "0").length;
if (numPassedTests === 0 && failed === 0) failed = 1;
console.log(`${numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
