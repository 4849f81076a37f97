/** Conditions as text that parses back to the same condition. */
import { and, not, or } from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { printBinders, printIn, type PrintContext } from "./print-expressions.js";
import { Level, parenthesise, printInt } from "./print-integers.js";

export function printConditionIn(c: Condition, context: PrintContext, needed: Level = Level.or): string {
  switch (c.kind) {
    case "truth":
      return String(c.value);
    case "nonnegative":
      return parenthesise(printInequality(c.value, context), Level.compare, needed);
    case "zero":
      return parenthesise(printEquality(c.value, "==", context), Level.compare, needed);
    case "compare": {
      const [left, right] = [printIn(c.left, context, Level.sum), printIn(c.right, context, Level.sum)];
      // x > 0 reads better than 0 < x
      const turned = c.left.kind === "constant" && c.right.kind !== "constant" && c.operator.startsWith("<");
      const text = turned
        ? `${right} ${c.operator.replace("<", ">")} ${left}`
        : `${left} ${c.operator} ${right}`;
      return parenthesise(text, Level.compare, needed);
    }
    case "and":
    case "or": {
      const level = Level[c.kind];
      const parts = c.parts.map((p) =>
        printConditionIn(p, context, c.kind === "and" ? Level.compare : Level.and),
      );
      return parenthesise(parts.join(` ${c.kind} `), level, needed);
    }
    case "not":
      if (c.part.kind === "zero")
        return parenthesise(printEquality(c.part.value, "!=", context), Level.compare, needed);
      return `not(${printConditionIn(c.part, context)})`;
    case "any":
    case "all": {
      const inner = { ...context, order: [...context.order, ...c.binders.map((b) => b.name)] };
      const body = c.kind === "any" ? and(c.guard, c.body) : or(not(c.guard), c.body);
      return `${c.kind}[${printBinders(c.binders, c, context)}](${printConditionIn(body, inner)})`;
    }
  }
}

/** value >= 0 with its negative terms moved to the left: `j <= i`, `p < P`, `0 <= h + pad - r`. */
function printInequality(value: Int, { order }: PrintContext): string {
  const { above, below, constant } = sides(value);
  const side = (monomials: typeof above, c: number): string =>
    printInt(integer.plus({ kind: "int", monomials }, integer.constant(c)), order);
  // One index against a range reads best with the range's end alone on its side.
  if (below.length === 0) return `${-constant + 0} <= ${side(above, 0)}`;
  if (constant === 0) return `${side(below, 0)} <= ${side(above, 0)}`;
  if (above.length === 0) return `${side(below, 0)} <= ${constant}`;
  if (constant < 0) return `${side(below, -constant - 1)} < ${side(above, 0)}`;
  return `${side(below, 0)} <= ${side(above, constant)}`;
}

function printEquality(value: Int, operator: "==" | "!=", { order }: PrintContext): string {
  const { above, below, constant } = sides(value);
  const side = (monomials: typeof above, c: number): string =>
    printInt(integer.plus({ kind: "int", monomials }, integer.constant(c)), order);
  if (above.length === 0) return `${side(below, 0)} ${operator} ${constant}`;
  if (below.length === 0) return `${side(above, 0)} ${operator} ${-constant + 0}`;
  return constant < 0
    ? `${side(above, 0)} ${operator} ${side(below, -constant)}`
    : `${side(above, constant)} ${operator} ${side(below, 0)}`;
}

/** The terms on the two sides of a comparison with 0, and the constant. */
export function sides(value: Int) {
  const terms = value.monomials.filter((m) => m.factors.length > 0);
  return {
    above: terms.filter((m) => m.coefficient > 0),
    below: terms.filter((m) => m.coefficient < 0).map((m) => ({ ...m, coefficient: -m.coefficient })),
    constant: value.monomials.find((m) => m.factors.length === 0)?.coefficient ?? 0,
  };
}
