/** The sizes and params that a check tries. */
import type { Layer } from "../notation/layer.js";
import { eachAtom, variablesOf } from "../notation/integer.js";
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
 * Sizes for proofs: drawn ones, each size at its least, and every residue that the sizes can leave when they are
 * divided by a stride of 2 or 3. Nothing where the layer has no sizes so small.
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
export function smallSizes(layer: Layer, random: Random, points = smallBudget): Sizes | undefined {
  try {
    return sampleSizes(layer, random.uniform, { budget: points });
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
