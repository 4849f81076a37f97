/** Legal sizes and params drawn at random, edge sizes included. */
import type { Binder, Expression } from "../notation/expression.js";
import { variablesOf } from "../notation/integer.js";
import type { Layer, Param } from "../notation/layer.js";
import { walk } from "../notation/traverse.js";
import { unprovedBounds, checkBounds, type BoundsCheck } from "./unproved.js";
import { evaluateInt, resolveSizes, rootsOf, type Environment } from "./sizes.js";

export interface SampleOptions {
  /** The most points that all statements' loops may have together. */
  readonly budget: number;
  /** Whether reads outside reductions must be in bounds for the sizes drawn. Default: yes. */
  readonly inBounds?: boolean;
  /** Sizes and params that are not drawn. */
  readonly fixed?: Readonly<Sizes>;
}
type Sizes = Record<string, number>;

/**
 * Sizes and params for which the layer is legal. `random` gives numbers in [0, 1). A draw that breaks a rule is
 * repaired by redrawing one of the names that the rule is about. Throws a RangeError where nothing legal is found.
 */
export function sampleSizes(layer: Layer, random: () => number, options: SampleOptions): Sizes {
  const culprits = culpritsIn(layer, options.inBounds === false ? [] : unprovedBounds(layer));
  const { fixed = {} } = options;
  let last: Readonly<Sizes> = fixed;
  const free = (names: readonly string[]): readonly string[] => names.filter((n) => !Object.hasOwn(fixed, n));
  for (let draw = 0; draw < 12; draw++) {
    const sizes = { ...firstDraw(layer, random), ...fixed };
    for (let step = 0; step < 120; step++) {
      const wrong = culprits(sizes);
      const names = wrong && free(wrong);
      if (names) {
        last = { ...sizes };
        const name = pick(names, random);
        if (name === undefined) break;
        sizes[name] = redraw(layer, name, sizes, step, random);
        continue;
      }
      const resolved = resolveSizes(layer, sizes);
      if (resolved.ok && pointsOf(layer, resolved.env) <= options.budget) return sizes;
      shrink(free(layer.sizes), sizes, random);
    }
  }
  const given =
    Object.keys(fixed).length > 0 ? undefined : layer.checks.find((c) => !culprits({ ...c.values }));
  if (given) return { ...given.values };
  const resolved = resolveSizes(layer, last);
  const why = resolved.ok ? "" : `: ${resolved.message}`;
  throw new RangeError(`${layer.name}: no legal sizes found${why}; give some in a check line`);
}

/** The names to change, undefined where the sizes are legal. */
const culpritsIn =
  (layer: Layer, checks: readonly BoundsCheck[]) =>
  (sizes: Readonly<Sizes>): readonly string[] | undefined => {
    const resolved = resolveSizes(layer, sizes);
    if (!resolved.ok) return resolved.names;
    const failing = checks.find((c) => checkBounds(c, resolved.env));
    return failing && rootsOf(layer, namesOf(failing));
  };

/** Whether sizes are legal for the layer and take no more than so many points. */
export function legality(layer: Layer, budget: number): (sizes: Readonly<Sizes>) => boolean {
  const culprits = culpritsIn(layer, unprovedBounds(layer));
  return (sizes) => {
    if (culprits(sizes)) return false;
    const resolved = resolveSizes(layer, sizes);
    return resolved.ok && pointsOf(layer, resolved.env) <= budget;
  };
}

/** The sizes, params and indices that a check is about, and the extents of the latter. */
function namesOf({ subscript, extent, indices }: BoundsCheck): ReadonlySet<string> {
  const names = variablesOf(extent, variablesOf(subscript));
  for (const index of indices) variablesOf(index.extent, names);
  return names;
}

/** One of the items, undefined where there is none. */
const pick = <T>(items: readonly T[], random: () => number): T | undefined =>
  items[Math.floor(random() * items.length)];
const between = (low: number, high: number, random: () => number): number =>
  low + Math.floor(random() * (high - low + 1));

