/** What a layer's declarations say of its sizes, params and integer tensors, as facts for proofs. */
import { nonNegative } from "../notation/construct.js";
import type { Binder, Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Layer, Tensor } from "../notation/layer.js";
import { sizeDefinitions } from "./definitions.js";
import { assuming, noFacts, provesNonNegative, withIndex, withRange, type Facts } from "./prove.js";
import type { ElementRange } from "./known.js";

/**
 * Facts of the layer's own names: positive params count as sizes (>= 1), other integer params are unbounded;
 * derived sizes are what they are defined as, and at least 1; extents of tensors are at least 1; `require` lines
 * hold; the values of integer tensors lie in lowest..bound-1. All of it is checked when a plan is made.
 */
export function layerFacts(layer: Layer): Facts {
  const known = factsOfLayers.get(layer) ?? gather(layer);
  factsOfLayers.set(layer, known);
  return known;
}
const factsOfLayers = new WeakMap<Layer, Facts>();

function gather(layer: Layer): Facts {
  let facts: Facts = { ...noFacts, definitions: sizeDefinitions(layer) };
  const factors = positiveFactors(layer);
  for (const { name, type, positive } of layer.params)
    if (type === "integer" && !positive && !factors.has(name)) facts = withRange(facts, name, {});
  const sizes = new Set([
    ...layer.sizes,
    ...layer.params.filter((p) => p.positive === true).map((p) => p.name),
    ...factors,
    // the quotients that `K/G` and `require mod(K, G) == 0` bring in
    ...[...facts.definitions.values()].flatMap((v) =>
      [...integer.variablesOf(v)].filter((n) => n.includes("/")),
    ),
  ]);
  facts = withTensors({ ...facts, sizes }, layer.tensors);
  const atLeastOne = (value: Int): void => {
    if (!isOpen(value))
      facts = assuming(facts, nonNegative(integer.minus(value, integer.one), positiveIn(facts)));
  };
  layer.derived.forEach((d) => atLeastOne(d.value));
  for (const extent of layer.tensors.flatMap((t) => t.shape))
    if (extent.monomials.length > 1) atLeastOne(extent);
  for (const { name, extent } of layer.still ?? []) facts = withIndex(facts, name, extent);
  for (const { condition } of layer.requirements) facts = assuming(facts, condition);
  return facts;
}

/** Params that are the one factor of an extent that is no size: `heads*D` is at least 1 only where `heads` is. */
function positiveFactors(layer: Layer): ReadonlySet<string> {
  const sizes = new Set([...layer.sizes, ...layer.derived.map((d) => d.name)]);
  const found = new Set<string>();
  for (const { monomials } of layer.tensors.flatMap((t) => t.shape)) {
    const names = (monomials[0]?.factors ?? []).map((f) => (f.kind === "variable" ? f.name : ""));
    const others = new Set(names.filter((name) => !sizes.has(name)));
    const [only] = others;
    if (monomials.length === 1 && (monomials[0]?.coefficient ?? 0) > 0 && others.size === 1 && only)
      found.add(only);
  }
  return found;
}

/** The facts with these tensors' shapes, and the ranges of those that hold integers. */
export const withTensors = (facts: Facts, tensors: readonly Tensor[]): Facts => ({
  ...facts,
  elements: elementRanges(tensors),
  shapes: new Map(tensors.map((t) => [t.name, t.shape])),
  unbounded: new Set(tensors.filter((t) => t.unbounded === true).map((t) => t.name)),
});

/** The ranges of the values of integer tensors. */
export const elementRanges = (tensors: readonly Tensor[]): Facts["elements"] =>
  new Map(tensors.filter((t) => t.type === "integer").map((t) => [t.name, elementRange(t)]));
const elementRange = ({ lowest, bound, rounded }: Tensor): ElementRange => ({
  lower: rounded ? rounded.least : integer.constant(lowest ?? 0),
  upper: bound && integer.minus(bound, integer.one),
  rounded: rounded !== undefined,
});

/** Facts to which tensors come in, or change, one by one: what is known of the others is not gathered again. */
export class GrowingFacts {
  private readonly elements = new Map<string, ElementRange>();
  private readonly shapes = new Map<string, readonly Int[]>();
  private readonly unbounded = new Set<string>();
  private readonly declared: Facts;
  private current: Facts | undefined;

  constructor(declared: Facts, tensors: readonly Tensor[]) {
    this.declared = declared;
    tensors.forEach((t) => this.take(t));
  }

  /** What is known now, as `withTensors` would tell it. */
  get facts(): Facts {
    const { declared, elements, shapes, unbounded } = this;
    return (this.current ??= { ...declared, elements, shapes, unbounded });
  }

  take(tensor: Tensor): void {
    this.current = undefined;
    this.shapes.set(tensor.name, tensor.shape);
    if (tensor.type === "integer") this.elements.set(tensor.name, elementRange(tensor));
    if (tensor.unbounded === true) this.unbounded.add(tensor.name);
  }
}

/** What is known of an outer index says nothing of a bound one of its name. */
const forgetting = (facts: Facts, name: string): Facts =>
  facts.known.some((value) => integer.mentions(value, name))
    ? { ...facts, known: facts.known.filter((value) => !integer.mentions(value, name)) }
    : facts;

/** The facts inside a scope: its indices (0 <= name < extent) or binders lie in their ranges, the guard holds. */
export function factsInside(
  facts: Facts,
  bound: readonly (Index | Binder)[],
  guard?: Condition | undefined,
): Facts {
  let inner = facts;
  for (const b of bound) {
    const [lower, upper] = "extent" in b ? [integer.zero, b.extent] : [b.lower, b.upper];
    inner = withRange(forgetting(inner, b.name), b.name, { lower, upper: integer.minus(upper, integer.one) });
  }
  return guard ? assuming(inner, guard) : inner;
}

/** A test whether a value is proved to be at least 1. */
export const positiveIn =
  (facts: Facts) =>
  (value: Int): boolean =>
    provesNonNegative(facts, integer.minus(value, integer.one));

/** Whether the value holds an extent that range inference has yet to find; their names begin with `?`. */
export function isOpen(value: Int): boolean {
  for (const name of integer.variablesOf(value)) if (name.startsWith("?")) return true;
  return false;
}

/** Whether a box has a point whatever is around it: each range judged by what stands before it, not by the point itself. */
export const isNeverEmpty = (binders: readonly Binder[], facts: Facts): boolean =>
  binders.every((b, i) =>
    positiveIn(factsInside(facts, binders.slice(0, i)))(integer.minus(b.upper, b.lower)),
  );
