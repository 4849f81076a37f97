/** Where decisions change along a line: solved for, not sampled. */
import type { Bench } from "./bench.js";
import type { Decision } from "./watched.js";
import type { Values } from "./trial.js";

export interface Along {
  /** Values at which two numbers that are compared are equal. */
  readonly roots: readonly number[];
  /** One between each two neighbouring roots, and some beyond the last. */
  readonly points: readonly number[];
  /** In operations. */
  readonly cost: number;
}

/** Where a line is looked at: dense about 0, and far out. */
const grid: readonly number[] = (() => {
  const positive = [1e-6, 1e-4, 5e-4, 2e-3, 0.01, 0.05, 0.12, 0.2];
  for (let x = 0.3; x < 6; x += 0.29) positive.push(x);
  for (let x = 6.5; x < 1e5; x *= 1.6) positive.push(x);
  for (let x = 1.1e5; x < 1e60; x *= x < 1e15 ? 10 : 1e9) positive.push(x);
  return [...positive.map((x) => -x).reverse(), 0, ...positive];
})();
const mostRoots = 24;

export function rootsAlong(bench: Bench, along: (value: number) => Values): Along {
  let cost = 0;
  const decide = (value: number): readonly Decision[] | undefined => {
    const tried = bench.try(along(value));
    cost += 300 + bench.watch.operations();
    return tried?.isFinite === true ? bench.watch.decisions() : undefined;
  };
  const found = new Set<number>();
  let before: { readonly x: number; readonly decisions: readonly Decision[] } | undefined;
  for (const x of grid) {
    const decisions = decide(x);
    if (!decisions) {
      before = undefined;
      continue;
    }
    if (before && found.size < mostRoots) {
      const [a, b] = [before, { x, decisions }];
      // the same decisions in the same order: else another branch was taken, and what took it changes its sign as well
      for (let i = 0; i < Math.min(a.decisions.length, decisions.length) && found.size < mostRoots; i++) {
        const [u, v] = [a.decisions[i], decisions[i]];
        if (!u || !v || u.site !== v.site) break;
        if (u.site.kind === "step" || u.difference * v.difference > 0 || u.difference === v.difference)
          continue;
        const root = solve(a.x, b.x, u.difference, i, decide);
        if (root !== undefined) found.add(root);
      }
    }
    before = { x, decisions };
  }
  const roots = [...found].sort((a, b) => a - b);
  const points = roots.flatMap((root, i) => {
    const next = roots[i + 1];
    return next === undefined ? [root + 1 + Math.abs(root)] : [(root + next) / 2];
  });
  const [first] = roots;
  return { roots, points: first === undefined ? [] : [first - 1 - Math.abs(first), ...points], cost };
}

/** The value between `low` and `high` at which the i-th difference is 0: a short number where one does. */
function solve(
  low: number,
  high: number,
  atLow: number,
  i: number,
  decide: (value: number) => readonly Decision[] | undefined,
): number | undefined {
  const at = (x: number): number => decide(x)?.[i]?.difference ?? NaN;
  if (atLow === 0) return low;
  let [a, b] = [low, high];
  for (let step = 0; step < 80 && b - a > 1e-15 * Math.max(Math.abs(a), Math.abs(b)); step++) {
    const middle = (a + b) / 2;
    if (middle === a || middle === b) break;
    const value = at(middle);
    if (Number.isNaN(value)) return undefined;
    if (value === 0) [a, b] = [middle, middle];
    else if (value > 0 === atLow > 0) a = middle;
    else b = middle;
  }
  return simplest((a + b) / 2);
}

/** The fraction, the root or the logarithm of a fraction that a number is but for rounding, else itself. */
function simplest(x: number): number {
  const fraction = fractionNear(x);
  if (fraction !== undefined) return fraction;
  const square = fractionNear(x * x);
  if (square !== undefined && square > 0) return Math.sign(x) * Math.sqrt(square);
  const power = fractionNear(Math.exp(x));
  return power !== undefined && power > 0 ? Math.log(power) : x;
}
function fractionNear(x: number): number | undefined {
  for (let d = 1; d <= 60; d++) {
    const n = Math.round(x * d);
    if (Math.abs(n / d - x) <= 4e-15 * Math.abs(x) + 1e-300 && Math.abs(n) < 1e6) return n / d;
  }
  const short = Number(x.toPrecision(8));
  return Math.abs(short - x) <= 4e-15 * Math.abs(x) ? short : undefined;
}
