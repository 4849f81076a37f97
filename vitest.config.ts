import { defineConfig } from "vitest/config";
import { generatedSources } from "./scripts/sources.mjs";
import { standardLayers } from "./scripts/standard.mjs";

/** `TEST_REPORT=path` also writes the runner's JSON report there (for `.ci/run`). */
const report = process.env["TEST_REPORT"];

export default defineConfig({
  define: {
    generatedSources: JSON.stringify(await generatedSources()),
    standardLayers: JSON.stringify(standardLayers()),
  },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // one after the other in as many processes as there are cores: compiling the compiler for each file would take longer than most files
    isolate: false,
    maxWorkers: "100%",
    // whole layers are compiled and checked in some tests; a hang still ends
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
