/**
 * Sizes at which the kernels of a program change course: every way to compute a step, the two sides of what decides
 * between them, and each extent that a kernel takes in pieces at one below, at and one above a piece. The other axes stay small.
 */
import * as build from "../notation/construct.js";
import { conjuncts, not } from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { namesInCondition } from "../notation/traverse.js";
import type { Edge } from "../kernels/program.js";
import type { Stated, StatedWay } from "../kernels/edges.js";
import { evaluateCondition } from "../ranges/evaluate.js";
import { legality, pointsOf } from "../ranges/sample.js";
import { resolveSizes } from "../ranges/sizes.js";
import type { Random } from "./random.js";
import { nearSizes } from "./near.js";
import { smallSizes } from "./sizes.js";
import type { Sizes } from "./trial.js";

/** What sizes are sought for: all of these hold. */
export type Goal = readonly Condition[];

/**
 * Points of the layer and its gradients that some edges are worth, and a kernel that would not run else: a triangle of 129 rows
 * forth and back, and the tiles of a GPU that is to be kept busy.
 */
const [budgetOfEdge, budgetOfWay] = [40_000, 2_000_000];
const starts = 5;
/** Points of the sizes with windows and params of their own that are drawn for each kernel, where so many do not take it anyway. */
const pointsOfDraw = 2000;

/** Few sizes, each at several edges at once; `known` are tried anyway. */
export function sizesAtEdges(
  { layer, gradientLayer }: { readonly layer: Layer; readonly gradientLayer: Layer },
  stated: Stated,
  known: readonly Sizes[],
  random: Random,
): readonly Sizes[] {
  const found: Sizes[] = [];
  const environments = known.map((sizes) => stated.environment(sizes));
  const isReached = (goal: Goal): boolean =>
    environments.some((env) => goal.every((c) => evaluateCondition(c, env) === true));
  const isLegal = legality(layer, Infinity);
  const bases = basesOf(layer, random);
  const cost = (sizes: Sizes): number => {
    const resolved = resolveSizes(layer, sizes);
    if (!resolved.ok) return Infinity;
    return pointsOf(layer, resolved.env) + pointsOf(gradientLayer, resolved.env);
  };
  const search = { names: layer.sizes, environment: stated.environment, isLegal, cost };
  const { series, rather } = seriesOf(stated, layer);
  for (const { goals, most } of series) {
    let left = goals.filter((goal) => !isReached(goal));
    while (left.length > 0) {
      const [first = [], ...others] = left;
      left = others;
      // what needs long axes is not near every base
      const own =
        most === budgetOfWay ? [...bases, ...basesOf(layer, random), ...basesOf(layer, random)] : bases;
      // from another base each time: edges matter under other strides and pads too
      let sizes: Sizes | undefined;
      for (const goal of [...(rather.get(first) ?? []), first])
        sizes ??= nearSizes(goal, { ...search, bases: rotated(own, found.length), most });
      if (!sizes) continue;
      // as many of the others as can be had at the same sizes
      let all = first;
      for (const other of others) {
        const more = nearSizes([...all, ...other], { ...search, bases: [sizes], most });
        if (more) [all, sizes] = [[...all, ...other], more];
      }
      found.push(sizes);
      environments.push(stated.environment(sizes));
      left = left.filter((goal) => !isReached(goal));
    }
  }
  let turn = 0;
  for (const { runs } of waysOf(stated)) {
    const takes = (sizes: Sizes): boolean =>
      runs.every((c) => evaluateCondition(c, stated.environment(sizes)) === true);
    let count = known.filter(takes).length;
    for (let draw = 0; draw < stated.draws && count < stated.draws; draw++) {
      // a window of one row, a batch of one: each size is 1 in turn, while the others are drawn
      const alone = layer.sizes[turn++ % layer.sizes.length];
      const drawn = smallSizes(layer, random, pointsOfDraw);
      const single = drawn && alone !== undefined ? { ...drawn, [alone]: 1 } : undefined;
      const base = single && isLegal(single) ? single : drawn;
      const sizes = base && nearSizes(runs, { ...search, bases: [base], most: budgetOfEdge });
      if (!sizes) continue;
      found.push(sizes);
      count++;
    }
  }
  return found;
}

const rotated = <T>(items: readonly T[], by: number): readonly T[] => {
  const start = items.length > 0 ? by % items.length : 0;
  return [...items.slice(start), ...items.slice(0, start)];
};

interface Series {
  readonly goals: readonly Goal[];
  /** The points that one of its sizes may have. */
  readonly most: number;
}

/**
 * The goals of all steps; those that are likely to go together, as they are the same of steps that are alike, in one series.
 * A kernel that runs at one size alone had rather have a rest in each of its pieces, else two of everything: `rather`.
 */
