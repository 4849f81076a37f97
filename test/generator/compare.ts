/** Whether a computed tensor is the expected one, to the accuracy of its type. */
import type { Expected, Kind } from "./trial.js";

export type By = "f64" | "f32";
/** Relative to the greatest value, beside what rounding was seen to do. */
const accuracy = { f64: 1e-10, f32: 1e-4 };
const rounding = { f64: 256, f32: 64 };

export interface Difference {
  readonly element: readonly number[];
  readonly got: number;
  readonly expected: number;
}
/** The first element that is off. */
export function difference(
  got: ArrayLike<number> | undefined,
  { values, shape, scale, ...spreads }: Expected,
  by: By,
  kind: Kind,
): Difference | undefined {
  if (got?.length !== values.length) return { element: [], got: got?.length ?? NaN, expected: values.length };
  for (const [i, expected] of values.entries()) {
    const value = got[i] ?? NaN;
    if (Object.is(value, expected) || value === expected) continue;
    const spread = spreads[by][i] ?? NaN;
    // infinite by the formula, not by overflow
    const infinite = Math.abs(expected) === Infinity && spread === 0 && kind !== "wide";
    if (!Number.isFinite(expected) && !infinite) continue;
    const allowed = accuracy[by] * (Math.abs(expected) + scale) + rounding[by] * spread + 1e-30;
    // where rounding decides between values nothing is expected
    if (Number.isNaN(spread) || spread > 0.01 * (Math.abs(expected) + scale)) continue;
    if (infinite || !(Math.abs(value - expected) <= allowed))
      return { element: subscripts(i, shape), got: value, expected };
  }
  return undefined;
}
function subscripts(at: number, shape: readonly number[]): readonly number[] {
  const found: number[] = [];
  let rest = at;
  for (const extent of [...shape].reverse()) {
    found.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return found;
}
