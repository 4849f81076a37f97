/** Shaders held to the TypeScript kernels. */
import { expect } from "vitest";
import { loadGpuPlan, runStep } from "../../../src/webgpu/run.js";
import { integers, plansOf } from "../../support/layers.js";
import type { Job } from "../../support/webgpu/jobs.js";
import { always, gpuProgramOf, urlOf } from "./support.js";

export interface Trial {
  readonly job: Job;
  /** The results of each of the job's steps. */
  readonly expected: readonly Readonly<Record<string, Float32Array>>[];
}

/**
 * Forward and all gradients, by the TypeScript kernels as by the shaders: of multiples of an integer, so that every sum is exact.
 * @param ending of the kernels that compute what they can, whatever the sizes; else what a plan chooses
 */
export async function trialOf(
  text: string,
  sizes: Readonly<Record<string, number>>,
  ending?: string,
  multiple = 1,
): Promise<Trial> {
  const chosen = gpuProgramOf(text);
  const { program, steps } = ending === undefined ? { program: chosen, steps: 1 } : always(ending, chosen);
  expect(steps).toBeGreaterThan(0);
  const named = (role: string): readonly string[] =>
    program.buffers.filter((b) => b.role === role).map((b) => b.name);
  const reference = (await plansOf(text))(sizes);
  const drawn = (names: readonly string[]): Record<string, Float64Array> =>
    Object.fromEntries(
      names.map((name, i) => {
        const length = (reference.shapes[name] ?? []).reduce((a, b) => a * b, 1);
        return [name, integers(length, i + 1).map((value) => value * multiple)];
      }),
    );
  const single = (arrays: Record<string, ArrayLike<number>>): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, Float32Array.from(data)]));
  const [inputs, cotangents] = [drawn(named("given")), drawn(named("cotangent"))];
  const { saved, ...outputs } = reference.forward(inputs);
  const gradients = reference.backward({ ...inputs, ...cotangents, ...saved });
  const passes = [
    { pass: "forward", inputs: single(inputs), results: Object.keys(outputs) },
    { pass: "backward", inputs: single(cotangents), results: Object.keys(gradients) },
  ];
  const job = { url: await urlOf(program), name: "sample", sizes, steps: passes };
  return { job, expected: [single(outputs), single(gradients)] };
}

/** The trial on a device. */
export async function agreesOn(device: GPUDevice, ...of: Parameters<typeof trialOf>): Promise<void> {
  const { job, expected } = await trialOf(...of);
  const plan = await (await loadGpuPlan(job.url, job.name))(device, job.sizes);
  const buffers = plan.allocate();
  for (const [i, step] of job.steps.entries())
    expect(await runStep(device, plan, buffers, step)).toEqual(expected[i]);
  plan.destroy(buffers);
  plan.destroy();
}
