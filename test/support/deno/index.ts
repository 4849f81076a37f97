/** wgpu (naga), by Deno in a process of its own: a second implementation, so that nothing rests on one compiler's leniency. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { deserialize, serialize } from "node:v8";
import { build } from "esbuild";
import { softwareDriver, withDriver } from "../../../src/webgpu/driver.js";
import type { Job, JobResult } from "../webgpu/jobs.js";

const { resolve } = createRequire(import.meta.url);

export async function runOnDeno(jobs: readonly Job[]): Promise<JobResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "leibniz-deno-"));
  const [script, from, to] = ["main.mjs", "jobs", "results"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  try {
    await build({
      entryPoints: [join(import.meta.dirname, "main.ts")],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "warning",
    });
    await writeFile(from, serialize(jobs));
    const flags = ["run", "--quiet", "--unstable-webgpu", "--allow-all", "--no-config", "--no-lock"];
    await promisify(execFile)(denoCommand(), [...flags, script, from, to], { env: environment() });
    return deserialize(await readFile(to)) as JobResult[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Deno from the npm package where there is one for this machine, else the installed one. */
export function denoCommand(): string {
  try {
    return join(dirname(resolve("@deno/linux-x64-glibc/package.json")), "deno");
  } catch {
    if (spawnSync("deno", ["--version"]).status === 0) return "deno";
    throw new Error("the tests run shaders in Deno too, which is not installed here: https://deno.com");
  }
}

/** The software driver is added to the machine's own, whose GPU goes before it. */
function environment(): NodeJS.ProcessEnv {
  const driver = softwareDriver((name) => resolve(name));
  if (!driver) return process.env;
  const { LD_LIBRARY_PATH: path, VK_ADD_DRIVER_FILES: added } = process.env;
  return {
    ...process.env,
    LD_LIBRARY_PATH: path ? `${path}:${driver.folder}` : driver.folder,
    VK_ADD_DRIVER_FILES: withDriver(added, driver),
    NO_COLOR: "1",
  };
}
