/** Factors that a branch makes exactly 0: a product with one is 0, whatever the slopes of the others. */
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { primitives } from "../primitives/index.js";

/** Whether a branch makes a tensor 0 at some points. */
export type Vanishes = (tensor: string) => boolean;
const never: Vanishes = () => false;

/** Under which condition no branch makes the formula 0; undefined where none does. */
export function whereNotZero(e: Expression, vanishes = never): Condition | undefined {
  if (e.kind === "read") return vanishes(e.tensor) ? build.compare("!=", e, build.zero) : undefined;
  if (e.kind === "raise") {
    const isPositive = e.exponent.kind === "constant" && build.valueOf(e.exponent) > 0;
    return isPositive ? whereNotZero(e.base, vanishes) : undefined;
  }
  if (e.kind !== "call") return undefined;
  const [u = build.zero, v = build.zero] = e.arguments;
  if (e.name === "relu") return build.compare("<", build.zero, u);
  const { decision } = primitives[e.name];
  if (decision?.by !== "order") return undefined;
  // max(u, 0) is u where u > 0; of max(0, u) a tie is u
  const isLess = decision.first === "less";
  if (build.isConstant(v, 0)) return build.compare("<", ...inOrder(build.zero, u, isLess));
  return build.isConstant(u, 0) ? build.compare("<=", ...inOrder(build.zero, v, isLess)) : undefined;
}
const inOrder = (a: Expression, b: Expression, isReversed: boolean): readonly [Expression, Expression] =>
  isReversed ? [b, a] : [a, b];

/** Where none of the factors but one is 0 by a branch. */
export const whereOthersAreNotZero = (
  factors: readonly Expression[],
  one: Expression,
  vanishes = never,
): Condition => build.and(...factors.flatMap((f) => (f === one ? [] : (whereNotZero(f, vanishes) ?? []))));
