/** Rules as rows: each is an equation; the engine puts its right side where its left side stands, until none does. */
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { rewrite } from "../notation/traverse.js";
import { factorsIn, filled, matches, termsIn, type Found, type Unfold } from "./match.js";

export interface Rule {
  readonly name: string;
  /** The equation in a line of mathematics, with where it holds if not everywhere. */
  readonly says: string;
  readonly left: Expression;
  readonly right: Expression;
  /** Where the rule is to be used, by what a letter stands for. */
  readonly only?: (of: (letter: Expression) => Expression) => boolean;
  /** Of a difference of ordinary numbers: beside a number, as in 1 + x·(1 - σ(u)), what it loses is nothing. */
  readonly isSmall?: boolean;
  /** Formulas of the layer language, before and after: each is a test. */
  readonly examples: readonly (readonly [before: string, after: string])[];
}

const never: Unfold = () => undefined;
/** More rewrites than this at one place are a rule that undoes another: a fault of the table. */
const mostRewrites = 64;

/** The formula by the rules, from the inside; where several fit, the first in the table. */
export const rewritten = (e: Expression, rules: readonly Rule[], unfold: Unfold = never): Expression =>
  rewrite(e, (part) => rewrittenAtRoot(part, rules, unfold));

/** The formula by the rules where its root is the left side of one. */
export function rewrittenAtRoot(e: Expression, rules: readonly Rule[], unfold: Unfold = never): Expression {
  let current = e;
  for (let i = 0; i < mostRewrites; i++) {
    const next = firstOf(rules, current, unfold);
    if (!next) return current;
    current = next;
  }
  throw new Error(`no end of rules at a ${e.kind}`);
}

function firstOf(rules: readonly Rule[], e: Expression, unfold: Unfold): Expression | undefined {
  for (const rule of rules) {
    const next = byRule(rule, e, unfold);
    if (next) return next;
  }
  return undefined;
}

/** The formula after one rewrite at its root. */
export function byRule(rule: Rule, e: Expression, unfold: Unfold): Expression | undefined {
  const { left, right, only = () => true } = rule;
  const isMeant = (found: Found): boolean => only((letter) => filled(letter, found));
  if (left.kind === "add" && e.kind === "add") {
    for (const { found, times, rest } of termsIn(left, e, new Map(), unfold))
      if (isMeant(found)) return build.add(...rest, build.multiply(times, filled(right, found)));
    return undefined;
  }
  if (left.kind === "multiply" && e.kind === "multiply") {
    for (const { found, rest } of factorsIn(left, e, new Map(), unfold))
      if (isMeant(found)) return build.multiply(...rest, filled(right, found));
    return undefined;
  }
  if (left.kind === "raise" && left.exponent.kind === "constant" && e.kind === "raise") {
    const times = timesOf(build.valueOf(left.exponent), e.exponent);
    if (times)
      for (const found of matches(left.base, e.base, new Map(), unfold))
        if (isMeant(found)) return build.raise(filled(right, found), times);
    return undefined;
  }
  if (left.kind !== e.kind) return undefined;
  for (const found of matches(left, e, new Map(), unfold)) if (isMeant(found)) return filled(right, found);
  return undefined;
}
/** b^k = r ⇒ b^(k·n) = r^n for an integer n; where k is -1, b is positive and -1·n may be anything that looks negative. */
function timesOf(k: number, exponent: Expression): Expression | undefined {
  if (k === -1)
    return build.valueOf(build.splitCoefficient(exponent)[0]) < 0 ? build.negate(exponent) : undefined;
  const n = exponent.kind === "constant" ? build.valueOf(exponent) / k : NaN;
  return Number.isInteger(n) ? build.rational(n) : undefined;
}
