/** What the reads of a printed reduction say without words: in-bounds guards and ranges of plain binders. */
import * as build from "../notation/construct.js";
import { keyOfCondition } from "../notation/key.js";
import type { Binder, Condition, Expression, Quantified, Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { tensorNamed, type Layer } from "../notation/layer.js";
import { mapChildren, mapConditionChildren } from "../notation/traverse.js";
import { isStatic } from "./expressions.js";

type Shapes = Pick<Layer, "tensors" | "derived"> | undefined;
/** A read, or an integer tensor's element. */
type Access = Pick<Read, "tensor" | "subscripts">;

/** The shape of a tensor; `dT` has that of `T` where it is no tensor of the layer. */
function shapeOf(layer: Shapes, name: string): readonly Int[] | undefined {
  const find = (wanted: string): readonly Int[] | undefined =>
    layer && tensorNamed(layer.tensors, wanted)?.shape;
  return find(name) ?? (name.startsWith("d") ? find(name.slice(1)) : undefined);
}

/** Every read that belongs to the body itself, with the condition of the `where` branches on indices around it. */
function directReads(
  e: Expression,
  given: Condition,
  visit: (access: Access, given: Condition) => void,
): void {
  const int = (value: Int): Int => (elements(value, (access) => visit(access, given)), value);
  const expression = (part: Expression): Expression => (directReads(part, given, visit), part);
  const condition = (c: Condition): Condition => (conditionReads(c, given, visit), c);
  if (e.kind === "reduction" || e.kind === "pad") return;
  if (e.kind === "read") visit(e, given);
  if (e.kind === "select" && isStatic(e.condition)) {
    directReads(e.whenTrue, build.and(given, e.condition), visit);
    return directReads(e.whenFalse, build.and(given, build.not(e.condition)), visit);
  }
  mapChildren(e, { expression, condition, int });
}
function conditionReads(
  c: Condition,
  given: Condition,
  visit: (access: Access, given: Condition) => void,
): void {
  if (c.kind === "any" || c.kind === "all") return;
  mapConditionChildren(c, {
    expression: (part) => (directReads(part, given, visit), part),
    condition: (part) => (conditionReads(part, given, visit), part),
    int: (value) => (elements(value, (access) => visit(access, given)), value),
  });
}
function elements(value: Int, visit: (access: Access) => void): void {
  integer.eachAtom(value, (atom) => {
    if (atom.kind === "element") visit(atom);
  });
}

/** The conditions under which the body's reads are in bounds and their exact divisions come out even. */
export function inBoundsOf(body: Expression, layer: Shapes): readonly Condition[] {
  const found: Condition[] = [];
  directReads(body, build.truth, ({ tensor, subscripts }, given) => {
    const shape = shapeOf(layer, tensor);
    subscripts.forEach((subscript, axis) => {
      const extent = shape?.[axis];
      const conditions = [...evenness(subscript), ...(extent ? boundsOf(subscript, extent) : [])];
      for (const c of conditions)
        found.push(given.kind === "truth" && given.value ? c : build.or(build.not(given), c));
    });
  });
  return found;
}

/** 0 <= subscript < extent, as written and with divisions cleared. */
function boundsOf(subscript: Int, extent: Int): Condition[] {
  const both = [subscript, integer.minus(integer.minus(extent, subscript), integer.one)];
  return both.flatMap((v) => [build.nonNegative(v), build.nonNegative(v, () => true)]);
}
function evenness(subscript: Int): Condition[] {
  const found: Condition[] = [];
  integer.eachAtom(subscript, (atom) => {
    if (atom.kind === "exact") found.push(build.divides(atom.denominator, atom.numerator));
  });
  return found;
}

/** The part of a reduction's guard that its body's reads do not imply. */
export function guardLeft(e: Reduction, layer: Shapes): Condition {
  const conjuncts = build.conjuncts(e.guard);
  if (conjuncts.length === 0) return build.truth;
  const implied = new Set(inBoundsOf(e.body, layer).map(keyOfCondition));
  return build.and(...conjuncts.filter((c) => !implied.has(keyOfCondition(c))));
}

/**
 * Whether a binder printed without its range gets the same range back: it stands alone on an axis of that extent,
 * and on none of another.
 */
export function standsAlone(binder: Binder, within: Reduction | Quantified, layer: Shapes): boolean {
  if (!layer || integer.literal(binder.lower) !== 0) return false;
  const definitions = new Map(layer.derived.map((d) => [d.name, d.value]));
  const same = (a: Int, b: Int): boolean =>
    integer.equal(a, b) || integer.equal(expand(a, definitions), expand(b, definitions));
  let [found, other] = [false, false];
  const visit = ({ tensor, subscripts }: Access): void => {
    const shape = shapeOf(layer, tensor);
    subscripts.forEach((subscript, axis) => {
      if (integer.plainVariable(subscript) !== binder.name) return;
      const extent = shape?.[axis];
      if (extent && same(extent, binder.upper)) found = true;
      else other = true;
    });
  };
  allReads(within, visit);
  return found && !other;
}

function expand(value: Int, definitions: ReadonlyMap<string, Int>): Int {
  let current = value;
  for (let i = 0; i < 16; i++) {
    const next = integer.substituteInt(current, definitions);
    if (next === current) break;
    current = next;
  }
  return current;
}

/** Every read inside a reduction or quantifier, those of nested ones too. */
function allReads(within: Reduction | Quantified, visit: (access: Access) => void): void {
  const int = (value: Int): Int => (elements(value, visit), value);
  const expression = (e: Expression): Expression => {
    if (e.kind === "read") visit(e);
    if (e.kind === "pad") visit(e.read);
    mapChildren(e, { expression, condition, int });
    return e;
  };
  const condition = (c: Condition): Condition => (mapConditionChildren(c, { expression, condition, int }), c);
  condition(within.guard);
  if (within.kind === "reduction") expression(within.body);
  else condition(within.body);
}
