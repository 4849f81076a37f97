/** The steps of a pass one after the other, those of recurrences once for each point of their loops. */
import type { Description, Repeated, Step } from "./description.js";

/** A kernel where it runs: at which point of the loops around it, none outside. */
export interface Turn {
  readonly kernel: string;
  readonly at: readonly number[];
}
type Steps = Description["forward"];

/** Every step, without its loops. */
export const stepsIn = (steps: Steps): readonly Step[] =>
  steps.flatMap((step) => ("loops" in step ? step.steps : [step]));

/** @param wanted whether a step is asked for */
export function turnsOf(steps: Steps, wanted: (step: Step) => boolean): readonly Turn[] {
  return steps.flatMap((step) => {
    if (!("loops" in step)) return wanted(step) ? step.kernels.map((kernel) => ({ kernel, at: [] })) : [];
    const own = step.steps.filter(wanted);
    if (own.length === 0) return [];
    return pointsOf(step.loops).flatMap((at) =>
      own.flatMap(({ kernels, when }) =>
        when && !when(...at) ? [] : kernels.map((kernel) => ({ kernel, at })),
      ),
    );
  });
}

/** The points of loops in the order in which they are walked. */
function pointsOf(loops: Repeated["loops"]): readonly (readonly number[])[] {
  return loops.reduce<readonly (readonly number[])[]>(
    (points, { extent, down }) =>
      points.flatMap((point) =>
        Array.from({ length: extent }, (_, i) => [...point, down ? extent - 1 - i : i]),
      ),
    [[]],
  );
}

/** The extents of the loops around each kernel of a recurrence. */
export const extentsAround = (steps: Steps): ReadonlyMap<string, readonly number[]> =>
  new Map(
    steps.flatMap((step) =>
      "loops" in step
        ? step.steps.flatMap(({ kernels }) =>
            kernels.map((kernel) => [kernel, step.loops.map((loop) => loop.extent)] as const),
          )
        : [],
    ),
  );
