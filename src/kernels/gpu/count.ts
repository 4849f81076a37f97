/** Which kernels of a GPU's program run for given sizes, and how much arithmetic each of them does. */
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { evaluateCondition } from "../../ranges/evaluate.js";
import { resolveSizes } from "../../ranges/sizes.js";
import type { Call } from "../control.js";
import { countWork, withPlanConstants, type Work } from "../count.js";
import type { Code } from "../program.js";
import { routines, type GpuKernel, type GpuProgram } from "./program.js";
import { isVector } from "./vectors.js";

export interface KernelWork extends Work {
  readonly kernel: string;
}
export interface Run {
  /** `forward`, `backward` or the name of a gradient. */
  readonly pass: string;
  readonly sizes: Readonly<Record<string, number>>;
  /** Whether the adapter is a CPU. */
  readonly software?: boolean;
}

/**
 * The kernels of a pass in their order.
 * @throws RangeError where the layer has no such sizes
 */
export function kernelsOfPass(
  program: GpuProgram,
  { pass, sizes, software = false }: Run,
): readonly GpuKernel[] {
  const env = environmentOf(program, sizes);
  const { steps } = pass === "forward" ? program.forward : program.backward;
  const wanted = steps.filter((s) => pass === "forward" || pass === "backward" || s.for.includes(pass));
  const names = wanted.flatMap(({ choices }) => {
    const fits = choices.find((c) => (software || !c.software) && evaluateCondition(c.when, env));
    return fits?.kernels ?? [];
  });
  return names.flatMap((name) => program.kernels.find((k) => k.name === name) ?? []);
}

/** The same with what all of a kernel's threads do together. */
export function workOfPass(program: GpuProgram, run: Run): readonly KernelWork[] {
  const env = environmentOf(program, run.sizes);
  return kernelsOfPass(program, run).map((k) => ({ kernel: k.name, ...workOfKernel(k, env) }));
}

/** Sizes, derived sizes, params and plan constants. */
export function environmentOf(program: GpuProgram, sizes: Run["sizes"]): ReadonlyMap<string, number> {
  const resolved = resolveSizes(program.layer, sizes);
  if (!resolved.ok) throw new RangeError(resolved.message);
  return withPlanConstants(program.planConstants, resolved.env);
}

/** @param env as `environmentOf` gives it */
export const workOfKernel = (kernel: GpuKernel, env: ReadonlyMap<string, number>): Work =>
  countWork({ body: asLoops(kernel) }, env, workOfCall, (e) => (isVector(e, kernel) ? 4 : 1));

/** The threads one after the other: the box, and in a workgroup its lanes, as loops again. */
function asLoops({ threads, body }: GpuKernel): readonly Code[] {
  const lanes =
    threads.kind === "groups" ? [{ name: threads.lane, extent: integer.constant(threads.size) }] : [];
  return [...threads.box, ...lanes].reduceRight<readonly Code[]>(
    (inner, { name, extent }) => [
      { kind: "loop", index: name, from: integer.zero, to: extent, step: integer.one, body: inner },
    ],
    body,
  );
}

const shared: ReadonlySet<string> = new Set([
  routines.multiplyShared,
  routines.multiplyDeepRows,
  routines.multiplyDeepColumns,
  routines.multiplyDeep,
]);

/** Of one thread: 4 × 4 sums, each over the depth of the shared tiles, or a sum of every row and column at each point. */
function workOfCall({ routine, integers, reals = [] }: Call): Int {
  if (shared.has(routine)) return integer.scale(integers[2] ?? integer.zero, 16);
  if (routine !== routines.multiplyVectors) return integer.zero;
  return integer.scale(integers[0] ?? integer.zero, reals.length / 2);
}
