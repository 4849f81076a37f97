/** What the passes of this folder know of the names around a formula. */
import { nonNegative } from "../notation/construct.js";
import type { Binder, Condition, Expression, Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { tensorNamed, type Layer, type Statement, type Tensor } from "../notation/layer.js";
import { walk } from "../notation/traverse.js";
import { factsInside, layerFacts, positiveIn } from "../ranges/facts.js";
import { proves, type Facts } from "../ranges/prove.js";

export interface Scope {
  readonly facts: Facts;
  readonly tensors: readonly Tensor[];
  /** Names that stand in the tensors' extents. */
  readonly extentNames: ReadonlySet<string>;
  /** Names that stand for indices here: those of the left-hand side and the binders around. */
  readonly indices: ReadonlySet<string>;
}

/** @param layer with all tensors that the statements read: cotangents and gradients too */
export const scopeOf = (layer: Layer): Scope => ({
  facts: layerFacts(layer),
  tensors: layer.tensors,
  extentNames: new Set(layer.tensors.flatMap((t) => t.shape.flatMap((e) => [...integer.variablesOf(e)]))),
  indices: new Set(),
});

export const insideStatement = (scope: Scope, statement: Statement): Scope => ({
  ...scope,
  facts: factsInside(scope.facts, statement.indices),
  indices: new Set([...scope.indices, ...statement.indices.map((i) => i.name)]),
});
export const insideReduction = (
  scope: Scope,
  { binders, guard }: { readonly binders: readonly Binder[]; readonly guard: Condition },
): Scope => ({
  ...scope,
  facts: factsInside(scope.facts, binders, guard),
  indices: new Set([...scope.indices, ...binders.map((b) => b.name)]),
});

export const isWeight = (scope: Scope, tensor: string): boolean =>
  tensorNamed(scope.tensors, tensor)?.role === "weight";

/** The indices that a value depends on. */
export const indicesIn = (value: Int, scope: Pick<Scope, "indices">): readonly string[] =>
  [...integer.variablesOf(value)].filter((name) => scope.indices.has(name));

/** Whether a value depends on an index of the reduction. */
export const holdsBinder = (value: Int, { binders }: Pick<Reduction, "binders">): boolean =>
  binders.some((b) => integer.mentions(value, b.name));

/** One subscript of a read, with the extent of its axis. */
export interface Subscript {
  readonly tensor: string;
  readonly axis: number;
  readonly value: Int;
  readonly extent: Int | undefined;
}

/** Every read of the expression, those of nested reductions left out. */
export function directReads(e: Expression): readonly Read[] {
  const found: Read[] = [];
  walk(e, {
    enter: (part) => part.kind !== "reduction",
    expression: (part) => {
      if (part.kind === "read") found.push(part);
    },
  });
  return found;
}

/** Whether a subscript is in bounds at every point of the reduction: a read in a branch may not be. */
export function isInBounds({ value, extent }: Subscript, inside: Scope): boolean {
  if (!extent) return false;
  const positive = positiveIn(inside.facts);
  const above = integer.minus(integer.minus(extent, value), integer.one);
  return [value, above].every((v) => proves(inside.facts, nonNegative(v, positive)));
}

/** The subscripts of the direct reads, weights first, then by tensor and axis: one order for equal formulas. */
export function directSubscripts(e: Expression, scope: Scope): readonly Subscript[] {
  const found = directReads(e).flatMap((read) => {
    const shape = tensorNamed(scope.tensors, read.tensor)?.shape;
    return read.subscripts.map((value, axis) => ({
      tensor: read.tensor,
      axis,
      value,
      extent: shape?.[axis],
    }));
  });
  const rank = (s: Subscript): string => `${isWeight(scope, s.tensor) ? 0 : 1} ${s.tensor} ${s.axis}`;
  return found.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}
