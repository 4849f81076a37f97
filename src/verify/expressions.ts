/** Real expressions and conditions as closures. */
import type {
  Binder,
  Both,
  Condition,
  Expression,
  Quantified,
  Read,
  Reduction,
} from "../notation/expression.js";
import { conjuncts, inverseOf, not } from "../notation/construct.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfCondition } from "../notation/key.js";
import { walk } from "../notation/traverse.js";
import type { Code, Context } from "./context.js";
import { compileDomain, compileConditionDomain, type Test } from "./domain.js";
import { asCode, cellOf, compileInt, compileOffset, type Cell } from "./integers.js";
import { requireElement } from "./recurrence.js";
import { describeRead, OutOfBounds, readsEmptyArgmax } from "./out-of-bounds.js";
import type { BinaryName, UnaryName } from "../primitives/index.js";
import { compileExtreme, compileTotal, loopsOver, rowMajor, type Extreme, type Walk } from "./reductions.js";

/** Its value at the current point. Throws `OutOfBounds` where a read outside reductions misses its tensor. */
export function compileExpression<T>(e: Expression, context: Context<T>): Code<T> {
  const { arithmetic } = context;
  const compile = (part: Expression): Code<T> => compileExpression(part, context);
  switch (e.kind) {
    case "constant": {
      const value =
        (e.exact && arithmetic.fraction?.(e.exact)) ?? arithmetic.rational(e.numerator, e.denominator);
      return () => value;
    }
    case "named": {
      const value = arithmetic.named(e.name);
      return () => value;
    }
    case "parameter": {
      const value = context.reals.get(e.name);
      if (value === undefined) throw new Error(`${e.name} has no value`);
      return () => value;
    }
    case "integer": {
      const code = compileInt(e.value, context);
      const value = typeof code === "number" ? arithmetic.rational(code) : undefined;
      if (value !== undefined) return () => value;
      return () => arithmetic.rational(asCode(code)());
    }
    case "read":
      return compileRead(e, context);
    case "pad": {
      const cell = cellOf(e.read.tensor, context);
      const offset = compileOffset(cell, e.read.subscripts, context);
      const inside = compileElement(cell, context);
      const outside = compile(e.value);
      return () => {
        const at = offset();
        return at < 0 ? outside() : inside(at);
      };
    }
    case "add":
      return e.terms.map(compile).reduce((a, b) => () => arithmetic.add(a(), b()));
    case "multiply":
      return compileProduct(e.factors, context);
    case "raise":
      return compilePower(e.base, e.exponent, context);
    case "call": {
      const [a, b] = e.arguments.map(compile);
      if (!a) throw new Error(`${e.name} without an argument`);
      if (b) {
        const binary = arithmetic.binary(e.name as BinaryName, varying(e));
        return () => binary(a(), b());
      }
      const unary = arithmetic.unary(e.name as UnaryName, varying(e));
      return () => unary(a());
    }
    case "select": {
      const [yes, no] = [e.condition, not(e.condition)].map(keyOfCondition) as [string, string];
      const { held = new Set() } = context;
      // where i == j has been excluded, i != j goes one way only, and rightly
      if (held.has(yes)) return compile(e.whenTrue);
      if (held.has(no)) return compile(e.whenFalse);
      const within = (key: string) => ({ ...context, held: new Set([...held, key]) });
      const condition = compileCondition(e.condition, context);
      const whenTrue = compileExpression(e.whenTrue, within(yes));
      const whenFalse = compileExpression(e.whenFalse, within(no));
      return () => (condition() ? whenTrue() : whenFalse());
    }
    case "stop": {
      const argument = compile(e.argument);
      return () => arithmetic.stop(argument());
    }
    case "reduction":
      return compileReduction(e, afresh(context));
  }
}

/** A reduction's indices may bear the names of others: what holds of those says nothing of them. */
const afresh = <T>(context: Context<T>): Context<T> => ({ ...context, held: new Set() });

/** Elements of integer tensors are plain numbers, whatever the arithmetic. */
function compileElement<T>(cell: Cell<T>, { arithmetic, recurrent }: Context<T>): (at: number) => T {
  if (cell.integer) return (at) => arithmetic.rational(Number(cell.data[at]));
  if (!recurrent?.has(cell.name)) return (at) => cell.data[at] as T;
  return (at) => {
    requireElement(cell, at);
    return cell.data[at] as T;
  };
}