/** Small sizes mostly, 1 often; a check line's sizes now and then, one of them changed. */
function firstDraw(layer: Layer, random: () => number): Sizes {
  const sizes: Sizes = {};
  for (const name of layer.sizes) sizes[name] = drawSize(random);
  for (const param of layer.params) sizes[param.name] = drawParam(param, random);
  const names = Object.keys(sizes);
  const seed = random() < 0.2 ? pick(layer.checks, random)?.values : undefined;
  for (const name of names) if (seed && Object.hasOwn(seed, name)) sizes[name] = seed[name] ?? 1;
  const changed = seed && pick(names, random);
  if (changed !== undefined) sizes[changed] = redraw(layer, changed, sizes, 0, random);
  return sizes;
}
function drawSize(random: () => number): number {
  const kind = random();
  return kind < 0.2 ? 1 : kind < 0.8 ? between(2, 4, random) : between(5, 9, random);
}
function drawParam(param: Param, random: () => number): number {
  const { type, value, positive } = param;
  if (random() < 0.3) return value;
  if (type === "real") return random() < 0.5 ? value : perturbed(value, random);
  if (positive) return random() < 0.1 ? 4 : between(1, 3, random);
  return value < 0 ? between(value - 1, 2, random) : between(Math.max(0, value - 3), value + 3, random);
}
/** A value nearby: a probability stays one, a sign stays. */
function perturbed(value: number, random: () => number): number {
  const room = value > 0 && value < 1 ? Math.min(value, 1 - value) : Math.abs(value);
  return value + (random() - 0.5) * room;
}
/** Another value for a name; sizes grow with the steps taken, so that windows come to fit. */
function redraw(layer: Layer, name: string, sizes: Sizes, step: number, random: () => number): number {
  const param = layer.params.find((p) => p.name === name);
  // 0 stays where nothing forbids it
  if (param)
    return param.type === "real" && sizes[name] === 0 ? between(1, 3, random) : drawParam(param, random);
  return random() < 0.5
    ? (sizes[name] ?? 1) + between(1, 2, random)
    : between(1, 4 + Math.floor(step / 10), random);
}
/** Makes one of the larger sizes smaller. */
function shrink(names: readonly string[], sizes: Sizes, random: () => number): void {
  const largest = Math.max(...names.map((name) => sizes[name] ?? 1));
  const candidates = names.filter((name) => (sizes[name] ?? 1) >= Math.max(2, largest - 1));
  const name = pick(candidates, random);
  if (name === undefined) return;
  sizes[name] = Math.max(1, Math.ceil((sizes[name] ?? 1) / 2));
}

/** How many points the loops of all statements have together; dependent binders count at their longest. */
export function pointsOf(layer: Layer, env: Environment): number {
  let total = 0;
  // all indices at their first values, and all at their last: there a dependent range is longest
  const ends = [new Map(env), new Map(env)];
  for (const { indices, boxes } of boxesOf(layer)) {
    let outer = 1;
    for (const { name, extent } of indices) {
      const size = evaluateInt(extent, env);
      ends.forEach((end, i) => end.set(name, i === 0 ? 0 : size - 1));
      outer *= size;
    }
    total += outer * pointsIn(boxes, ends);
  }
  return total;
}
/** `ends` is added to: no binder hides another that is read after it. */
const pointsIn = (boxes: readonly Box[], ends: readonly Map<string, number>[]): number =>
  boxes.reduce((sum, { binders, inner }) => sum + boxOf(binders, ends) * pointsIn(inner, ends), 1);

/** The binders of a reduction, or of `any` or `all`, and those of the reductions within. */
interface Box {
  readonly binders: readonly Binder[];
  readonly inner: readonly Box[];
}
function boxesIn(body: Expression): readonly Box[] {
  const boxes: Box[] = [];
  walk(body, {
    expression: (e) =>
      void (e.kind === "reduction" && boxes.push({ binders: e.binders, inner: boxesIn(e.body) })),
    condition: (c) =>
      void ((c.kind === "any" || c.kind === "all") && boxes.push({ binders: c.binders, inner: [] })),
    enter: (e) => e.kind !== "reduction",
  });
  return boxes;
}
interface Nest {
  readonly indices: Layer["statements"][number]["indices"];
  readonly boxes: readonly Box[];
}
const boxesOfLayers = new WeakMap<Layer, readonly Nest[]>();
/** What a search for sizes asks for many times, found once for each layer. */
function boxesOf(layer: Layer): readonly Nest[] {
  let nests = boxesOfLayers.get(layer);
  if (!nests) {
    nests = layer.statements.map(({ indices, body }) => ({ indices, boxes: boxesIn(body) }));
    boxesOfLayers.set(layer, nests);
  }
  return nests;
}

/** The number of points of a box; leaves each binder at its first and its last value in `ends`. */
function boxOf(binders: readonly Binder[], ends: readonly Map<string, number>[]): number {
  let size = 1;
  for (const { name, lower, upper } of binders) {
    const extents = ends.map((end, i) => {
      const [from, to] = [evaluateInt(lower, end), evaluateInt(upper, end)];
      end.set(name, i === 0 ? from : to - 1);
      return to - from;
    });
    const extent = Math.max(0, ...extents.filter(Number.isFinite));
    size *= extents.some(Number.isFinite) ? extent : 1;
  }
  return size;
}
