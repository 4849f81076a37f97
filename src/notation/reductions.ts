/** What holds of each reduction. */
import type { ReductionName } from "./expression.js";

/**
 * The identity element: what a point may contribute without effect, so that a condition on indices may move between the
 * body and the guard. A mean has none, as it counts its points; neither has a position.
 */
export const identityElements: Readonly<Record<ReductionName, number | undefined>> = {
  sum: 0,
  prod: 1,
  max: -Infinity,
  min: Infinity,
  mean: undefined,
  count: undefined,
  argmax: undefined,
  argmin: undefined,
};
/** What stands in a formula at a point that is left out: of a position, what is never the largest or smallest. */
export const leftOut: Readonly<Record<ReductionName, number>> = {
  sum: 0,
  prod: 1,
  max: -Infinity,
  min: Infinity,
  mean: 0,
  count: 0,
  argmax: -Infinity,
  argmin: Infinity,
};
