/**
 * Values of `index` tensors are not checked on a GPU: a read through one that is out of its declared range contributes
 * nothing inside a reduction and is 0 outside. Here these conditions are written out.
 */
import * as build from "../../notation/construct.js";
import type { Condition, Expression, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { mapChildren, mapConditionChildren } from "../../notation/traverse.js";
import type { Shapes } from "../offsets.js";

export function guardElements(statement: Statement, shapes: Shapes): Statement {
  return { ...statement, body: guarded(statement.body, shapes) };
}

/** Outside reductions: each read by itself. */
function guarded(e: Expression, shapes: Shapes): Expression {
  const expression = (part: Expression): Expression => guarded(part, shapes);
  const condition = (c: Condition): Condition => guardedCondition(c, shapes);
  if (e.kind === "read") return build.select(inRange(e.subscripts, shapes), e, build.zero);
  if (e.kind === "reduction") return guardedReduction(e, shapes);
  return mapChildren(e, { expression, condition });
}
function guardedCondition(c: Condition, shapes: Shapes): Condition {
  if (c.kind === "any" || c.kind === "all") {
    const there = readsOf((visit) => visitCondition(c.body, visit), shapes);
    return { ...c, guard: build.and(c.guard, there), body: withinReduction(c.body, shapes) };
  }
  return mapConditionChildren(c, {
    expression: (e) => guarded(e, shapes),
    condition: (part) => guardedCondition(part, shapes),
  });
}

/** Inside a reduction: the point takes no part. Nested reductions are their own. */
function guardedReduction(e: Reduction, shapes: Shapes): Reduction {
  const there = readsOf((visit) => visitReads(e.body, visit), shapes);
  const nested = (part: Expression): Expression =>
    part.kind === "reduction"
      ? guardedReduction(part, shapes)
      : mapChildren(part, { expression: nested, condition: (c) => withinReduction(c, shapes) });
  return { ...e, guard: build.and(e.guard, there), body: nested(e.body) };
}
const withinReduction = (c: Condition, shapes: Shapes): Condition =>
  c.kind === "any" || c.kind === "all"
    ? guardedCondition(c, shapes)
    : mapConditionChildren(c, {
        expression: (e) => (e.kind === "reduction" ? guardedReduction(e, shapes) : e),
        condition: (part) => withinReduction(part, shapes),
      });

type Visit = (subscripts: readonly Int[]) => void;
function readsOf(each: (visit: Visit) => void, shapes: Shapes): Condition {
  const conditions: Condition[] = [];
  each((subscripts) => conditions.push(inRange(subscripts, shapes)));
  return build.and(...conditions);
}
function visitReads(e: Expression, visit: Visit): void {
  if (e.kind === "reduction") return;
  if (e.kind === "read") visit(e.subscripts);
  mapChildren(e, {
    expression: (part) => (visitReads(part, visit), part),
    condition: (c) => (visitCondition(c, visit), c),
  });
}
function visitCondition(c: Condition, visit: Visit): void {
  if (c.kind === "any" || c.kind === "all") return;
  mapConditionChildren(c, {
    expression: (e) => (visitReads(e, visit), e),
    condition: (part) => (visitCondition(part, visit), part),
  });
}

/** That the elements in the subscripts lie in the ranges that their tensors declare. */
function inRange(subscripts: readonly Int[], shapes: Shapes): Condition {
  const conditions: Condition[] = [];
  for (const subscript of subscripts)
    integer.eachAtom(subscript, (atom) => {
      const tensor = atom.kind === "element" ? shapes.get(atom.tensor) : undefined;
      // the positions of a max are the plan's own: only a given tensor may hold anything
      if (atom.kind !== "element" || tensor?.role !== "index" || !tensor.bound) return;
      const value = integer.element(atom.tensor, atom.subscripts);
      conditions.push(build.within(value, integer.zero, tensor.bound));
    });
  return build.and(...conditions);
}
