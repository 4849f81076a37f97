import { defineConfig } from "vitest/config";
import { nativeSources } from "./scripts/native-sources.mjs";
import { generatedSources } from "./scripts/sources.mjs";
import { standardLayers } from "./scripts/standard.mjs";

/** `TEST_REPORT=path` also writes the runner's JSON report there (for `.ci/run`). */
const report = process.env["TEST_REPORT"];

const define = {
  generatedSources: JSON.stringify(await generatedSources()),
  standardLayers: JSON.stringify(standardLayers()),
};

export default defineConfig({
  define,
  // with `--watch` the sources go through vitest, which then knows what a change is to run again
  plugins: process.argv.includes("run") ? [await nativeSources(import.meta.dirname, define)] : [],
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // one after the other in as many processes as there are cores: compiling the compiler for each file would take longer than most files
    isolate: false,
    maxWorkers: "100%",
    // see `optimiseLate` of scripts/bundle/load.mjs
    execArgv: process.versions.node.startsWith("20.") ? ["--interrupt-budget=1000000"] : [],
    // whole layers are compiled and checked in some tests; a hang still ends
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
