/** Derivatives of functions of one number. */
import { call, minus, negative, num, over, power, times, where, zero } from "./make.js";
import type { Term } from "./term.js";

/** f′(u) */
export function slope(fn: string, u: Term): Term | undefined {
  switch (fn) {
    case "exp":
      return call("exp", u);
    case "log":
      return over(num(1), u);
    case "sqrt":
      return over(num(1), times(num(2), call("sqrt", u)));
    case "tanh":
      return minus(num(1), power(call("tanh", u), num(2)));
    case "sigmoid":
      return times(call("sigmoid", u), minus(num(1), call("sigmoid", u)));
    case "sin":
      return call("cos", u);
    case "cos":
      return negative(call("sin", u));
    case "relu":
      return where([{ op: ">", left: u, right: zero }], num(1));
    default:
      return undefined;
  }
}
