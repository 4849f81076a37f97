/** What a clamp says of a rounded real: `min(max(floor(v), 0), W - 1)` lies in 0..W-1 whatever v is. */
import type { Expression } from "../notation/expression.js";
import { intOf, ofInt } from "../notation/construct.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { rewrite } from "../notation/traverse.js";
import { extreme } from "./extremes.js";
import { positiveIn } from "./facts.js";
import type { Facts, Range } from "./prove.js";

/** The range of an integer formula of reals, free of indices; an end is left out where none is known. */
export function roundedRange(e: Expression, facts: Facts): Range {
  const whole = intOf(withElements(e, facts));
  if (whole) return rangeOf(whole, facts);
  const ranges = (parts: readonly Expression[]): readonly Range[] => parts.map((p) => roundedRange(p, facts));
  switch (e.kind) {
    case "add":
      return ranges(e.terms).reduce((a, b) => ({
        lower: both(a.lower, b.lower, integer.plus),
        upper: both(a.upper, b.upper, integer.plus),
      }));
    case "select":
      return either(ranges([e.whenTrue, e.whenFalse]));
    case "call": {
      const [a = {}, b = {}] = ranges(e.arguments);
      switch (e.name) {
        case "min":
          return { lower: both(a.lower, b.lower, least), upper: bothOrOne(a.upper, b.upper, least) };
        case "max":
          return { lower: bothOrOne(a.lower, b.lower, greatest), upper: both(a.upper, b.upper, greatest) };
        case "mod": {
          // a remainder of a divisor that is at least 1
          const divisor = b.lower && b.upper && integer.equal(b.lower, b.upper) ? b.upper : undefined;
          return divisor && positiveIn(facts)(divisor)
            ? { lower: integer.zero, upper: integer.minus(divisor, integer.one) }
            : {};
        }
        case "floor":
        case "ceil":
        case "round":
          // an integer is rounded to itself
          return a;
        case "abs":
        case "acos":
        case "asin":
        case "atan":
        case "atan2":
        case "cos":
        case "cosh":
        case "erf":
        case "exp":
        case "expm1":
        case "gelu":
        case "log":
        case "log1p":
        case "relu":
        case "sigmoid":
        case "sign":
        case "sin":
        case "sinh":
        case "softplus":
        case "sqrt":
        case "square":
        case "tan":
        case "tanh":
          return {};
      }
    }
    case "constant":
    case "integer":
    case "multiply":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "read":
    case "reduction":
    case "stop":
      return {};
  }
}
/** What is read of integer tensors as integers. */
const withElements = (e: Expression, { elements }: Facts): Expression =>
  rewrite(e, (part) =>
    part.kind === "read" && elements.has(part.tensor)
      ? ofInt(integer.element(part.tensor, part.subscripts))
      : part,
  );
const least = (a: Int, b: Int): Int => integer.extremum("min", a, b);
const greatest = (a: Int, b: Int): Int => integer.extremum("max", a, b);
const both = (a: Int | undefined, b: Int | undefined, join: (a: Int, b: Int) => Int): Int | undefined =>
  a && b && join(a, b);
const bothOrOne = (a: Int | undefined, b: Int | undefined, join: (a: Int, b: Int) => Int): Int | undefined =>
  both(a, b, join) ?? a ?? b;
const either = ([a = {}, b = {}]: readonly Range[]): Range => ({
  lower: both(a.lower, b.lower, least),
  upper: both(a.upper, b.upper, greatest),
});
const rangeOf = (value: Int, facts: Facts): Range => ({
  lower: extreme(facts, value, "least"),
  upper: extreme(facts, value, "greatest"),
});
