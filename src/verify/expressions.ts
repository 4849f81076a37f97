/** Real expressions, conditions and reductions as closures. */
import type { Condition, Expression, Quantified, Read, Reduction } from "../notation/expression.js";
import { not } from "../notation/construct.js";
import { keyOfCondition } from "../notation/key.js";
import { compileDomain, compileConditionDomain, type Test } from "./domain.js";
import { asCode, bindIndex, cellOf, compileInt, compileOffset, intervalOf, type Scope } from "./integers.js";
import { describeRead, OutOfBounds, readsEmptyArgmax } from "./out-of-bounds.js";
import type { Arithmetic, BinaryName, UnaryName } from "./numbers.js";

export interface Context<T> extends Scope<T> {
  readonly arithmetic: Arithmetic<T>;
  /** Real params and real constants. */
  readonly reals: ReadonlyMap<string, T>;
  /** Whether what is compiled decides a `where`. */
  readonly deciding?: boolean;
  /** Keys of conditions that hold where it stands: those of the branches around it. */
  readonly held?: ReadonlySet<string>;
}
export type Code<T> = () => T;

/** Its value at the current point. Throws `OutOfBounds` where a read outside reductions misses its tensor. */
export function compileExpression<T>(e: Expression, context: Context<T>): Code<T> {
  const { arithmetic } = context;
  const compile = (part: Expression): Code<T> => compileExpression(part, context);
  switch (e.kind) {
    case "constant": {
      const value = arithmetic.rational(e.numerator, e.denominator);
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
      const inside = compileElement(cell.integer, (at) => cell.data[at], context);
      const outside = compile(e.value);
      return () => {
        const at = offset();
        return at < 0 ? outside() : inside(at);
      };
    }
    case "add":
      return e.terms.map(compile).reduce((a, b) => () => arithmetic.add(a(), b()));
    case "multiply":
      return e.factors.map(compile).reduce((a, b) => () => arithmetic.multiply(a(), b()));
    case "raise":
      return compilePower(e.base, e.exponent, context);
    case "call": {
      const [a, b] = e.arguments.map(compile);
      if (!a) throw new Error(`${e.name} without an argument`);
      if (b) {
        const binary = arithmetic.binary(e.name as BinaryName);
        return () => binary(a(), b());
      }
      const unary = arithmetic.unary(e.name as UnaryName);
      return () => unary(a());
    }
    case "select": {
      const [yes, no] = [e.condition, not(e.condition)].map(keyOfCondition) as [string, string];
      const { held = new Set() } = context;
      // where i == j has been excluded, i != j goes one way only, and rightly
      if (held.has(yes)) return compile(e.whenTrue);
      if (held.has(no)) return compile(e.whenFalse);
      const within = (key: string) => ({ ...context, held: new Set([...held, key]) });
      const condition = compileCondition(e.condition, { ...context, deciding: true });
      const whenTrue = compileExpression(e.whenTrue, within(yes));
      const whenFalse = compileExpression(e.whenFalse, within(no));
      return () => (condition() ? whenTrue() : whenFalse());
    }
    case "stop": {
      const argument = compile(e.argument);
      return () => arithmetic.stop(argument());
    }
    case "reduction":
      if (e.name === "argmax" || e.name === "argmin") {
        const position = compilePosition(e, afresh(context));
        return () => arithmetic.rational(position());
      }
      return compileReduction(e, afresh(context));
  }
}

/** A reduction's indices may bear the names of others: what holds of those says nothing of them. */
const afresh = <T>(context: Context<T>): Context<T> => ({ ...context, held: new Set() });

/** Elements of integer tensors are plain numbers, whatever the arithmetic. */
function compileElement<T>(
  integer: boolean,
  element: (at: number) => T | number | undefined,
  { arithmetic }: Context<T>,
): (at: number) => T {
  return integer ? (at) => arithmetic.rational(Number(element(at))) : (at) => element(at) as T;
}

function compileRead<T>(read: Read, context: Context<T>): Code<T> {
  const cell = cellOf(read.tensor, context);
  const offset = compileOffset(cell, read.subscripts, context);
  const element = compileElement(cell.integer, (at) => cell.data[at], context);
  const nothing = context.arithmetic.rational(0);
  return () => {
    const at = offset();
    if (at >= 0) return element(at);
    // an argmax over no points is -1; what is read there is 0
    if (readsEmptyArgmax(read.subscripts, context)) return nothing;
    throw new OutOfBounds(describeRead(read, context));
  };
}

