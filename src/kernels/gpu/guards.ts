/**
 * Values of `index` tensors are not checked on a GPU: a read through one that is out of its declared range contributes
 * nothing inside a reduction and is 0 outside. Here these conditions are written out.
 */
import * as build from "../../notation/construct.js";
import type { Condition, Expression, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { mapChildren, mapConditionChildren, type Mapper } from "../../notation/traverse.js";
import { isStatic } from "../../ranges/accesses.js";
import type { Shapes } from "../offsets.js";

export function guardElements(statement: Statement, shapes: Shapes): Statement {
  return { ...statement, body: guarded(statement.body, shapes) };
}

/** Outside reductions: each read by itself. */
function guarded(e: Expression, shapes: Shapes): Expression {
  const expression = (part: Expression): Expression => guarded(part, shapes);
  const condition = (c: Condition): Condition => guardedCondition(c, shapes);
  if (e.kind === "read") return build.select(inRange(e.subscripts, shapes), e, build.zero);
  if (e.kind === "integer") return build.select(presenceOfElements(e.value, shapes), e, build.zero);
  if (e.kind === "reduction") return guardedReduction(e, shapes);
  return mapChildren(e, { expression, condition });
}
function guardedCondition(c: Condition, shapes: Shapes): Condition {
  if (c.kind === "any" || c.kind === "all") {
    const guard = build.and(c.guard, ...[c.guard, c.body].map((part) => presenceOfCondition(part, shapes)));
    return { ...c, guard, body: withinReduction(c.body, shapes) };
  }
  return mapConditionChildren(c, {
    expression: (e) => guarded(e, shapes),
    condition: (part) => guardedCondition(part, shapes),
  });
}

/** Inside a reduction: the point takes no part. Nested reductions are their own. */
function guardedReduction(e: Reduction, shapes: Shapes): Reduction {
  const nested = (part: Expression): Expression =>
    part.kind === "reduction"
      ? guardedReduction(part, shapes)
      : mapChildren(part, { expression: nested, condition: (c) => withinReduction(c, shapes) });
  const guard = build.and(e.guard, presenceOfCondition(e.guard, shapes), presence(e.body, shapes));
  return { ...e, guard, body: nested(e.body) };
}
const withinReduction = (c: Condition, shapes: Shapes): Condition =>
  c.kind === "any" || c.kind === "all"
    ? guardedCondition(c, shapes)
    : mapConditionChildren(c, {
        expression: (e) => (e.kind === "reduction" ? guardedReduction(e, shapes) : e),
        condition: (part) => withinReduction(part, shapes),
      });

/** That the reads of an expression lie in range; those in a branch on indices count where it is taken. */
function presence(e: Expression, shapes: Shapes): Condition {
  if (e.kind === "reduction") return build.truth;
  if (e.kind === "select" && isStatic(e.condition)) {
    const branch = (taken: Condition, part: Expression): Condition => {
      const there = presence(part, shapes);
      return isTrue(there) ? there : build.or(build.not(taken), there);
    };
    return build.and(branch(e.condition, e.whenTrue), branch(build.not(e.condition), e.whenFalse));
  }
  const found = e.kind === "read" ? [inRange(e.subscripts, shapes)] : [];
  mapChildren(e, collecting(found, shapes));
  return build.and(...found);
}
function presenceOfCondition(c: Condition, shapes: Shapes): Condition {
  if (c.kind === "any" || c.kind === "all") return build.truth;
  const found: Condition[] = [];
  mapConditionChildren(c, collecting(found, shapes));
  return build.and(...found);
}
/** What the parts of a node ask for. */
const collecting = (found: Condition[], shapes: Shapes): Mapper => ({
  expression: (part) => (found.push(presence(part, shapes)), part),
  condition: (part) => (found.push(presenceOfCondition(part, shapes)), part),
  int: (value) => (found.push(presenceOfElements(value, shapes)), value),
});
const isTrue = (c: Condition): boolean => c.kind === "truth" && c.value;

/** That elements of integer tensors are read through subscripts in range. */
function presenceOfElements(value: Int, shapes: Shapes): Condition {
  const found: Condition[] = [];
  integer.eachAtom(value, (atom) => {
    if (atom.kind === "element") found.push(inRange(atom.subscripts, shapes));
  });
  return build.and(...found);
}
/** That the elements in the subscripts lie in the ranges that their tensors declare. */
function inRange(subscripts: readonly Int[], shapes: Shapes): Condition {
  const found: Condition[] = [];
  for (const subscript of subscripts)
    integer.eachAtom(subscript, (atom) => {
      const tensor = atom.kind === "element" ? shapes.get(atom.tensor) : undefined;
      // the positions of a max are the plan's own: only a given tensor may hold anything
      if (atom.kind !== "element" || tensor?.role !== "index" || !tensor.bound) return;
      const value = integer.element(atom.tensor, atom.subscripts);
      found.push(build.within(value, integer.zero, tensor.bound));
    });
  return build.and(...found);
}
