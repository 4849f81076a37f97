/**
 * The table of derivatives of the pointwise functions: for f(u, v), what the cotangent is multiplied by, one
 * entry an argument. Functions that have a short derivative in their own value y give that too.
 */
import * as build from "../notation/construct.js";
import type { Expression, FunctionName } from "../notation/expression.js";

const { add, call, compare, divide, multiply, negate, one, raise, rational, select, subtract, zero } = build;
const two = rational(2);
const square = (e: Expression): Expression => raise(e, two);
const oneOver = (e: Expression): Expression => raise(e, rational(-1));
const f = (name: FunctionName, ...args: Expression[]): Expression => call(name, args);
const when = (condition: Parameters<typeof select>[0], value: Expression = one): Expression =>
  select(condition, value, zero);

interface Derivative {
  /** ∂f/∂u_i from the arguments. */
  readonly partials: (u: Expression, v: Expression) => readonly Expression[];
  /** f' from the value y = f(u), where that is shorter. */
  readonly fromValue?: (y: Expression) => Expression;
}

export const derivatives: Readonly<Record<FunctionName, Derivative>> = {
  // (e^u)' = e^u
  exp: { partials: (u) => [f("exp", u)], fromValue: (y) => y },
  // (ln u)' = 1/u
  log: { partials: (u) => [oneOver(u)] },
  // ln(1 + u)' = 1/(1 + u)
  log1p: { partials: (u) => [oneOver(add(one, u))] },
  // (e^u - 1)' = e^u
  expm1: { partials: (u) => [f("exp", u)], fromValue: (y) => add(y, one) },
  // (√u)' = 1/(2√u)
  sqrt: {
    partials: (u) => [divide(rational(1, 2), f("sqrt", u))],
    fromValue: (y) => divide(rational(1, 2), y),
  },
  // |u|' = sign u
  abs: { partials: (u) => [f("sign", u)] },
  sign: { partials: () => [zero] },
  sin: { partials: (u) => [f("cos", u)] },
  cos: { partials: (u) => [negate(f("sin", u))] },
  // tan' = 1 + tan²
  tan: { partials: (u) => [add(one, square(f("tan", u)))], fromValue: (y) => add(one, square(y)) },
  // tanh' = 1 - tanh²
  tanh: {
    partials: (u) => [subtract(one, square(f("tanh", u)))],
    fromValue: (y) => subtract(one, square(y)),
  },
  sinh: { partials: (u) => [f("cosh", u)] },
  cosh: { partials: (u) => [f("sinh", u)] },
  // asin' = 1/√(1 - u²)
  asin: { partials: (u) => [oneOver(f("sqrt", subtract(one, square(u))))] },
  acos: { partials: (u) => [negate(oneOver(f("sqrt", subtract(one, square(u)))))] },
  // atan' = 1/(1 + u²)
  atan: { partials: (u) => [oneOver(add(one, square(u)))] },
  // atan2(u, v): ∂u = v/(u² + v²), ∂v = -u/(u² + v²)
  atan2: {
    partials: (u, v) => {
      const norm = add(square(u), square(v));
      return [divide(v, norm), negate(divide(u, norm))];
    },
  },
  // σ' = σ(1 - σ)
  sigmoid: {
    partials: (u) => [multiply(f("sigmoid", u), subtract(one, f("sigmoid", u)))],
    fromValue: (y) => multiply(y, subtract(one, y)),
  },
  // softplus' = σ
  softplus: { partials: (u) => [f("sigmoid", u)] },
  // relu' = [u > 0]
  relu: { partials: (u) => [when(compare("<", zero, u))], fromValue: (y) => when(compare("<", zero, y)) },
  // erf' = 2/√π · e^(-u²)
  erf: { partials: (u) => [multiply(twoOverRootPi, f("exp", negate(square(u))))] },
  // gelu = u·Φ(u): gelu' = Φ(u) + u·φ(u), Φ(u) = (1 + erf(u/√2))/2, φ(u) = e^(-u²/2)/√(2π)
  gelu: {
    partials: (u) => [
      add(
        multiply(rational(1, 2), add(one, f("erf", divide(u, f("sqrt", two))))),
        divide(multiply(u, f("exp", multiply(rational(-1, 2), square(u)))), f("sqrt", multiply(two, pi))),
      ),
    ],
  },
  square: { partials: (u) => [multiply(two, u)] },
  // max(u, v) is u where u > v, else v
  max: {
    partials: (u, v) => [when(compare("<", v, u)), select(compare("<", v, u), zero, one)],
  },
  // min(u, v) is u where u < v, else v
  min: {
    partials: (u, v) => [when(compare("<", u, v)), select(compare("<", u, v), zero, one)],
  },
  // mod(u, v) = u - v·⌊u/v⌋: ∂u = 1, ∂v = -⌊u/v⌋
  mod: { partials: (u, v) => [one, negate(f("floor", divide(u, v)))] },
  floor: { partials: () => [zero] },
  ceil: { partials: () => [zero] },
  round: { partials: () => [zero] },
};
const pi: Expression = { kind: "named", name: "pi" };
const twoOverRootPi = divide(two, f("sqrt", pi));
