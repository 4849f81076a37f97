/**
 * Which expressions of a kernel are vectors of four: those that read a buffer bound as vectors, or a local that is one. A read
 * with a second subscript is that lane of a vector, a number.
 */
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import { walk, walkCondition, type Visitor } from "../../notation/traverse.js";
import type { Code } from "../program.js";
import { mapCode } from "./map-code.js";
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
      if (part.kind === "read") found ||= vectors.has(part.tensor) && part.subscripts.length === 1;
      if (part.kind === "parameter") found ||= wide?.has(part.name) ?? false;
    },
  });
  return found;
}

/** The code with elements of the tensors read as lanes of their vectors. */
export const readByLane = (code: readonly Code[], tensors: ReadonlySet<string>): readonly Code[] =>
  mapCode(code, (e) => {
    const [offset] = e.kind === "read" ? e.subscripts : [];
    if (e.kind !== "read" || !offset || !tensors.has(e.tensor)) return e;
    const four = integer.constant(4);
    return { ...e, subscripts: [integer.floorDivide(offset, four), integer.modulo(offset, four)] };
  });
