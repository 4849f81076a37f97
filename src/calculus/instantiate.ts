/** Formulas at given sizes and indices: sums written out, conditions decided, elements of tensors left as symbols. */
import { substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression, Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { mapChildren, mapConditionChildren } from "../notation/traverse.js";

/** Values of sizes, params and indices. */
export type Values = ReadonlyMap<string, Int>;
/** What an element of a tensor is written as; its subscripts are numbers unless they are data. */
export type ElementOf = (read: Read) => Expression;

/** How many points of sums were written out, and at most are. */
export interface Effort {
  points: number;
  readonly most: number;
}
export class TooLarge extends RangeError {}

export function instantiate(e: Expression, values: Values, elementOf: ElementOf, effort: Effort): Expression {
  const at = (part: Expression): Expression => instantiate(part, values, elementOf, effort);
  const int = (value: Int): Int => integer.substituteInt(value, values);
  switch (e.kind) {
    case "read":
      return elementOf({ ...e, subscripts: e.subscripts.map(int) });
    case "multiply": {
      // where a factor is zero the others need not be looked at
      const factors: Expression[] = [];
      for (const factor of e.factors) {
        const written = at(factor);
        if (build.isConstant(written, 0)) return build.zero;
        factors.push(written);
      }
      return build.multiply(...factors);
    }
    case "select": {
      const condition = decide(e.condition, values, elementOf, effort);
      if (condition.kind === "truth") return at(condition.value ? e.whenTrue : e.whenFalse);
      return build.select(condition, at(e.whenTrue), at(e.whenFalse));
    }
    case "reduction":
      return e.name === "sum" || e.name === "prod"
        ? writtenOut(e, values, elementOf, effort)
        : substitute(e, values); // a max or an argmax stays as it is
    case "add":
    case "call":
    case "constant":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "stop":
      return mapChildren(e, {
        expression: at,
        condition: (c) => decide(c, values, elementOf, effort),
        int,
      });
  }
}
function decide(c: Condition, values: Values, elementOf: ElementOf, effort: Effort): Condition {
  return mapConditionChildren(c, {
    expression: (part) => instantiate(part, values, elementOf, effort),
    condition: (part) => decide(part, values, elementOf, effort),
    int: (value) => integer.substituteInt(value, values),
  });
}

function writtenOut(e: Reduction, values: Values, elementOf: ElementOf, effort: Effort): Expression {
  const neutral = e.name === "sum" ? build.zero : build.one;
  const parts: Expression[] = [];
  eachPoint(e.binders, values, (point) => {
    effort.points++;
    if (effort.points > effort.most) throw new TooLarge("too many terms");
    const guard = decide(e.guard, point, elementOf, effort);
    if (guard.kind === "truth" && !guard.value) return;
    const body = instantiate(e.body, point, elementOf, effort);
    parts.push(build.select(guard, body, neutral));
  });
  return e.name === "sum" ? build.add(...parts) : build.multiply(...parts);
}

function eachPoint(binders: readonly Binder[], values: Values, visit: (point: Values) => void): void {
  const [first, ...rest] = binders;
  if (!first) return visit(values);
  const [low, high] = [first.lower, first.upper].map((v) =>
    integer.literal(integer.substituteInt(v, values)),
  );
  if (low === undefined || high === undefined) throw new Error(`${first.name} has no range in numbers`);
  for (let i = low; i < high; i++)
    eachPoint(rest, new Map([...values, [first.name, integer.constant(i)]]), visit);
}
