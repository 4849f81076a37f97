/** Rebuilding formulas, through the constructors, so that results are canonical; `walk.ts` only looks at them. */
import * as build from "./construct.js";
import type { Binder, Condition, Expression, Read } from "./expression.js";
import type { Int } from "./integer.js";

export * from "./walk.js";

/** How sums, products, powers, branches and joined conditions are built again. */
export type Constructors = Pick<typeof build, "add" | "multiply" | "raise" | "select" | "and" | "or">;

/** What `mapChildren` applies to the parts of a node. Left out: the part is kept. */
export interface Mapper {
  readonly expression?: (e: Expression) => Expression;
  readonly condition?: (c: Condition) => Condition;
  readonly int?: (value: Int) => Int;
  /** Canonical unless said otherwise: formulas whose bounds are not explicit yet are built as they are written. */
  readonly construct?: Constructors | undefined;
}

/** The expression with each direct part mapped (binders' bounds by `int`; bound names are kept). */
export function mapChildren(e: Expression, map: Mapper): Expression {
  const { expression = same, condition = same, int = same, construct = build } = map;
  switch (e.kind) {
    case "constant":
    case "named":
    case "parameter":
      return e;
    case "integer": {
      const value = int(e.value);
      return value === e.value ? e : build.ofInt(value);
    }
    case "read":
      return mapRead(e, int);
    case "pad": {
      const [read, value] = [mapRead(e.read, int), expression(e.value)];
      return read === e.read && value === e.value ? e : { kind: "pad", read, value };
    }
    case "add": {
      const terms = mapAll(e.terms, expression);
      return terms === e.terms ? e : construct.add(...terms);
    }
    case "multiply": {
      const factors = mapAll(e.factors, expression);
      return factors === e.factors ? e : construct.multiply(...factors);
    }
    case "raise": {
      const [base, exponent] = [expression(e.base), expression(e.exponent)];
      return base === e.base && exponent === e.exponent ? e : construct.raise(base, exponent);
    }
    case "call": {
      const args = mapAll(e.arguments, expression);
      return args === e.arguments ? e : build.call(e.name, args, e.at);
    }
    case "select": {
      const [c, a, b] = [condition(e.condition), expression(e.whenTrue), expression(e.whenFalse)];
      return c === e.condition && a === e.whenTrue && b === e.whenFalse ? e : construct.select(c, a, b);
    }
    case "stop": {
      const argument = expression(e.argument);
      return argument === e.argument ? e : build.stop(argument);
    }
    case "reduction": {
      const binders = mapBinders(e.binders, int);
      const [guard, body] = [condition(e.guard), expression(e.body)];
      return binders === e.binders && guard === e.guard && body === e.body
        ? e
        : { ...e, binders, guard, body };
    }
  }
}

export function mapConditionChildren(c: Condition, map: Mapper): Condition {
  const { expression = same, condition = same, int = same, construct = build } = map;
  switch (c.kind) {
    case "truth":
      return c;
    case "nonnegative": {
      const value = int(c.value);
      return value === c.value ? c : build.nonNegative(value);
    }
    case "zero": {
      const value = int(c.value);
      return value === c.value ? c : build.isZero(value);
    }
    case "compare": {
      const [left, right] = [expression(c.left), expression(c.right)];
      return left === c.left && right === c.right ? c : build.compare(c.operator, left, right);
    }
    case "and":
    case "or": {
      const parts = mapAll(c.parts, condition);
      return parts === c.parts ? c : c.kind === "and" ? construct.and(...parts) : construct.or(...parts);
    }
    case "not": {
      const part = condition(c.part);
      return part === c.part ? c : build.not(part);
    }
    case "any":
    case "all": {
      const binders = mapBinders(c.binders, int);
      const [guard, body] = [condition(c.guard), condition(c.body)];
      return binders === c.binders && guard === c.guard && body === c.body
        ? c
        : { ...c, binders, guard, body };
    }
  }
}

const same = <T>(value: T): T => value;

function mapAll<T>(items: readonly T[], map: (item: T) => T): readonly T[] {
  let mapped: T[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const result = map(item);
    if (mapped) mapped.push(result);
    else if (result !== item) mapped = [...items.slice(0, i), result];
  }
  return mapped ?? items;
}
function mapRead(read: Read, int: (value: Int) => Int): Read {
  const subscripts = mapAll(read.subscripts, int);
  return subscripts === read.subscripts ? read : { ...read, subscripts };
}
function mapBinders(binders: readonly Binder[], int: (value: Int) => Int): readonly Binder[] {
  return mapAll(binders, (b) => {
    const [lower, upper] = [int(b.lower), int(b.upper)];
    return lower === b.lower && upper === b.upper ? b : { ...b, lower, upper };
  });
}

/** Rewrites bottom-up: `rewrite` sees each node after its parts. */
export function rewrite(
  e: Expression,
  change: (e: Expression) => Expression,
  int?: (value: Int) => Int,
  construct?: Constructors,
): Expression {
  return change(mapChildren(e, rewriting(change, int, construct)));
}
export function rewriteCondition(
  c: Condition,
  change: (e: Expression) => Expression,
  int?: (value: Int) => Int,
  construct?: Constructors,
): Condition {
  return mapConditionChildren(c, rewriting(change, int, construct));
}
function rewriting(
  change: (e: Expression) => Expression,
  int: ((value: Int) => Int) | undefined,
  construct: Constructors | undefined,
): Mapper {
  const map: Mapper = {
    expression: (part) => change(mapChildren(part, map)),
    condition: (part) => mapConditionChildren(part, map),
    ...(int && { int }),
    construct,
  };
  return map;
}