function compilePower<T>(base: Expression, exponent: Expression, context: Context<T>): Code<T> {
  const { arithmetic } = context;
  const a = compileExpression(base, context);
  if (exponent.kind === "constant" && Number.isInteger(exponent.numerator / exponent.denominator)) {
    const n = exponent.numerator / exponent.denominator;
    return () => arithmetic.power(a(), n);
  }
  if (exponent.kind === "integer") {
    const n = asCode(compileInt(exponent.value, context));
    return () => arithmetic.power(a(), n());
  }
  const b = compileExpression(exponent, context);
  const raise = arithmetic.raise();
  return () => raise(a(), b());
}

export function compileCondition<T>(c: Condition, context: Context<T>): Test {
  const compile = (part: Condition): Test => compileCondition(part, context);
  switch (c.kind) {
    case "truth":
      return () => c.value;
    case "nonnegative": {
      const value = asCode(compileInt(c.value, context));
      return watched(() => value() >= 0, context);
    }
    case "zero": {
      const value = asCode(compileInt(c.value, context));
      return watched(() => value() === 0, context);
    }
    case "compare": {
      const compare = context.arithmetic.compare(c.operator);
      const [left, right] = [compileExpression(c.left, context), compileExpression(c.right, context)];
      return () => compare(left(), right());
    }
    case "and":
      return c.parts.map(compile).reduce((a, b) => () => a() && b());
    case "or":
      return c.parts.map(compile).reduce((a, b) => () => a() || b());
    case "not": {
      const part = compile(c.part);
      return () => !part();
    }
    case "any":
    case "all":
      return compileQuantified(c, context);
  }
}

/** Tells the arithmetic of an outcome that depends on indices and sizes alone. */
function watched<T>(test: Test, { arithmetic, deciding }: Context<T>): Test {
  const seen = deciding ? arithmetic.decides?.() : undefined;
  return seen ? () => seen(test()) : test;
}

type Points = Pick<Reduction, "binders" | "guard">;
/** Calls what `visit` makes, in order, at every point that takes part. */
function compileLoops<T>(
  { binders, guard }: Points,
  domain: (inner: Context<T>) => Test | undefined,
  context: Context<T>,
  visit: (inner: Context<T>) => () => void,
): () => void {
  let inner = context;
  const loops = binders.map(({ name, lower, upper }) => {
    const [from, to] = [asCode(compileInt(lower, inner)), asCode(compileInt(upper, inner))];
    const range = { low: intervalOf(lower, inner).low, high: intervalOf(upper, inner).high - 1 };
    const [scope, slot] = bindIndex(inner, name, range);
    inner = { ...inner, ...scope };
    return { slot, from, to };
  });
  const always = guard.kind === "truth" && guard.value;
  const tests = [always ? undefined : compileCondition(guard, inner), domain(inner)];
  const body = tests
    .filter((test) => test !== undefined)
    .reduceRight<() => void>((then, test) => () => void (test() && then()), visit(inner));
  const { slots } = context;
  return loops.reduceRight<() => void>(
    (step, { slot, from, to }) =>
      () => {
        const end = to();
        for (let i = from(); i < end; i++) {
          slots[slot] = i;
          step();
        }
      },
    body,
  );
}

const domainOf =
  <T>(body: Expression) =>
  (inner: Context<T>): Test | undefined =>
    compileDomain(body, inner, (c) => compileCondition(c, inner));

function compileReduction<T>(e: Reduction, context: Context<T>): Code<T> {
  const { arithmetic } = context;
  if (e.name === "max" || e.name === "min") {
    const extreme = compileExtreme(e, context);
    return () => extreme().best;
  }
  const neutral = arithmetic.rational(e.name === "prod" ? 1 : 0);
  const operation = e.name === "prod" ? arithmetic.multiply : arithmetic.add;
  let total = neutral;
  let points = 0;
  const loops = compileLoops(e, domainOf(e.body), context, (inner) => {
    const value = compileExpression(e.body, inner);
    return () => {
      total = operation(total, value());
      points++;
    };
  });
  return () => {
    [total, points] = [neutral, 0];
    loops();
    if (e.name !== "mean" || points === 0) return total;
    return arithmetic.multiply(total, arithmetic.rational(1, points));
  };
}

