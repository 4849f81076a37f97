/** Cases and indicators: conditions on indices. */
import type { Formula } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { elementwise, scalar, type Value } from "../terms/value.js";
import { meanings } from "./meaning.js";
import { Unreadable } from "../document/unreadable.js";
import { pairs } from "./pairs.js";
import { where, zero } from "../terms/make.js";
import type { Comparison, Term } from "../terms/term.js";
import { integer } from "../context/integers.js";

export function casesOf(formula: Formula & { kind: "cases" }, scope: Scope): readonly Value[] {
  return formula.rows.reduceRight<readonly Value[]>(
    (otherwise, [value, condition]) => {
      const yes = meanings(value, scope);
      if (!condition) return yes;
      if (condition.kind !== "comparison") throw new Unreadable("this is no condition", condition.at);
      const conditions = conditionsOf(condition, scope);
      return pairs(
        yes,
        otherwise,
        (a, b) => [elementwise(a, b, (x, y) => where(conditions, x, y))],
        formula.at,
        "cannot be chosen between",
      );
    },
    [scalar(zero)],
  );
}
const comparisons: Readonly<Record<string, Comparison["op"]>> = {
  "=": "==",
  "≠": "!=",
  "<": "<",
  ">": ">",
  "≤": "<=",
  "≥": ">=",
};

/** `a ≤ i < b`, `(i, j) ∈ [a, b] × [c, d]` */
export function conditionsOf(formula: Formula & { kind: "comparison" }, scope: Scope): readonly Comparison[] {
  return formula.relations.flatMap((relation, k): readonly Comparison[] => {
    const left = formula.terms[k]!;
    const right = formula.terms[k + 1]!;
    if (relation === "∈") return membership(left, right, scope);
    const op = comparisons[relation];
    if (!op) throw new Unreadable(`${relation} is no condition`, formula.at);
    return [{ op, left: integer(left, scope), right: integer(right, scope) }];
  });
}

function membership(left: Formula, right: Formula, scope: Scope): readonly Comparison[] {
  if (left.kind === "tuple" && right.kind === "product" && right.sign === "×" && left.entries.length === 2)
    return [
      ...membership(left.entries[0]!, right.left, scope),
      ...membership(left.entries[1]!, right.right, scope),
    ];
  if (right.kind !== "tuple" || right.entries.length !== 2 || right.open !== "[")
    throw new Unreadable("this is no interval", right.at);
  const value = integer(left, scope);
  const [low, high] = right.entries.map((entry) => integer(entry, scope));
  return [...atLeast(value, low!), ...atMost(value, high!)];
}

/** `max(0, a) ≤ v`: both. The language has no max of indices in conditions. */
const atLeast = (value: Term, low: Term): readonly Comparison[] =>
  low.kind === "call" && low.name === "max"
    ? low.arguments.flatMap((a) => atLeast(value, a))
    : [{ op: "<=", left: low, right: value }];
const atMost = (value: Term, high: Term): readonly Comparison[] =>
  high.kind === "call" && high.name === "min"
    ? high.arguments.flatMap((a) => atMost(value, a))
    : [{ op: "<=", left: value, right: high }];
