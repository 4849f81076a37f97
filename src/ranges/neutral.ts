/** Conditions on indices moved from a reduction's body into its guard: Σ where(c, a, 0) = Σ over c of a. */
import {
  and,
  conjuncts,
  isConstant,
  multiply,
  not,
  raise,
  select,
  truth,
  valueOf,
} from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { isStatic } from "./accesses.js";

/** body = where(condition, value, neutral), with as much in the condition as is static. */
export interface Split {
  readonly condition: Condition;
  readonly value: Expression;
}

/**
 * Splits the static conditions off a body that is neutral where they do not hold. Under a sum also through
 * products: `where(c, a, 0)*b` has the condition `c`.
 */
export function splitNeutral(body: Expression, neutral: number): Split {
  const whole: Split = { condition: truth, value: body };
  switch (body.kind) {
    case "select": {
      const { condition, whenTrue, whenFalse } = body;
      if (isConstant(whenFalse, neutral)) {
        const parts = conjuncts(condition);
        const [fixed, rest] = [parts.filter(isStatic), parts.filter((p) => !isStatic(p))];
        if (fixed.length === 0) return whole;
        if (rest.length > 0)
          return { condition: and(...fixed), value: select(and(...rest), whenTrue, whenFalse) };
        const inner = splitNeutral(whenTrue, neutral);
        return { condition: and(...fixed, inner.condition), value: inner.value };
      }
      if (isConstant(whenTrue, neutral) && isStatic(condition)) {
        const inner = splitNeutral(whenFalse, neutral);
        return { condition: and(not(condition), inner.condition), value: inner.value };
      }
      return whole;
    }
    case "multiply": {
      if (neutral !== 0) return whole;
      const factors = body.factors.map((f) => splitNeutral(f, 0));
      const condition = and(...factors.map((f) => f.condition));
      if (condition.kind === "truth") return whole;
      return { condition, value: multiply(...factors.map((f) => f.value)) };
    }
    case "raise": {
      if (neutral !== 0 || body.exponent.kind !== "constant" || valueOf(body.exponent) <= 0) return whole;
      const base = splitNeutral(body.base, 0);
      if (base.condition.kind === "truth") return whole;
      return { condition: base.condition, value: raise(base.value, body.exponent) };
    }
    case "add":
    case "call":
    case "constant":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "read":
    case "reduction":
    case "stop":
      return whole;
  }
}
