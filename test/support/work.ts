/** How much arithmetic a program does at given sizes. */
import { countWork, withPlanConstants, type Work } from "../../src/kernels/count.js";
import type { Program, Step } from "../../src/kernels/program.js";
import { evaluateCondition } from "../../src/ranges/evaluate.js";
import { resolveSizes } from "../../src/ranges/sizes.js";

/** The work of the kernels that the steps run at these sizes, padding of tiles included. */
export function workOf(
  program: Program,
  steps: readonly Step[],
  sizes: Readonly<Record<string, number>>,
): Work {
  const env = environmentOf(program, sizes);
  const counted = steps.map((step) => {
    const chosen = chosenKernel(program, step, sizes);
    const kernel = program.kernels.find((k) => k.name === chosen);
    if (!kernel) throw new Error(step.kernel);
    return countWork(kernel, env);
  });
  return {
    multiplyAdds: counted.reduce((sum, w) => sum + w.multiplyAdds, 0),
    calls: counted.reduce((sum, w) => sum + w.calls, 0),
    stores: counted.reduce((sum, w) => sum + w.stores, 0),
  };
}

/** The kernel that a step runs for such sizes. */
export function chosenKernel(
  program: Program,
  step: Step | undefined,
  sizes: Readonly<Record<string, number>>,
): string {
  if (!step) throw new Error("no step for such sizes");
  const { instead, kernel } = step;
  return instead && evaluateCondition(instead.when, environmentOf(program, sizes)) ? instead.kernel : kernel;
}

function environmentOf(
  program: Program,
  sizes: Readonly<Record<string, number>>,
): ReadonlyMap<string, number> {
  const found = resolveSizes(program.layer, sizes);
  if (!found.ok) throw new Error(found.message);
  return withPlanConstants(program.planConstants, found.env);
}
