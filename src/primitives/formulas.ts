/** What records are written with. */
import { add, call, divide, multiply, one, raise, rational, subtract } from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";

/** The arguments in formulas of their own. */
export const [u, v] = ["u", "v"].map((name): Expression => ({ kind: "parameter", name })) as [
  Expression,
  Expression,
];
export const two = rational(2);
export const pi: Expression = { kind: "named", name: "pi" };
export const square = (e: Expression): Expression => raise(e, two);
export const oneOver = (e: Expression): Expression => divide(one, e);
/** √(1 - u²), exact where u is nearly 1. */
export const cathetus = (u: Expression): Expression =>
  call("sqrt", [multiply(subtract(one, u), add(one, u))]);
