/** Dawn (Tint), in this process. */
import { openGpu } from "../../../src/webgpu/adapter.js";
import { runJob, type Job, type JobResult } from "./jobs.js";

export async function runOnDawn(jobs: readonly Job[]): Promise<JobResult[]> {
  const { device, close } = await openGpu();
  const results: JobResult[] = [];
  try {
    for (const job of jobs) results.push(await runJob(device, job));
  } finally {
    await close();
  }
  return results;
}