function compileRead<T>(read: Read, context: Context<T>): Code<T> {
  const cell = cellOf(read.tensor, context);
  const offset = compileOffset(cell, read.subscripts, context);
  const element = compileElement(cell, context);
  const nothing = context.arithmetic.rational(0);
  return () => {
    const at = offset();
    if (at >= 0) return element(at);
    // an argmax over no points is -1; what is read there is 0
    if (readsEmptyArgmax(read.subscripts, context)) return nothing;
    throw new OutOfBounds(describeRead(read, context));
  };
}

function compileProduct<T>(factors: readonly Expression[], context: Context<T>): Code<T> {
  const { multiply, divide, rational } = context.arithmetic;
  const product = (parts: readonly Expression[]): Code<T> => {
    const [first = asConstant(rational(1)), ...others] = parts.map((part) =>
      compileExpression(part, context),
    );
    return others.reduce((a, b) => () => multiply(a(), b()), first);
  };
  const inverses = factors.map((f) => (divide ? inverseOf(f) : undefined));
  const below = inverses.filter((f) => f !== undefined);
  if (!divide || below.length === 0) return product(factors);
  const [a, b] = [product(factors.filter((_, i) => !inverses[i])), product(below)];
  return () => divide(a(), b());
}
const asConstant =
  <T>(value: T): Code<T> =>
  () =>
    value;

function compilePower<T>(base: Expression, exponent: Expression, context: Context<T>): Code<T> {
  const { arithmetic } = context;
  const a = compileExpression(base, context);
  const isWhole = exponent.kind === "constant" && !exponent.exact;
  if (isWhole && Number.isInteger(exponent.numerator / exponent.denominator)) {
    const n = exponent.numerator / exponent.denominator;
    return () => arithmetic.power(a(), n);
  }
  if (exponent.kind === "integer") {
    const n = asCode(compileInt(exponent.value, context));
    return () => arithmetic.power(a(), n());
  }
  const b = compileExpression(exponent, context);
  const raise = arithmetic.raise(exponent);
  return () => raise(a(), b());
}

export function compileCondition<T>(c: Condition, context: Context<T>): Test {
  const compile = (part: Condition): Test => compileCondition(part, context);
  switch (c.kind) {
    case "truth":
      return () => c.value;
    case "nonnegative": {
      const value = asCode(compileInt(c.value, context));
      const seen = context.watch?.order("integer", c);
      if (!seen) return () => value() >= 0;
      return () => {
        const found = value();
        seen(found);
        return found >= 0;
      };
    }
    case "zero": {
      const value = asCode(compileInt(c.value, context));
      const seen = context.watch?.order("equality", c);
      if (!seen) return () => value() === 0;
      return () => {
        const found = value();
        seen(found);
        return found === 0;
      };
    }
    case "compare": {
      const fixed = isFixed(c.left) && isFixed(c.right);
      const compare = context.arithmetic.compare(c.operator, fixed ? undefined : c);
      const [left, right] = [compileExpression(c.left, context), compileExpression(c.right, context)];
      return () => compare(left(), right());
    }
    case "and":
    case "or":
      return compileParts(c, context);
    case "not": {
      const part = compile(c.part);
      return () => !part();
    }
    case "any":
    case "all":
      return compileQuantified(c, context);
  }
}

/**
 * Conditions on indices and sizes that stand together are told of where they decide alone: `r < 9` says nothing at the points
 * that another condition leaves out.
 */
function compileParts<T>({ kind, parts }: Both, context: Context<T>): Test {
  const compile = (part: Condition): Test => compileCondition(part, context);
  const join: (a: Test, b: Test) => Test =
    kind === "and" ? (a, b) => () => a() && b() : (a, b) => () => a() || b();
  const { watch } = context;
  const integers = parts.filter((p) => p.kind === "nonnegative" || p.kind === "zero");
  if (!watch || integers.length < 2) return parts.map(compile).reduce(join);
  const alone = integers.map((part) => {
    const code = asCode(compileInt(part.value, context));
    return {
      code,
      zero: part.kind === "zero",
      tell: watch.order(part.kind === "zero" ? "equality" : "integer", part),
    };
  });
  const neutral = kind === "and";
  const values = alone.map(() => 0);
  const first: Test = () => {
    let others = 0;
    for (const [i, { code, zero }] of alone.entries()) {
      const value = code();
      values[i] = value;
      if ((zero ? value === 0 : value >= 0) !== neutral) others++;
    }
    if (others <= 1)
      for (const [i, { zero, tell }] of alone.entries()) {
        const value = values[i] ?? NaN;
        if (others === 0 || (zero ? value === 0 : value >= 0) !== neutral) tell(value);
      }
    return others === 0 ? neutral : !neutral;
  };
  return [
    first,
    ...parts.filter((p) => !integers.includes(p as (typeof integers)[number])).map(compile),
  ].reduce(join);
}

