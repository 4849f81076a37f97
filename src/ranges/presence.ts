/** The points of a reduction that take part: the condition that every read standing directly in a body is in bounds. */
import { and, isZero, nonNegative, not, or, truth } from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { atomParts, type Int } from "../notation/integer.js";
import { isStatic } from "./accesses.js";
import { positiveIn } from "./facts.js";
import { assuming, proves, type Facts } from "./prove.js";

/** What is known in a scope, and the shapes of tensors. */
export interface Scope {
  readonly facts: Facts;
  readonly shapeOf: (tensor: string) => readonly Int[];
}
export const inScope = (scope: Scope, facts: Facts): Scope => ({ ...scope, facts });

/** `value >= 0`, or nothing where that is proved. */
function unlessProved(scope: Scope, value: Int): Condition {
  const condition = nonNegative(value, positiveIn(scope.facts));
  const plain: Condition = { kind: "nonnegative", value };
  return proves(scope.facts, plain) || proves(scope.facts, condition) ? truth : condition;
}

/**
 * That the reads of an expression are in bounds and its exact divisions come out even; what the facts prove is
 * left out. Reads in nested reductions and in a `pad` do not count, those in a branch of a static `where` only
 * where it is taken.
 */
export function presence(e: Expression, scope: Scope): Condition {
  const all = (parts: readonly Expression[]): Condition => and(...parts.map((p) => presence(p, scope)));
  switch (e.kind) {
    case "constant":
    case "named":
    case "parameter":
      return truth;
    case "integer":
      return presenceOfInt(e.value, scope);
    case "read":
      return presenceOfRead(e.tensor, e.subscripts, scope);
    case "pad": {
      const inBounds = presenceOfRead(e.read.tensor, e.read.subscripts, scope);
      return inBounds.kind === "truth" ? truth : implied(not(inBounds), e.value, scope);
    }
    case "add":
      return all(e.terms);
    case "multiply":
      return all(e.factors);
    case "raise":
      return all([e.base, e.exponent]);
    case "call":
      return all(e.arguments);
    case "stop":
      return presence(e.argument, scope);
    case "select": {
      const condition = presenceOfCondition(e.condition, scope);
      if (!isStatic(e.condition)) return and(condition, all([e.whenTrue, e.whenFalse]));
      return and(
        condition,
        implied(e.condition, e.whenTrue, scope),
        implied(not(e.condition), e.whenFalse, scope),
      );
    }
    case "reduction":
      return presenceOfBounds(e.binders, scope);
  }
}
/** condition → presence of e. */
const implied = (condition: Condition, e: Expression, scope: Scope): Condition =>
  where(condition, (inner) => presence(e, inner), scope);
function where(condition: Condition, present: (scope: Scope) => Condition, scope: Scope): Condition {
  const there = present(inScope(scope, assuming(scope.facts, condition)));
  return there.kind === "truth" && there.value ? truth : or(not(condition), there);
}

export function presenceOfCondition(c: Condition, scope: Scope): Condition {
  switch (c.kind) {
    case "truth":
      return truth;
    case "nonnegative":
    case "zero":
      return presenceOfInt(c.value, scope);
    case "compare":
      return and(presence(c.left, scope), presence(c.right, scope));
    case "and":
      // a and b: a read in b counts only where the conditions on indices in a hold
      return and(
        ...c.parts.map((part, i) =>
          where(
            and(...c.parts.slice(0, i).filter(isStatic)),
            (inner) => presenceOfCondition(part, inner),
            scope,
          ),
        ),
      );
    case "or":
      return and(...c.parts.map((p) => presenceOfCondition(p, scope)));
    case "not":
      return presenceOfCondition(c.part, scope);
    case "any":
    case "all":
      return presenceOfBounds(c.binders, scope);
  }
}
/** Reads in the bounds of a nested reduction's binders stand outside it. */
const presenceOfBounds = (binders: readonly Binder[], scope: Scope): Condition =>
  and(...binders.flatMap((b) => [presenceOfInt(b.lower, scope), presenceOfInt(b.upper, scope)]));

/** Elements first, then evenness, then the bounds themselves: a condition may rely on those before it. */
export function presenceOfRead(tensor: string, subscripts: readonly Int[], scope: Scope): Condition {
  const shape = scope.shapeOf(tensor);
  return and(
    ...subscripts.flatMap((subscript, axis) => {
      const extent = shape[axis];
      const parts = [presenceOfInt(subscript, scope), presenceOfElements(subscript, scope)];
      if (!extent) return parts;
      const last = integer.minus(integer.minus(extent, integer.one), subscript);
      return [...parts, unlessProved(scope, subscript), unlessProved(scope, last)];
    }),
  );
}

/** Elements of integer tensors that a subscript uses are no -1, which an argmax over no points is. */
export function presenceOfElements(value: Int, scope: Scope): Condition {
  const conditions: Condition[] = [];
  integer.eachAtom(value, (atom) => {
    if (atom.kind === "element" && scope.facts.elements.get(atom.tensor)?.rounded !== true)
      conditions.push(unlessProved(scope, integer.element(atom.tensor, atom.subscripts)));
  });
  return and(...conditions);
}

function presenceOfInt(value: Int, scope: Scope): Condition {
  return and(
    ...value.monomials.flatMap(({ factors }) =>
      factors.map((atom) => {
        if (atom.kind === "element") return presenceOfRead(atom.tensor, atom.subscripts, scope);
        const parts = and(...atomParts(atom).map((p) => presenceOfInt(p, scope)));
        if (atom.kind !== "exact") return parts;
        return and(parts, isZero(integer.modulo(atom.numerator, atom.denominator)));
      }),
    ),
  );
}
