/** Runs under Deno: `main <file of jobs> <file for their results>`, both as structured clones. */
import { readFileSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { runJob, type Job, type JobResult } from "../webgpu/jobs.js";

const [from = "", to = ""] = process.argv.slice(2);
const { gpu } = (globalThis as unknown as { navigator: { gpu: GPU } }).navigator;
const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
if (!adapter) throw new Error("Deno finds no GPU that it can use");
const device = await adapter.requestDevice();
const results: JobResult[] = [];
for (const job of deserialize(readFileSync(from)) as Job[]) results.push(await runJob(device, job));
writeFileSync(to, serialize(results));
device.destroy();