/** Whether it is one number, whatever is drawn. */
function isFixed(e: Expression): boolean {
  let fixed = true;
  walk(e, {
    expression: (part) => {
      if (part.kind === "read" || part.kind === "parameter" || part.kind === "reduction") fixed = false;
    },
    int: (value) => {
      if (integer.literal(value) === undefined) fixed = false;
    },
  });
  return fixed;
}
const varying = (e: Expression): Expression | undefined => (isFixed(e) ? undefined : e);

/** The points at which the guard holds and, by the boundary rule, all of `body` is in bounds. */
function pointsOf<T>(
  { binders, guard }: Pick<Reduction, "binders" | "guard">,
  domain: (inner: Context<T>) => Test | undefined,
  context: Context<T>,
): Walk<T> {
  const always = guard.kind === "truth" && guard.value;
  const slacks = context.watch ? conjuncts(guard).flatMap((c) => slackOf(c, binders, context) ?? []) : [];
  const walkAll = loopsOver(
    binders,
    (inner) =>
      [always ? undefined : compileCondition(guard, inner), domain(inner)].filter((t) => t !== undefined),
    context,
  );
  if (slacks.length === 0) return walkAll;
  return (visit) => {
    const loops = walkAll(visit);
    return () => {
      for (const tell of slacks) tell();
      loops();
    };
  };
}

/**
 * Tells by how much a condition of a sum holds at that corner of the sum's box where it holds least. Whether it cuts anything
 * off tells `sum[n < 32](x[n])` from `sum[n](x[n])`: from 33 elements on.
 */
function slackOf<T>(c: Condition, binders: readonly Binder[], context: Context<T>): (() => void) | undefined {
  if (c.kind !== "nonnegative") return undefined;
  const isBound = (value: Int): boolean => binders.some((b) => integer.mentions(value, b.name));
  let { value: rest } = c;
  const sides: {
    readonly coefficient: () => number;
    readonly from: () => number;
    readonly to: () => number;
  }[] = [];
  const code = (value: Int): (() => number) => asCode(compileInt(value, context));
  for (const { name, lower, upper } of binders.toReversed()) {
    if (!integer.mentions(rest, name)) continue;
    const parts = integer.affineIn(rest, name);
    if (!parts || isBound(parts.coefficient) || isBound(lower) || isBound(upper)) return undefined;
    sides.push({ coefficient: code(parts.coefficient), from: code(lower), to: code(upper) });
    rest = parts.rest;
  }
  const seen = sides.length > 0 ? context.watch?.order("slack", c) : undefined;
  if (!seen) return undefined;
  const base = code(rest);
  return () => {
    let least = base();
    for (const { coefficient, from, to } of sides) {
      const [factor, first, end] = [coefficient(), from(), to()];
      if (first >= end) return;
      least += factor * (factor > 0 ? first : end - 1);
    }
    seen(least);
  };
}
const pointsOfReduction = <T>(e: Reduction, context: Context<T>): Walk<T> =>
  pointsOf(e, (inner) => compileDomain(e.body, inner, (c) => compileCondition(c, inner)), context);

function compileReduction<T>(e: Reduction, context: Context<T>): Code<T> {
  const { arithmetic } = context;
  switch (e.name) {
    case "argmax":
    case "argmin": {
      const extreme = extremeOf(e, context);
      return () => arithmetic.rational(extreme().position);
    }
    case "max":
    case "min": {
      const extreme = extremeOf(e, context);
      return () => extreme().best;
    }
    case "count":
    case "mean":
    case "prod":
    case "sum":
      return compileTotal(e.name, pointsOfReduction(e, context), bodyOf(e), arithmetic);
  }
}
const bodyOf =
  <T>(e: Reduction) =>
  (inner: Context<T>): Code<T> =>
    compileExpression(e.body, inner);

export const extremeOf = <T>(e: Reduction, context: Context<T>): (() => Extreme<T>) =>
  compileExtreme(
    e.name === "max" || e.name === "argmax",
    pointsOfReduction(e, context),
    bodyOf(e),
    (inner) => rowMajor(e.binders, inner),
    context.arithmetic,
    e,
  );

function compileQuantified<T>(c: Quantified, around: Context<T>): Test {
  const context = afresh(around);
  let holds = false;
  const domain = (inner: Context<T>): Test | undefined =>
    compileConditionDomain(c.body, inner, (part) => compileCondition(part, inner));
  const any = c.kind === "any";
  const points = pointsOf(c, domain, context);
  const loops = points((inner) => {
    const body = compileCondition(c.body, inner);
    return () => {
      if (body() === any) holds = any;
    };
  });
  return () => {
    holds = !any;
    loops();
    return holds;
  };
}
