/** Indices that depend on each other: `h = p*stride - pad + r` gives h, p and r. */
import { attempt } from "../document/unreadable.js";
import type { Scope } from "./scope.js";
import type { Term } from "../terms/term.js";
import { inView } from "./context.js";
import { integer } from "./integers.js";
import type { Formula } from "../latex/formula.js";
import { indexName } from "./names.js";
import { minus, over, plus, times } from "../terms/make.js";

/** An index by what the document says of how indices depend on each other: `h = p*stride - pad + r` gives h, p and r. */
export function solve(index: string, scope: Scope): Term | undefined {
  if (scope.solving?.has(index)) return undefined;
  const { context, mapsBefore } = scope;
  const inner: Scope = { ...scope, solving: new Set([...(scope.solving ?? []), index]) };
  for (const map of inView(context.maps, mapsBefore)) {
    const found =
      attempt(() => solveOne(map.left, map.right, index, inner)) ??
      attempt(() => solveOne(map.right, map.left, index, inner));
    if (found) return found;
  }
  return undefined;
}

/** Unwraps the side that holds the index until it stands alone. */
function solveOne(side: Formula, other: Formula, index: string, scope: Scope): Term | undefined {
  if (!holds(side, index)) return undefined;
  let value = integer(other, scope);
  let rest = side;
  for (;;) {
    if (indexName(rest) === index) return value;
    if (rest.kind === "sum") {
      const left = holds(rest.left, index);
      if (left === holds(rest.right, index)) return undefined;
      const known = integer(left ? rest.right : rest.left, scope);
      value = left
        ? rest.sign === "+"
          ? minus(value, known)
          : plus(value, known)
        : rest.sign === "+"
          ? minus(value, known)
          : minus(known, value);
      rest = left ? rest.left : rest.right;
    } else if (rest.kind === "product") {
      const left = holds(rest.left, index);
      if (left === holds(rest.right, index)) return undefined;
      value = over(value, integer(left ? rest.right : rest.left, scope));
      rest = left ? rest.left : rest.right;
    } else if (rest.kind === "quotient" && holds(rest.left, index) && !holds(rest.right, index)) {
      value = times(value, integer(rest.right, scope));
      rest = rest.left;
    } else return undefined;
  }
}

function holds(formula: Formula, index: string): boolean {
  if (indexName(formula) === index) return true;
  switch (formula.kind) {
    case "sum":
    case "product":
    case "quotient":
      return holds(formula.left, index) || holds(formula.right, index);
    case "negative":
      return holds(formula.of, index);
    case "application":
    case "cases":
    case "ceil":
    case "comparison":
    case "differential":
    case "either":
    case "element":
    case "floor":
    case "inner":
    case "number":
    case "partial":
    case "power":
    case "reduction":
    case "root":
    case "slice":
    case "symbol":
    case "text":
    case "tuple":
      return false;
  }
}