function seriesOf(
  stated: Stated,
  layer: Layer,
): { readonly series: readonly Series[]; readonly rather: ReadonlyMap<Goal, readonly Goal[]> } {
  const series = new Map<string, Goal[]>();
  const want = (key: string, goals: readonly Goal[]): void => {
    series.set(key, [...(series.get(key) ?? []), ...goals]);
  };
  const ways = waysOf(stated);
  for (const { runs, way, both, key } of ways) {
    for (const [r, round] of roundsOf(way.edges).entries())
      want(`${key}, round ${r}`, [[...runs, ...apart(round)], ...round.map((edge) => [...runs, edge])]);
    both.forEach((goal, s) => want(`${key}, side ${s % 2}`, [goal]));
  }
  const pairs = layer.sizes.map((name) => build.atMost(integer.constant(2), integer.variable(name)));
  const rather = new Map(
    ways.map(({ runs, way }) => {
      const [rests = []] = roundsOf(way.edges);
      return [runs, [apart(rests), pairs].map((more) => [...runs, ...more])] as const;
    }),
  );
  const ofEdges = [...series.values()].map((goals) => ({ goals, most: budgetOfEdge }));
  // kernels that would not run else
  return { series: [...ofEdges, { goals: [...rather.keys()], most: budgetOfWay }], rather };
}

const waysOf = ({ steps }: Stated): readonly (Alternative & { readonly key: string })[] =>
  steps.flatMap((of) => alternatives(of).map((way, i) => ({ ...way, key: `${of.length} ways, ${i}` })));

/** Those that can be had together, as each has a size of its own: a second panel of the depth matters in a second strip of rows. */
function apart(round: Goal): Goal {
  const used = new Set<string>();
  return round.filter((edge) => {
    const names = [...namesInCondition(edge)].filter((name) => !used.has(name));
    names.forEach((name) => used.add(name));
    return names.length > 0;
  });
}

/** Small sizes to begin with, with params at their defaults and with others. */
function basesOf(layer: Layer, random: Random): readonly Sizes[] {
  const defaults = Object.fromEntries(layer.params.map((p) => [p.name, p.value]));
  const drawn = Array.from({ length: starts }, (_, i) =>
    smallSizes(layer, random, 60, i === 0 ? defaults : {}),
  );
  const ones = { ...Object.fromEntries(layer.sizes.map((name) => [name, 1])), ...defaults };
  return [...drawn, legality(layer, Infinity)(ones) ? ones : undefined].filter(
    (sizes) => sizes !== undefined,
  );
}

interface Alternative {
  readonly way: StatedWay;
  /** Where it is taken. */
  readonly runs: Goal;
  /** Where it is only just taken, and where it only just is not. */
  readonly both: readonly Goal[];
}

function alternatives(ways: readonly StatedWay[]): readonly Alternative[] {
  const found: Alternative[] = [];
  const before: Condition[] = [];
  for (const way of ways) {
    const others = [...before];
    const parts = conjuncts(way.when);
    const both = parts.flatMap((part) =>
      limitsIn(part).flatMap(({ value, then }): readonly Goal[] => {
        const rest = [...others, ...parts.filter((p) => p !== part)];
        const at = (by: number): Condition => build.isZero(integer.plus(value, integer.constant(by)));
        return [
          [...rest, ...then, at(0)],
          [...rest, ...then, at(1)],
        ];
      }),
    );
    found.push({ way, runs: [...others, ...parts], both });
    if (way.when.kind === "truth") break;
    before.push(not(way.when));
  }
  return found;
}

/** The values that decide a condition at 0, each with what makes it decide. */
function limitsIn(c: Condition): readonly { readonly value: Int; readonly then: Goal }[] {
  if (c.kind === "nonnegative") return [{ value: c.value, then: [] }];
  if (c.kind === "not") return limitsIn(c.part);
  if (c.kind !== "and" && c.kind !== "or") return [];
  return c.parts.flatMap((part) => {
    const others = c.parts.filter((p) => p !== part).map((p) => (c.kind === "or" ? not(p) : p));
    return limitsIn(part).map(({ value, then }) => ({ value, then: [...then, ...others] }));
  });
}

/** Twice as long as a panel is dear, and shows no more. */
const mostDoubled = 128;

/** One below, at and one above each edge, and a piece or two with a rest; edges of different extents together. */
function roundsOf(edges: readonly Edge[]): readonly Goal[] {
  const extents = new Map<string, { readonly extent: Int; readonly at: Set<number> }>();
  for (const { extent, at } of edges) {
    const key = integer.keyOf(extent);
    const entry = extents.get(key) ?? { extent, at: new Set<number>() };
    // two pieces and a rest: what one turn of a loop hands to the next; of a long piece a rest that no padding hides
    const values = [at + 1, at, at - 1, at <= mostDoubled ? 2 * at + 1 : at + 4];
    for (const value of values) if (value > 0) entry.at.add(value);
    extents.set(key, entry);
  }
  const rows = [...extents.values()].map(({ extent, at }) =>
    [...at].map((value) => build.isZero(integer.minus(extent, integer.constant(value)))),
  );
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, i) => rows.flatMap((row) => row[i % row.length] ?? []));
}
