/** Which expressions of a kernel are vectors of four: those that read a buffer bound as vectors, or a local that is one. */
import type { Condition, Expression } from "../../notation/expression.js";
import { walk, walkCondition, type Visitor } from "../../notation/traverse.js";
import type { GpuKernel } from "./program.js";

export type Vectors = Pick<GpuKernel, "vectors" | "wide">;

/** Whether the expression is a vector; numbers beside one in it stand for four equal lanes. */
export const isVector = (e: Expression, kernel: Vectors): boolean =>
  isFound(kernel, (visitor) => walk(e, visitor));

/** Whether the condition is one for each lane. */
export const isVectorCondition = (c: Condition, kernel: Vectors): boolean =>
  isFound(kernel, (visitor) => walkCondition(c, visitor));

function isFound({ vectors, wide }: Vectors, visit: (visitor: Visitor) => void): boolean {
  if (!vectors || vectors.size === 0) return false;
  let found = false;
  visit({
    expression: (part) => {
      if (part.kind === "read") found ||= vectors.has(part.tensor);
      if (part.kind === "parameter") found ||= wide?.has(part.name) ?? false;
    },
  });
  return found;
}
