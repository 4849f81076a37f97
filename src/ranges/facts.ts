/** What a layer's declarations say of its sizes, params and integer tensors, as facts for proofs. */
import { nonNegative } from "../notation/construct.js";
import type { Binder, Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Layer, Tensor } from "../notation/layer.js";
import { sizeDefinitions } from "./definitions.js";
import { assuming, noFacts, provesNonNegative, withRange, type Facts, type Range } from "./prove.js";

/**
 * Facts of the layer's own names: positive params count as sizes (>= 1), other integer params are unbounded;
 * derived sizes are what they are defined as, and at least 1; extents of tensors are at least 1; `require` lines
 * hold; the values of integer tensors lie in lowest..bound-1.
 */
export function layerFacts(layer: Layer): Facts {
  let facts: Facts = { ...noFacts, definitions: sizeDefinitions(layer) };
  for (const param of layer.params)
    if (param.type === "integer" && param.positive !== true) facts = withRange(facts, param.name, {});
  facts = { ...facts, elements: elementRanges(layer.tensors) };
  const atLeastOne = (value: Int): void => {
    if (!isOpen(value))
      facts = assuming(facts, nonNegative(integer.minus(value, integer.one), positiveIn(facts)));
  };
  layer.derived.forEach((d) => atLeastOne(d.value));
  for (const extent of layer.tensors.flatMap((t) => t.shape))
    if (extent.monomials.length > 1) atLeastOne(extent);
  for (const { condition } of layer.requirements) facts = assuming(facts, condition);
  return facts;
}

/** The ranges of the values of integer tensors. */
export function elementRanges(tensors: readonly Tensor[]): ReadonlyMap<string, Range> {
  const integers = tensors.filter((t) => t.type === "integer");
  return new Map(
    integers.map((t) => [
      t.name,
      {
        lower: integer.constant(t.lowest ?? 0),
        upper: t.bound && integer.minus(t.bound, integer.one),
      },
    ]),
  );
}

/** The facts inside a scope: its indices (0 <= name < extent) or binders lie in their ranges, the guard holds. */
export function factsInside(
  facts: Facts,
  bound: readonly (Index | Binder)[],
  guard?: Condition | undefined,
): Facts {
  let inner = facts;
  for (const b of bound) {
    const [lower, upper] = "extent" in b ? [integer.zero, b.extent] : [b.lower, b.upper];
    inner = withRange(inner, b.name, { lower, upper: integer.minus(upper, integer.one) });
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
