/** Walking formulas, and what is found on the way. Nothing is built again. */
import type { Binder, Condition, Expression, Read } from "./expression.js";
import { eachAtom, variablesOf, type Int } from "./integer.js";

/** What `eachChild` tells of the parts of a node. */
export interface Parts {
  readonly expression: (e: Expression) => void;
  readonly condition: (c: Condition) => void;
  readonly int: (value: Int) => void;
}
/** Every direct part of the expression, in the order of `mapChildren`. */
export function eachChild(e: Expression, { expression, condition, int }: Parts): void {
  switch (e.kind) {
    case "constant":
    case "named":
    case "parameter":
      return;
    case "integer":
      return int(e.value);
    case "read":
      return e.subscripts.forEach(int);
    case "pad":
      e.read.subscripts.forEach(int);
      return expression(e.value);
    case "add":
      return e.terms.forEach(expression);
    case "multiply":
      return e.factors.forEach(expression);
    case "raise":
      expression(e.base);
      return expression(e.exponent);
    case "call":
      return e.arguments.forEach(expression);
    case "select":
      condition(e.condition);
      expression(e.whenTrue);
      return expression(e.whenFalse);
    case "stop":
      return expression(e.argument);
    case "reduction":
      eachBound(e.binders, int);
      condition(e.guard);
      return expression(e.body);
  }
}
export function eachConditionChild(c: Condition, { expression, condition, int }: Parts): void {
  switch (c.kind) {
    case "truth":
      return;
    case "nonnegative":
    case "zero":
      return int(c.value);
    case "compare":
      expression(c.left);
      return expression(c.right);
    case "and":
    case "or":
      return c.parts.forEach(condition);
    case "not":
      return condition(c.part);
    case "any":
    case "all":
      eachBound(c.binders, int);
      condition(c.guard);
      return condition(c.body);
  }
}
function eachBound(binders: readonly Binder[], int: (value: Int) => void): void {
  for (const { lower, upper } of binders) {
    int(lower);
    int(upper);
  }
}

/** What `walk` reports, outer nodes first. */
export interface Visitor {
  readonly expression?: (e: Expression) => void;
  readonly condition?: (c: Condition) => void;
  readonly int?: (value: Int) => void;
  /** Whether to go into a node. Default: always. */
  readonly enter?: (e: Expression) => boolean;
}
export const walk = (e: Expression, visit: Visitor): void => walking(visit).expression(e);
export const walkCondition = (c: Condition, visit: Visitor): void => walking(visit).condition(c);
function walking(visit: Visitor): Parts {
  const parts: Parts = {
    expression: (e) => {
      visit.expression?.(e);
      if (visit.enter && !visit.enter(e)) return;
      eachChild(e, parts);
      if (e.kind === "pad") visit.expression?.(e.read);
    },
    condition: (c) => {
      visit.condition?.(c);
      eachConditionChild(c, parts);
    },
    int: (value) => visit.int?.(value),
  };
  return parts;
}

/** All integer names (indices, sizes, params) that occur, bound ones included. */
export function namesIn(e: Expression, into: Set<string> = new Set()): Set<string> {
  walk(e, nameVisitor(into));
  return into;
}
export function namesInCondition(c: Condition, into: Set<string> = new Set()): Set<string> {
  walkCondition(c, nameVisitor(into));
  return into;
}
function nameVisitor(into: Set<string>): Visitor {
  const bound = (of: Expression | Condition): void => {
    if ("binders" in of) for (const b of of.binders) into.add(b.name);
  };
  return { int: (value) => void variablesOf(value, into), expression: bound, condition: bound };
}

/** Every read of a real tensor, outer ones first. */
export function readsIn(e: Expression): readonly Read[] {
  const found: Read[] = [];
  walk(e, { expression: (part) => void (part.kind === "read" && found.push(part)) });
  return found;
}
/** All tensors read, in subscripts too. Remembered for each node. */
export function tensorsIn(e: Expression): ReadonlySet<string> {
  let known = tensorSets.get(e);
  if (!known) {
    const found = new Set<string>();
    walk(e, tensorVisitor(found));
    known = found;
    tensorSets.set(e, known);
  }
  return known;
}
const tensorSets = new WeakMap<Expression, ReadonlySet<string>>();
export function tensorsInCondition(c: Condition): ReadonlySet<string> {
  const found = new Set<string>();
  walkCondition(c, tensorVisitor(found));
  return found;
}
const tensorVisitor = (into: Set<string>): Visitor => ({
  expression: (e) => {
    if (e.kind === "read") into.add(e.tensor);
  },
  int: (value) =>
    eachAtom(value, (atom) => {
      if (atom.kind === "element") into.add(atom.tensor);
    }),
});

/** Whether a reduction stands anywhere in it. */
export function holdsReduction(e: Expression): boolean {
  let found = false;
  walk(e, { expression: (part) => void (found ||= part.kind === "reduction"), enter: () => !found });
  return found;
}
/** How many nodes it has: a measure of its length. Remembered for each node. */
export function countNodes(e: Expression): number {
  let count = nodeCounts.get(e);
  if (count === undefined) {
    let parts = e.kind === "pad" ? 2 : 1;
    eachChild(
      e,
      counting((part) => (parts += countNodes(part))),
    );
    count = parts;
    nodeCounts.set(e, count);
  }
  return count;
}
const nodeCounts = new WeakMap<Expression, number>();
/** The expressions in conditions count too. */
function counting(expression: (e: Expression) => void): Parts {
  const parts: Parts = { expression, condition: (c) => eachConditionChild(c, parts), int: () => undefined };
  return parts;
}
