/** Bodies of statements that define integer tensors. */
import { intOf } from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import { callOfWhere, conditionValue } from "./expressions.js";
import { intValue, read } from "./integers.js";
import type { Context } from "./context.js";
import { positionValue, tensorCondition } from "./reductions.js";
import { madeOf, tensor, unionOf, type Value } from "./value.js";
import { productOf, sumOf } from "../code/term.js";

export function integerValue(e: Expression, context: Context): Value {
  const whole = intOf(e);
  if (whole) return intValue(whole, context);
  const parts = (all: readonly Expression[]): readonly Value[] =>
    all.map((part) => integerValue(part, context));
  switch (e.kind) {
    case "read":
      return read(e.tensor, e.subscripts, context);
    case "add": {
      const terms = parts(e.terms);
      return madeOf(terms, sumOf(terms.map(({ term }) => ({ negative: false, term }))));
    }
    case "multiply": {
      const factors = parts(e.factors);
      return madeOf(factors, productOf(factors.map(({ term }) => term)));
    }
    case "select": {
      const test = tensorCondition(conditionValue(e.condition, context), context);
      const [yes, no] = parts([e.whenTrue, e.whenFalse]) as [Value, Value];
      const first = tensorCondition(yes, context);
      return tensor(callOfWhere(test.term, first.term, no.term), unionOf([test, yes, no]));
    }
    case "reduction":
      if (e.name === "argmax" || e.name === "argmin") return positionValue(e, context);
      break;
    case "call":
    case "constant":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "stop":
  }
  throw new Error(`${e.kind} is no integer`);
}
