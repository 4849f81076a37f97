/** The points of reductions and quantifiers one after the other, and what is gathered on the way. */
import type { Binder } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Code, Context } from "./context.js";
import type { Test } from "./domain.js";
import { asCode, bindIndex, compileInt, intervalOf } from "./integers.js";
import type { Arithmetic } from "./numbers.js";
import type { Place } from "./sites.js";

/** Calls what `visit` makes of the context with the indices bound, in order, at every point that takes part. */
export type Walk<T> = (visit: (inner: Context<T>) => () => void) => () => void;

/** @param tests what decides whether a point takes part */
export function loopsOver<T>(
  binders: readonly Binder[],
  tests: (inner: Context<T>) => readonly Test[],
  context: Context<T>,
): Walk<T> {
  let inner = context;
  const loops = binders.map((binder) => {
    const { name, lower, upper } = binder;
    const [from, to] = [asCode(compileInt(lower, inner)), asCode(compileInt(upper, inner))];
    const range = { low: intervalOf(lower, inner).low, high: intervalOf(upper, inner).high - 1 };
    const [scope, slot] = bindIndex(inner, name, range);
    const seen = context.watch?.order("range", binder);
    inner = { ...inner, ...scope };
    return { slot, from, to, seen };
  });
  const { slots } = context;
  return (visit) => {
    const body = tests(inner).reduceRight<() => void>(
      (then, test) => () => void (test() && then()),
      visit(inner),
    );
    return loops.reduceRight<() => void>(
      (step, { slot, from, to, seen }) =>
        () => {
          const [start, end] = [from(), to()];
          seen?.(end - start - 1);
          for (let i = start; i < end; i++) {
            slots[slot] = i;
            step();
          }
        },
      body,
    );
  };
}

/** Their sum, product or mean; that of no points is 0, 1, 0. */
export function compileTotal<T>(
  name: "sum" | "count" | "prod" | "mean",
  points: Walk<T>,
  valueAt: (inner: Context<T>) => Code<T>,
  arithmetic: Arithmetic<T>,
): Code<T> {
  const neutral = arithmetic.rational(name === "prod" ? 1 : 0);
  const operation = name === "prod" ? arithmetic.multiply : arithmetic.add;
  let total = neutral;
  let count = 0;
  const loops = points((inner) => {
    const value = valueAt(inner);
    return () => {
      total = operation(total, value());
      count++;
    };
  });
  return () => {
    [total, count] = [neutral, 0];
    loops();
    if (name !== "mean" || count === 0) return total;
    return arithmetic.multiply(total, arithmetic.rational(1, count));
  };
}

export interface Extreme<T> {
  /** Whether any point has taken part: positions may be negative where lower bounds are. */
  seen: boolean;
  best: T;
  /** Of the first point that attains it; -1 for none. */
  position: number;
}

/** The greatest or the least value, and where it is: max and argmax, min and argmin. */
export function compileExtreme<T>(
  greatest: boolean,
  points: Walk<T>,
  valueAt: (inner: Context<T>) => Code<T>,
  positionAt: (inner: Context<T>) => () => number,
  arithmetic: Arithmetic<T>,
  at: Place,
): () => Extreme<T> {
  const { less, isNaN = () => false, chosen } = arithmetic;
  const empty = arithmetic.rational(greatest ? -Infinity : Infinity);
  // the first NaN takes the place of all numbers
  const better = (value: T, than: T): boolean =>
    (greatest ? less(than, value) : less(value, than)) || (isNaN(value) && !isNaN(than));
  const found: Extreme<T> = { seen: false, best: empty, position: -1 };
  let rival: T | undefined;
  const loops = points((inner) => {
    const value = valueAt(inner);
    const position = positionAt(inner);
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
    if (chosen && rival !== undefined) chosen(found.position, found.best, rival, at);
    return found;
  };
}

/** (r·S + s)·T + t for [r < R, s < S, t < T]; S and T are the greatest upper bounds where these depend on other indices. */
export function rowMajor<T>(binders: readonly Binder[], inner: Context<T>): () => number {
  const digits = binders.map(({ name, upper }, at) => {
    const high = greatest(upper, binders.slice(0, at), inner);
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

/** The greatest that a bound is over the reduction's own indices, each at the end of its range, and those around it. */
function greatest<T>(bound: Int, earlier: readonly Binder[], inner: Context<T>): number {
  const outermost = earlier.reduceRight((value, { name, lower, upper }) => {
    const parts = integer.affineIn(value, name);
    if (!parts || parts.coefficient.monomials.length === 0) return value;
    const { low, high } = intervalOf(parts.coefficient, inner);
    const end = low >= 0 ? integer.minus(upper, integer.one) : high <= 0 ? lower : undefined;
    return end ? integer.plus(integer.times(parts.coefficient, end), parts.rest) : value;
  }, bound);
  return intervalOf(outermost, inner).high;
}
