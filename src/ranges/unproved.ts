/** Reads outside reductions whose bounds are not proved: checked with numbers, when a plan is made. */
import { truth, within } from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Layer, Statement } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import { namesInCondition } from "../notation/traverse.js";
import { accessesOf, type Access } from "./accesses.js";
import { factsInside, layerFacts } from "./facts.js";
import { proves, type Facts } from "./prove.js";
import { evaluateCondition, evaluateInt, type Environment } from "./evaluate.js";
import { printInt } from "../language/print.js";

/** 0 <= name < extent. `label` is what it stands for in messages, where that is no index: `t[n]`. */
export interface CheckedIndex {
  readonly name: string;
  readonly extent: Int;
  readonly label?: string;
}
/**
 * For all values of the indices at which `given` holds, 0 <= subscript < extent. Run as loops over the indices;
 * the first failing point is named.
 */
export interface BoundsCheck {
  readonly kind: "bounds";
  readonly indices: readonly CheckedIndex[];
  readonly given: Condition;
  readonly tensor: string;
  readonly axis: number;
  readonly subscript: Int;
  readonly extent: Int;
  /** The access as written, for the message. */
  readonly text: string;
}
export interface PlacedCheck extends BoundsCheck {
  readonly at?: Span | undefined;
}
/** The checks that a layer with known extents needs when a plan is made, in the order of its statements. */
export const unprovedBounds = (layer: Layer, statements?: readonly Statement[]): readonly PlacedCheck[] =>
  uncertainReads(layer, statements).filter((check) => !isComputed(check));
/** Reads outside reductions at subscripts computed from data that no clamp holds in bounds: no sizes tell whether they are. */
export const computedReads = (layer: Layer, statements?: readonly Statement[]): readonly PlacedCheck[] =>
  uncertainReads(layer, statements).filter(isComputed);
/** Elements of index tensors stand for all their values; what is left are those of which no range is known. */
const isComputed = ({ subscript }: PlacedCheck): boolean => integer.holdsElement(subscript);

/** Reads outside reductions that are not proved to be in bounds. */
export function uncertainReads(
  layer: Layer,
  statements: readonly Statement[] = layer.statements,
): readonly PlacedCheck[] {
  const facts = layerFacts(layer);
  const tensors = new Map(layer.tensors.map((t) => [t.name, t]));
  const shapeOf = (name: string) => (tensors.get(name) ?? tensors.get(name.replace(/^d/, "")))?.shape ?? [];
  const checks = new Map<string, PlacedCheck>();
  for (const access of statements.flatMap(accessesOf)) {
    if (access.place !== "outside") continue;
    const shape = shapeOf(access.tensor);
    access.subscripts.forEach((subscript, axis) => {
      const extent = shape[axis];
      const check = extent && unproved(facts, access, axis, subscript, extent);
      if (check) checks.set(keyOf(check), checks.get(keyOf(check)) ?? check);
    });
  }
  return [...checks.values()];
}
const keyOf = (c: BoundsCheck): string => `${c.text} ${c.axis} ${integer.keyOf(c.subscript)}`;

function unproved(
  facts: Facts,
  access: Access,
  axis: number,
  subscript: Int,
  extent: Int,
): PlacedCheck | undefined {
  const indices = access.scope.map((b) => ({ name: b.name, extent: b.upper }));
  const inside = factsInside(facts, indices, access.given);
  const values = elementsAsIndices(subscript, inside);
  const scope = factsInside(facts, values.indices, truth);
  const ranges = new Map([...inside.ranges, ...scope.ranges]);
  const all: Facts = { ...inside, ranges };
  const sides = within(values.subscript, integer.zero, extent);
  if (proves(inside, within(subscript, integer.zero, extent)) || proves(all, sides)) return undefined;
  const used = namesInCondition(access.given, integer.variablesOf(values.subscript));
  return {
    kind: "bounds",
    indices: [...indices, ...values.indices].filter((i) => used.has(i.name)),
    given: access.given,
    tensor: access.tensor,
    axis,
    subscript: values.subscript,
    extent,
    text: `${access.tensor}[${access.subscripts.map((v) => printInt(v)).join(", ")}]`,
    at: access.at,
  };
}

/** Values of integer tensors as indices over their ranges: a read must be in bounds for each legal value. */
function elementsAsIndices(subscript: Int, facts: Facts) {
  const indices = new Map<string, CheckedIndex>();
  const mapped = integer.mapAtoms(subscript, (atom) => {
    if (atom.kind !== "element") return undefined;
    const { lower, upper, rounded } = facts.elements.get(atom.tensor) ?? {};
    if (!upper || (rounded && !lower)) return undefined;
    const first = rounded && lower ? lower : integer.zero;
    const key = integer.atomKey(atom);
    let name = indices.get(key)?.name ?? atom.tensor;
    while (
      !indices.has(key) &&
      (facts.ranges.has(name) || [...indices.values()].some((i) => i.name === name))
    )
      name += "_";
    const label = `${atom.tensor}[${atom.subscripts.map((s) => printInt(s)).join(", ")}]`;
    indices.set(key, { name, extent: integer.plus(integer.minus(upper, first), integer.one), label });
    return integer.plus(integer.variable(name), first);
  });
  return { subscript: mapped, indices: [...indices.values()] };
}

/** Where a check fails first: the indices there and the value of the subscript. */
export interface BoundsFailure {
  readonly point: ReadonlyMap<string, number>;
  readonly value: number;
  readonly extent: number;
}

/** Runs a check for the sizes given; undefined where every read is in bounds. */
export function checkBounds(check: BoundsCheck, env: Environment): BoundsFailure | undefined {
  const point = new Map(env);
  const extent = evaluateInt(check.extent, env);
  const search = (depth: number): BoundsFailure | undefined => {
    const index = check.indices[depth];
    if (!index) {
      if (evaluateCondition(check.given, point) === false) return undefined;
      const value = evaluateInt(check.subscript, point);
      if (value >= 0 && value < extent) return undefined;
      const found = check.indices.map(({ name }): [string, number] => [name, point.get(name) ?? NaN]);
      return { point: new Map(found), value, extent };
    }
    const size = evaluateInt(index.extent, env);
    for (let i = 0; i < size; i++) {
      point.set(index.name, i);
      const failure = search(depth + 1);
      if (failure) return failure;
    }
    return undefined;
  };
  return search(0);
}
