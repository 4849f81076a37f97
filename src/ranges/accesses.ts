/** Every read of a statement, with the indices in scope there and the conditions under which it is made. */
import { and, isConstant, not, ofInt, truth } from "../notation/construct.js";
import type { Binder, Call, Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { atomParts, divisorOf, ofAtom, type Int } from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import { tensorsInCondition } from "../notation/traverse.js";

export interface Access {
  readonly tensor: string;
  readonly subscripts: readonly Int[];
  /** Enclosing left-hand indices and binders, outermost first. */
  readonly scope: readonly Binder[];
  /** Guards of the enclosing reductions, and of the branches taken those that are static. */
  readonly given: Condition;
  /** Whether a branch of a static `where` was taken to get here. */
  readonly conditional: boolean;
  /** Outside any reduction, inside one, or in a `pad`, which is always in bounds. */
  readonly place: "outside" | "reduced" | "padded";
  readonly at?: Span | undefined;
}

/** A division that reads nothing where it does not come out even, and where it stands. */
export interface Division extends Context {
  readonly numerator: Int;
  readonly denominator: Int;
}
/** What a floor, a remainder or an exact quotient divides by, and where. A quotient of reals has its infinities. */
export interface Divisor extends Context {
  readonly divisor: Expression;
  readonly of: Expression;
}
/** What a traversal reports: accesses, divisions in them and in bounds, and the scopes that reductions open. */
export interface AccessVisitor {
  readonly access?: (access: Access) => void;
  readonly division?: (division: Division) => void;
  readonly divisor?: (divisor: Divisor) => void;
  readonly binders?: (binders: readonly Binder[], outer: readonly Binder[], at: Span | undefined) => void;
}
type Context = Omit<Access, "tensor" | "subscripts">;

/** Whether a condition is made of indices, sizes and params only, so that it decides which reads count. */
export const isStatic = (condition: Condition): boolean => tensorsInCondition(condition).size === 0;

/** A statement's accesses, outer ones first; reads in subscripts are accesses too. */
export function accessesOf(statement: Statement): readonly Access[] {
  const found: Access[] = [];
  visitAccesses(statement, { access: (a) => void found.push(a) });
  return found;
}

/** The accesses of an expression that stands outside any reduction, in the scope that opens within it. */
export function accessesIn(e: Expression): readonly Access[] {
  const found: Access[] = [];
  visit(e, outside([]), { access: (a) => void found.push(a) });
  return found;
}

export function visitAccesses(statement: Statement, visitor: AccessVisitor): void {
  const scope = statement.indices.map((i) => ({ name: i.name, lower: integer.zero, upper: i.extent }));
  visit(statement.body, outside(scope, statement.at), visitor);
}
/** The divisors in what is no statement: a size, a constant. */
export function divisorsIn(e: Expression, at: Span | undefined): readonly Divisor[] {
  const found: Divisor[] = [];
  visit(e, outside([], at), { divisor: (d) => void found.push(d) });
  return found;
}
export function divisorsInCondition(c: Condition, at: Span | undefined): readonly Divisor[] {
  const found: Divisor[] = [];
  visitCondition(c, outside([], at), { divisor: (d) => void found.push(d) });
  return found;
}
const outside = (scope: readonly Binder[], at?: Span): Context => ({
  scope,
  given: truth,
  conditional: false,
  place: "outside",
  at,
});

function visit(e: Expression, context: Context, visitor: AccessVisitor): void {
  switch (e.kind) {
    case "constant":
    case "named":
    case "parameter":
      return;
    case "integer":
      return visitInt(e.value, context, visitor);
    case "read":
      return visitRead(e.tensor, e.subscripts, { ...context, at: e.at ?? context.at }, visitor);
    case "pad": {
      const { tensor, subscripts, at } = e.read;
      visitRead(tensor, subscripts, { ...context, place: "padded", at: at ?? context.at }, visitor);
      return visit(e.value, context, visitor);
    }
    case "add":
      return e.terms.forEach((t) => visit(t, context, visitor));
    case "multiply":
      return e.factors.forEach((f) => visit(f, context, visitor));
    case "raise":
      visit(e.base, context, visitor);
      return visit(e.exponent, context, visitor);
    case "call":
      for (const divisor of divisorsOf(e)) visitor.divisor?.({ ...context, divisor, of: e });
      return e.arguments.forEach((a) => visit(a, context, visitor));
    case "select": {
      visitCondition(e.condition, context, visitor);
      const taken = (c: Condition): Context =>
        isStatic(e.condition) ? { ...context, given: and(context.given, c), conditional: true } : context;
      visit(e.whenTrue, taken(e.condition), visitor);
      return visit(e.whenFalse, taken(not(e.condition)), visitor);
    }
    case "stop":
      return visit(e.argument, context, visitor);
    case "reduction": {
      const inner = open(e.binders, e.guard, e.at, context, visitor);
      return visit(e.body, inner, visitor);
    }
  }
}

function visitCondition(c: Condition, context: Context, visitor: AccessVisitor): void {
  switch (c.kind) {
    case "truth":
      return;
    case "nonnegative":
    case "zero":
      return visitInt(c.value, context, visitor);
    case "compare":
      visit(c.left, context, visitor);
      return visit(c.right, context, visitor);
    case "and": {
      // a and b: a read in b counts only where the conditions on indices in a hold
      let inner = context;
      for (const part of c.parts) {
        visitCondition(part, inner, visitor);
        if (isStatic(part)) inner = { ...inner, given: and(inner.given, part), conditional: true };
      }
      return;
    }
    case "or": {
      const { divisor, ...others } = visitor;
      for (const part of c.parts) visitCondition(part, context, others);
      // a or b: a division in b is made only where a does not hold
      let inner = context;
      if (divisor)
        for (const part of c.parts) {
          visitCondition(part, inner, { divisor });
          if (isStatic(part)) inner = { ...inner, given: and(inner.given, not(part)) };
        }
      return;
    }
    case "not":
      return visitCondition(c.part, context, visitor);
    case "any":
    case "all": {
      const inner = open(c.binders, c.guard, c.at, context, visitor);
      return visitCondition(c.body, inner, visitor);
    }
  }
}

/** The context inside a reduction. Reads in its guard belong to it. */
function open(
  binders: readonly Binder[],
  guard: Condition,
  at: Span | undefined,
  context: Context,
  visitor: AccessVisitor,
): Context {
  visitor.binders?.(binders, context.scope, at ?? context.at);
  let inner = context;
  for (const binder of binders) {
    const outside = { ...inner, at: binder.at ?? at ?? context.at };
    visitInt(binder.lower, outside, visitor);
    visitInt(binder.upper, outside, visitor);
    inner = { ...inner, scope: [...inner.scope, binder] };
  }
  inner = { ...inner, place: "reduced", at: at ?? context.at };
  visitCondition(guard, inner, visitor);
  return { ...inner, given: and(inner.given, guard) };
}

function visitRead(
  tensor: string,
  subscripts: readonly Int[],
  context: Context,
  visitor: AccessVisitor,
): void {
  visitor.access?.({ ...context, tensor, subscripts });
  for (const subscript of subscripts) visitInt(subscript, context, visitor);
}

/** What a function of integers divides by: a remainder by its second argument, a floor by what stands below in its first. */
function divisorsOf({ name, arguments: [u, v] }: Call): readonly Expression[] {
  if (name === "mod") return v ? [v] : [];
  if ((name !== "floor" && name !== "ceil" && name !== "round") || !u) return [];
  const factors = u.kind === "multiply" ? u.factors : [u];
  return factors.flatMap((f) => (f.kind === "raise" && isConstant(f.exponent, -1) ? [f.base] : []));
}

function visitInt(value: Int, context: Context, visitor: AccessVisitor): void {
  for (const { factors } of value.monomials)
    for (const atom of factors) {
      if (atom.kind === "exact")
        visitor.division?.({ ...context, numerator: atom.numerator, denominator: atom.denominator });
      const divisor = divisorOf(atom);
      if (divisor) visitor.divisor?.({ ...context, divisor: ofInt(divisor), of: ofInt(ofAtom(atom)) });
      if (atom.kind === "element") visitRead(atom.tensor, atom.subscripts, context, visitor);
      else for (const part of atomParts(atom)) visitInt(part, context, visitor);
    }
}
