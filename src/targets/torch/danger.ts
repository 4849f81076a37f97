/** Whether a formula's derivatives may be infinite, or none, at finite values. */
import type { Expression } from "../../notation/expression.js";
import { isTame, primitives, type FunctionName } from "../../primitives/index.js";
import { tensorsIn, walk } from "../../notation/traverse.js";

/** Whether its value, and its every derivative, is finite wherever it is. */
const isHarmless = (name: FunctionName): boolean => isTame(name) && primitives[name].poles.length === 0;

export function mayBlowUp(e: Expression): boolean {
  let found = false;
  walk(e, {
    expression: (part) => {
      if (part.kind === "call") found ||= !isHarmless(part.name);
      if (part.kind === "constant") found ||= !Number.isFinite(part.numerator);
      if (part.kind !== "raise" || tensorsIn(part).size === 0) return;
      const { exponent } = part;
      const isWhole =
        exponent.kind === "constant" &&
        !exponent.exact &&
        exponent.denominator === 1 &&
        exponent.numerator >= 0;
      found ||= !isWhole;
    },
  });
  return found;
}
