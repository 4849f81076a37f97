/** The sizes and params that a check tries. */
import type { Layer } from "../notation/layer.js";
import { eachAtom, variablesOf, type Int } from "../notation/integer.js";
import { walk } from "../notation/traverse.js";
import { legality, pointsOf, sampleSizes } from "../ranges/sample.js";
import { evaluateInt, resolveSizes, valuesOf, type Environment } from "../ranges/sizes.js";
import type { Random } from "./random.js";
import type { Sizes } from "./trial.js";

/** Loop points of a trial. */
const budget = 3000;
const smallBudget = 60;
/** Loop points and elements that sizes named by the user may take: more than the evaluator does in a few seconds. */
const most = 2e6;

/**
 * The user's sizes, those of the layer's `check` lines, then drawn ones. Names that are missing are drawn.
 * RangeError where the user's sizes or a `check` line are illegal for the layer, or too large to be checked.
 */
export function* sizesToTry(
  layer: Layer,
  trials: number,
  wanted: Sizes | undefined,
  random: Random,
): Generator<Sizes> {
  const names = new Set([...layer.sizes, ...layer.params.map((p) => p.name)]);
  const known = Object.entries(wanted ?? {}).filter(([name]) => names.has(name));
  if (known.length > 0) yield complete(layer, Object.fromEntries(known), random);
  for (const { values } of layer.checks) yield complete(layer, values, random);
  for (let trial = 0; trial < trials; trial++) yield sampleSizes(layer, random.uniform, { budget });
}

/** Loop points of a proof: exact numbers cost more, and a formula that differs does so at small sizes too. */
const proofBudget = 300;

/**
 * Sizes for proofs: drawn ones, each size at its least, every residue that the sizes can leave when they are
 * divided by a stride of 2 or 3, strides and dilations above 1 together, and sizes about the numbers that claims
 * compare with. Nothing where the layer has no sizes so small.
 */
export function* sizesToProve(layer: Layer, draws: number, random: Random): Generator<Sizes> {
  const draw = (): Sizes | undefined => smallSizes(layer, random, proofBudget);
  const isLegal = legality(layer, proofBudget);
  const start = draw();
  if (!start) return;
  yield start;
  for (let i = 1; i < draws; i++) yield draw() ?? start;
  for (const name of layer.sizes) {
    const edge = { ...start, [name]: 1 };
    if (start[name] !== 1 && isLegal(edge)) yield edge;
  }
  for (const { stride, sizes } of divisorsOf(layer))
    for (const value of [2, 3])
      for (let residue = 0; residue < value; residue++) {
        const moved = sizes.map((name) => [name, (start[name] ?? 1) + residue]);
        const next = { ...start, ...Object.fromEntries(moved), [stride]: value };
        if (isLegal(next)) yield next;
      }
  for (const fixed of [...pairsOfParams(layer), ...thresholds(layer)].slice(0, mostSpecial)) {
    const found = smallSizes(layer, random, 3 * proofBudget, fixed);
    if (found) yield found;
  }
}
/** Sizes tried for the sake of params and thresholds, at most. */
const mostSpecial = 24;

/** Two positive integer params above 1, with a common factor and without. */
function pairsOfParams({ params }: Layer): readonly Sizes[] {
  const names = params.filter((p) => p.type === "integer" && p.positive).map((p) => p.name);
  const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const));
  return [2, 3].flatMap((m) => [2, 3].flatMap((n) => pairs.map(([a, b]) => ({ [a]: m, [b]: n }))));
}

/** Each size just below, at and above every number over 3 in the integer formulas of a layer that has claims. */
function thresholds(layer: Layer): readonly Sizes[] {
  if (layer.claims.length === 0) return [];
  const found = new Set<number>();
  const see = (value: Int): void => {
    for (const { coefficient } of value.monomials) found.add(Math.abs(coefficient));
    eachAtom(value, (atom) => {
      if (atom.kind === "floor" || atom.kind === "exact") see(atom.denominator);
      if (atom.kind === "modulo") see(atom.modulus);
    });
  };
  for (const { body } of [...layer.statements, ...layer.claimHelpers, ...layer.claims])
    walk(body, { int: see });
  return [...found]
    .filter((n) => n > 3 && n < 100)
    .flatMap((n) => [n + 1, n, n - 1].flatMap((value) => layer.sizes.map((name) => ({ [name]: value }))));
}

/** The params that derived sizes are divided by, each with the sizes that are so divided. */
function divisorsOf(layer: Layer): readonly { readonly stride: string; readonly sizes: readonly string[] }[] {
  const found = new Map<string, Set<string>>();
  for (const { value } of layer.derived)
    eachAtom(value, (atom) => {
      if (atom.kind !== "floor" && atom.kind !== "exact") return;
      for (const { name, type } of layer.params) {
        if (type !== "integer" || !variablesOf(atom.denominator).has(name)) continue;
        const divided = found.get(name) ?? new Set();
        // the first size alone: the others may be a window's
        const [size] = layer.sizes.filter((s) => variablesOf(atom.numerator).has(s));
        if (size !== undefined) found.set(name, divided.add(size));
      }
    });
  return [...found].map(([stride, sizes]) => ({ stride, sizes: [...sizes] }));
}

/** Few points; undefined where the layer has no such sizes. */
export function smallSizes(
  layer: Layer,
  random: Random,
  points = smallBudget,
  fixed: Sizes = {},
): Sizes | undefined {
  try {
    return sampleSizes(layer, random.uniform, { budget: points, fixed });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The given sizes, with params at their defaults and the sizes not mentioned drawn. */
function complete(layer: Layer, given: Sizes, random: Random): Sizes {
  let resolved = resolveSizes(layer, given);
  if (resolved.ok) return affordable(layer, given, resolved.env);
  if (layer.sizes.some((name) => !Object.hasOwn(given, name)))
    for (let draw = 0; draw < 30; draw++) {
      const sizes = { ...sampleSizes(layer, random.uniform, { budget }), ...given };
      resolved = resolveSizes(layer, sizes);
      if (resolved.ok) return affordable(layer, sizes, resolved.env);
    }
  throw new RangeError(`${layer.name}: ${resolved.message}`);
}

function affordable(layer: Layer, sizes: Sizes, env: Environment): Sizes {
  const elements = layer.tensors.map(({ shape }) =>
    shape.reduce((count, extent) => count * evaluateInt(extent, env), 1),
  );
  const cost = Math.max(pointsOf(layer, env), ...elements);
  if (cost <= most) return sizes;
  throw new RangeError(
    `${layer.name}: ${valuesOf(Object.keys(sizes), env)} is too large to check: ${cost} points, and at most ${most} are`,
  );
}
