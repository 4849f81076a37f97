/** Whether a formula's derivatives may be infinite, or none, at finite values. */
import type { Expression, FunctionName } from "../../notation/expression.js";
import { tensorsIn, walk } from "../../notation/traverse.js";

/** Functions whose value, and whose every derivative, is finite wherever they are. */
const tame: ReadonlySet<FunctionName> = new Set<FunctionName>([
  ...(["abs", "sign", "sin", "cos", "atan", "tanh", "sigmoid", "softplus", "relu", "erf", "gelu"] as const),
  ...(["square", "min", "max", "floor", "ceil", "round"] as const),
]);

export function mayBlowUp(e: Expression): boolean {
  let found = false;
  walk(e, {
    expression: (part) => {
      if (part.kind === "call") found ||= !tame.has(part.name);
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
