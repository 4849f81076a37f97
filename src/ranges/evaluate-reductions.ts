/** Reductions over sizes and params in numbers: what constants and `require` lines may hold. */
import type { Condition, Quantified, Reduction, ReductionName } from "../notation/expression.js";
import { evaluateCondition, evaluateInt, evaluateReal, type Environment } from "./evaluate.js";

/** Undefined where the body reads tensors. */
export function evaluateReduction(e: Reduction, env: Environment): number | undefined {
  let [value, points] = [startOf(e.name), 0];
  let best: readonly number[] | undefined;
  const widths = e.binders.map(() => 0);
  const known = eachPoint(e, env, widths, (point) => {
    const term = evaluateReal(e.body, point);
    if (term === undefined) return false;
    points++;
    switch (e.name) {
      case "sum":
      case "mean":
      case "count":
        value += term;
        return true;
      case "prod":
        value *= term;
        return true;
      case "max":
        value = Math.max(value, term);
        return true;
      case "min":
        value = Math.min(value, term);
        return true;
      case "argmax":
      case "argmin":
        if (best && !(e.name === "argmax" ? term > value : term < value)) return true;
        value = term;
        best = e.binders.map((b) => point.get(b.name) ?? NaN);
        return true;
    }
  });
  if (!known) return undefined;
  if (e.name === "mean") return points === 0 ? 0 : value / points;
  if (e.name !== "argmax" && e.name !== "argmin") return value;
  return best ? best.reduce((position, index, i) => position * (widths[i] ?? 0) + index, 0) : -1;
}
const startOf = (name: ReductionName): number =>
  name === "prod"
    ? 1
    : name === "max" || name === "argmax"
      ? -Infinity
      : name === "min" || name === "argmin"
        ? Infinity
        : 0;

export function evaluateQuantified(c: Quantified, env: Environment): boolean | undefined {
  const deciding = c.kind === "any";
  let result: boolean | undefined = !deciding;
  const known = eachPoint(c, env, [], (point) => {
    const holds = evaluateCondition(c.body, point);
    if (holds === deciding) result = deciding;
    else if (holds === undefined && result !== deciding) result = undefined;
    return result !== deciding;
  });
  return known || result === deciding ? result : undefined;
}

/**
 * Visits the points of the box at which the guard holds, in order, until `visit` says false or the guard reads tensors: then
 * it is false. `widths` become the greatest ends of the binders.
 */
function eachPoint(
  { binders, guard }: { readonly binders: Reduction["binders"]; readonly guard: Condition },
  env: Environment,
  widths: number[],
  visit: (point: Environment) => boolean,
): boolean {
  const point = new Map(env);
  const walk = (depth: number): boolean => {
    const binder = binders[depth];
    if (!binder) {
      const taken = evaluateCondition(guard, point);
      return taken === undefined ? false : !taken || visit(point);
    }
    const [from, to] = [evaluateInt(binder.lower, point), evaluateInt(binder.upper, point)];
    widths[depth] = Math.max(widths[depth] ?? 0, to);
    for (let i = from; i < to; i++) {
      point.set(binder.name, i);
      if (!walk(depth + 1)) return false;
    }
    return true;
  };
  return walk(0);
}