interface Extreme<T> {
  /** Whether any point has taken part: positions may be negative where lower bounds are. */
  seen: boolean;
  best: T;
  position: number;
}
/** max, min, argmax, argmin: the first point that attains the extreme, its position in row-major order, -1 for none. */
function compileExtreme<T>(e: Reduction, context: Context<T>): () => Extreme<T> {
  const { arithmetic } = context;
  const greatest = e.name === "max" || e.name === "argmax";
  const empty = arithmetic.rational(greatest ? -Infinity : Infinity);
  const { less, chosen } = arithmetic;
  const better = greatest ? (a: T, b: T) => less(b, a) : less;
  const found: Extreme<T> = { seen: false, best: empty, position: -1 };
  let rival: T | undefined;
  const loops = compileLoops(e, domainOf(e.body), context, (inner) => {
    const value = compileExpression(e.body, inner);
    const position = compileRowMajor(e, inner);
    return () => {
      const candidate = value();
      if (!found.seen || better(candidate, found.best)) {
        if (found.seen) rival = found.best;
        found.seen = true;
        found.best = candidate;
        found.position = position();
      } else if (rival === undefined || better(candidate, rival)) rival = candidate;
    };
  });
  return () => {
    [found.seen, found.best, found.position, rival] = [false, empty, -1, undefined];
    loops();
    if (chosen && rival !== undefined) chosen(found.position, found.best, rival);
    return found;
  };
}

/** (r·S + s)·T + t for [r < R, s < S, t < T]; S and T are the greatest upper bounds where these depend on other indices. */
function compileRowMajor<T>({ binders }: Reduction, inner: Context<T>): () => number {
  const digits = binders.map(({ name, upper }) => {
    const { high } = intervalOf(upper, inner);
    const width = Number.isFinite(high) ? () => high : asCode(compileInt(upper, inner));
    return { slot: inner.indices.get(name)?.slot ?? 0, width };
  });
  const { slots } = inner;
  return () => {
    let position = 0;
    for (const { slot, width } of digits) position = position * width() + (slots[slot] ?? 0);
    return position;
  };
}

function compilePosition<T>(e: Reduction, context: Context<T>): () => number {
  const extreme = compileExtreme(e, context);
  return () => extreme().position;
}

function compileQuantified<T>(c: Quantified, around: Context<T>): Test {
  const context = afresh(around);
  let holds = false;
  const domain = (inner: Context<T>): Test | undefined =>
    compileConditionDomain(c.body, inner, (part) => compileCondition(part, inner));
  const any = c.kind === "any";
  const loops = compileLoops(c, domain, context, (inner) => {
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

/** The body of a statement that defines an integer tensor. */
export function compileIntegerExpression<T>(e: Expression, context: Context<T>): () => number {
  const compile = (part: Expression): (() => number) => compileIntegerExpression(part, context);
  switch (e.kind) {
    case "constant":
      return () => e.numerator / e.denominator;
    case "integer":
      return asCode(compileInt(e.value, context));
    case "read": {
      const element = { kind: "element", tensor: e.tensor, subscripts: e.subscripts } as const;
      const value = { kind: "int", monomials: [{ coefficient: 1, factors: [element] }] } as const;
      const code = asCode(compileInt(value, context));
      return () => {
        const found = code();
        if (Number.isNaN(found)) throw new OutOfBounds(describeRead(e, context));
        return found;
      };
    }
    case "add":
      return e.terms.map(compile).reduce((a, b) => () => a() + b());
    case "multiply":
      return e.factors.map(compile).reduce((a, b) => () => a() * b());
    case "select": {
      const condition = compileCondition(e.condition, context);
      const [whenTrue, whenFalse] = [compile(e.whenTrue), compile(e.whenFalse)];
      return () => (condition() ? whenTrue() : whenFalse());
    }
    case "reduction":
      if (e.name === "argmax" || e.name === "argmin") return compilePosition(e, context);
      break;
    default:
  }
  throw new Error(`${e.kind} is no integer expression`);
}
