/**
 * Where the left side of a rule stands in a formula. Letters of a rule stand for any formula; terms and factors are found in
 * any order, among others, and a sum is found with a number before it: `3 - 3*sigmoid(x)` is three times `1 - sigmoid(u)`.
 */
import * as build from "../notation/construct.js";
import type { Add, Constant, Expression, Multiply } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { rewrite } from "../notation/traverse.js";

/** What the letters of a rule stand for. */
export type Found = ReadonlyMap<string, Expression>;
/** What a read is by its tensor's definition; undefined where it may not be written out. */
export type Unfold = (e: Expression) => Expression | undefined;

const prefix = "?";
/** A letter of a rule. */
export const letter = (name: string): Expression => ({ kind: "parameter", name: prefix + name });
const letterIn = (e: Expression): string | undefined =>
  e.kind === "parameter" && e.name.startsWith(prefix) ? e.name : undefined;

/** The right side of a rule with what its letters stand for. */
export const filled = (e: Expression, found: Found): Expression =>
  rewrite(e, (part) => {
    const own = letterIn(part);
    return own === undefined ? part : (found.get(own) ?? part);
  });

/** Every way in which all of `e` is the pattern. */
export function* matches(pattern: Expression, e: Expression, found: Found, unfold: Unfold): Generator<Found> {
  const own = letterIn(pattern);
  if (own !== undefined) {
    const known = found.get(own);
    if (!known) yield new Map(found).set(own, e);
    else if (keyOfExpression(known) === keyOfExpression(e)) yield found;
    return;
  }
  const [coefficient, core] = build.splitCoefficient(pattern);
  if (letterIn(core) !== undefined && coefficient !== build.one) {
    yield* matches(core, build.divide(e, coefficient), found, unfold);
    return;
  }
  const seen = e.kind === pattern.kind ? e : (unfold(e) ?? e);
  switch (pattern.kind) {
    case "call":
      if (seen.kind === "call" && seen.name === pattern.name)
        yield* allMatch(pattern.arguments, seen.arguments, found, unfold);
      return;
    case "raise":
      if (seen.kind === "raise")
        yield* allMatch([pattern.base, pattern.exponent], [seen.base, seen.exponent], found, unfold);
      return;
    case "add":
      if (seen.kind !== "add" || seen.terms.length !== pattern.terms.length) return;
      for (const part of termsIn(pattern, seen, found, unfold))
        if (build.valueOf(part.times) === 1) yield part.found;
      return;
    case "multiply":
      if (seen.kind !== "multiply" || seen.factors.length !== pattern.factors.length) return;
      for (const part of factorsIn(pattern, seen, found, unfold)) yield part.found;
      return;
    case "constant":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "read":
    case "reduction":
    case "select":
    case "stop":
      if (keyOfExpression(pattern) === keyOfExpression(seen)) yield found;
  }
}

function* allMatch(
  [pattern, ...patterns]: readonly Expression[],
  [e, ...others]: readonly Expression[],
  found: Found,
  unfold: Unfold,
): Generator<Found> {
  if (!pattern || !e) {
    if (!pattern && !e) yield found;
    return;
  }
  for (const next of matches(pattern, e, found, unfold)) yield* allMatch(patterns, others, next, unfold);
}

/** The pattern among the terms, `times` over: e = times·pattern + rest. */
interface Terms {
  readonly found: Found;
  readonly times: Constant;
  readonly rest: readonly Expression[];
}
export function* termsIn(pattern: Add, { terms }: Add, found: Found, unfold: Unfold): Generator<Terms> {
  function* from(
    [wanted, ...others]: readonly Expression[],
    left: readonly Expression[],
    times: Constant | undefined,
    so: Found,
  ): Generator<Terms> {
    if (!wanted) {
      if (times) yield { found: so, times, rest: left };
      return;
    }
    const [weight, core] = build.splitCoefficient(wanted);
    for (const term of left) {
      const [coefficient, part] = build.splitCoefficient(term);
      const ratio = build.multiply(coefficient, build.raise(weight, build.minusOne));
      if (ratio.kind !== "constant" || (times && build.valueOf(times) !== build.valueOf(ratio))) continue;
      const rest = left.filter((other) => other !== term);
      for (const next of matches(core, part, so, unfold)) yield* from(others, rest, ratio, next);
    }
  }
  yield* from(pattern.terms, terms, undefined, found);
}

/** The pattern among the factors: e = pattern·rest. */
interface Factors {
  readonly found: Found;
  readonly rest: readonly Expression[];
}
/** A factor of the pattern takes one of a whole power: u² is u·u. */
export function* factorsIn(
  pattern: Multiply,
  { factors }: Multiply,
  found: Found,
  unfold: Unfold,
): Generator<Factors> {
  function* from(
    [wanted, ...others]: readonly Expression[],
    left: readonly Expression[],
    so: Found,
  ): Generator<Factors> {
    if (!wanted) {
      yield { found: so, rest: left };
      return;
    }
    for (const factor of left) {
      const rest = left.filter((other) => other !== factor);
      for (const next of matches(wanted, factor, so, unfold)) yield* from(others, rest, next);
      const power = wholePower(factor);
      if (!power || wanted.kind === "raise") continue;
      const one = build.raise(power.base, build.rational(power.exponent - 1));
      for (const next of matches(wanted, power.base, so, unfold)) yield* from(others, [...rest, one], next);
    }
  }
  yield* from(pattern.factors, factors, found);
}
function wholePower(e: Expression): { readonly base: Expression; readonly exponent: number } | undefined {
  if (e.kind !== "raise" || e.exponent.kind !== "constant") return undefined;
  const exponent = build.valueOf(e.exponent);
  return Number.isInteger(exponent) && exponent > 1 ? { base: e.base, exponent } : undefined;
}
