/** Sizes for which some conditions hold, found by steps from small ones: what a condition asks is nearly linear in each size. */
import type { Condition } from "../notation/expression.js";
import type { Int } from "../notation/integer.js";
import { evaluateCondition, evaluateInt, type Environment } from "../ranges/evaluate.js";
import type { Sizes } from "./trial.js";

export interface Search {
  /** The sizes that may be changed. */
  readonly names: readonly string[];
  /** Where to begin. */
  readonly bases: readonly Sizes[];
  readonly environment: (sizes: Sizes) => Environment;
  readonly isLegal: (sizes: Sizes) => boolean;
  readonly cost: (sizes: Sizes) => number;
  /** What they may cost. */
  readonly most: number;
}

/** Steps from one base at most. */
const steps = 12;

/** The first sizes found that fulfil all conditions, made as small as these allow; undefined where none were found. */
export function nearSizes(goal: readonly Condition[], search: Search): Sizes | undefined {
  for (const base of search.bases) {
    const found = from(base, goal, search);
    const small = found && (search.cost(found) <= search.most ? found : shrunk(found, goal, search));
    if (small && search.cost(small) <= search.most) return small;
  }
  return undefined;
}

function from(base: Sizes, goal: readonly Condition[], search: Search): Sizes | undefined {
  const { names, environment, isLegal } = search;
  /** What is `most` or more is not found out further. */
  const distance = (sizes: Sizes, most: number): number => {
    const env = environment(sizes);
    let sum = 0;
    for (const c of goal) if (sum < most) sum += missing(c, env);
    return sum;
  };
  let at = base;
  let left = distance(at, Infinity);
  for (let step = 0; step < steps && left > 0; step++) {
    const nearer: { readonly sizes: Sizes; readonly rest: number }[] = [];
    for (const name of names)
      for (const value of candidates(name, at, goal, environment)) {
        const sizes = { ...at, [name]: value };
        const rest = distance(sizes, left);
        if (rest < left) nearer.push({ sizes, rest });
      }
    // of what serves as well the smaller: eight columns, not a plane that is too large
    const order = nearer.sort((a, b) => a.rest - b.rest || total(a.sizes) - total(b.sizes));
    const best = order.find(({ sizes }) => isLegal(sizes));
    if (!best) return undefined;
    [at, left] = [best.sizes, best.rest];
  }
  return left === 0 ? at : undefined;
}

const total = (sizes: Sizes): number => Object.values(sizes).reduce((sum, size) => sum + size, 0);

/** Values of one size at which something that is missing would come out, if it is linear in the size; and small ones. */
function candidates(
  name: string,
  at: Sizes,
  goal: readonly Condition[],
  environment: Search["environment"],
): ReadonlySet<number> {
  const now = at[name] ?? 1;
  const values = new Set<number>([1, 2, now - 1, now + 1]);
  const environments = new Map<number, Environment>();
  const valueAt = (value: Int, size: number): number => {
    const env = environments.get(size) ?? environment({ ...at, [name]: size });
    environments.set(size, env);
    return evaluateInt(value, env);
  };
  const here = environment(at);
  for (const condition of goal) {
    if (evaluateCondition(condition, here) === true) continue;
    for (const value of valuesIn(condition)) {
      let size = now;
      // a second step corrects what rounding to whole pieces did to the first
      for (let turn = 0; turn < 2; turn++) {
        const v = valueAt(value, size);
        const reach = reaches.find((r) => valueAt(value, size + r) !== v);
        if (reach === undefined) break;
        const next = size - (v * reach) / (valueAt(value, size + reach) - v);
        if (!Number.isFinite(next) || next < 1 || next > 1e7) break;
        for (const rounded of [Math.floor(next), Math.ceil(next), Math.floor(next) - 1, Math.ceil(next) + 1])
          values.add(rounded);
        size = Math.round(next);
      }
    }
  }
  values.delete(now);
  return new Set([...values].filter((value) => value >= 1));
}
/** Over how many points a slope is measured: over more where so many are one piece, whose number does not change within it. */
const reaches = [8, 2 ** 10, 2 ** 16];

function valuesIn(c: Condition): readonly Int[] {
  if (c.kind === "nonnegative" || c.kind === "zero") return [c.value];
  if (c.kind === "not") return valuesIn(c.part);
  return c.kind === "and" || c.kind === "or" ? c.parts.flatMap(valuesIn) : [];
}

/** How far a condition is from holding: 0 where it does. */
function missing(c: Condition, env: Environment, holds = true): number {
  switch (c.kind) {
    case "nonnegative": {
      const value = evaluateInt(c.value, env);
      const off = Math.max(0, holds ? -value : value + 1);
      return Number.isNaN(off) ? Infinity : off;
    }
    case "zero": {
      const value = Math.abs(evaluateInt(c.value, env));
      if (Number.isNaN(value)) return Infinity;
      return holds ? value : value === 0 ? 1 : 0;
    }
    case "and":
    case "or": {
      const parts = c.parts.map((p) => missing(p, env, holds));
      return (c.kind === "and") === holds ? parts.reduce((a, b) => a + b, 0) : Math.min(...parts);
    }
    case "not":
      return missing(c.part, env, !holds);
    case "all":
    case "any":
    case "compare":
    case "truth":
      return evaluateCondition(c, env) === holds ? 0 : Infinity;
  }
}

/** The same with sizes as small as it takes to be cheap enough: a size of 1 shows least, and comes last. */
function shrunk(
  found: Sizes,
  goal: readonly Condition[],
  { names, environment, isLegal, cost, most }: Search,
): Sizes {
  let best = found;
  const holds = (sizes: Sizes): boolean => {
    const env = environment(sizes);
    return goal.every((c) => evaluateCondition(c, env) === true) && isLegal(sizes);
  };
  let dear = cost(best);
  for (const least of [2, 1])
    for (const name of names)
      for (const value of [least, Math.ceil((best[name] ?? 1) / 2)]) {
        if (dear <= most || value < least || value >= (best[name] ?? 1)) continue;
        const smaller = { ...best, [name]: value };
        const cheaper = cost(smaller);
        if (cheaper < dear && holds(smaller)) [best, dear] = [smaller, cheaper];
      }
  return best;
}
