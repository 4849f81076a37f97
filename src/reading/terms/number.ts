/** The value of a term of numbers alone. */
import type { Comparison, Term } from "./term.js";

const functions: Readonly<Record<string, (x: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  sin: Math.sin,
  cos: Math.cos,
  sinh: Math.sinh,
  cosh: Math.cosh,
  abs: Math.abs,
  relu: (x) => Math.max(x, 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.log1p(Math.exp(x)),
};

/** Undefined where it depends on anything else, or has no value here. */
export function valueAt(term: Term): number | undefined {
  switch (term.kind) {
    case "number":
      return term.value;
    case "operation": {
      const [a, b] = [valueAt(term.left), valueAt(term.right)];
      if (a === undefined || b === undefined) return undefined;
      return { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "^": a ** b }[term.op];
    }
    case "call": {
      const list = term.arguments.map(valueAt);
      const [x, y] = list;
      if (x === undefined || list.includes(undefined)) return undefined;
      if (term.name === "max" || term.name === "min")
        return y === undefined ? undefined : Math[term.name](x, y);
      return list.length === 1 ? functions[term.name]?.(x) : undefined;
    }
    case "where": {
      const holds = term.conditions.map(isTrue);
      if (holds.includes(undefined)) return undefined;
      return valueAt(holds.every((one) => one === true) ? term.yes : term.no);
    }
    case "name":
    case "read":
    case "gradient":
    case "reduce":
      return undefined;
  }
}
function isTrue({ op, left, right }: Comparison): boolean | undefined {
  const [a, b] = [valueAt(left), valueAt(right)];
  if (a === undefined || b === undefined) return undefined;
  return { "==": a === b, "!=": a !== b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b }[op];
}
