/** Products as powers of their factors' bases. */
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";

export interface Power {
  readonly base: Expression;
  readonly exponent: number;
}

/** base^exponent for an exponent that is a number; any other factor is its own base. */
export function powerOf(factor: Expression): Power {
  if (factor.kind === "raise" && factor.exponent.kind === "constant")
    return { base: factor.base, exponent: build.valueOf(factor.exponent) };
  return { base: factor, exponent: 1 };
}

export const factorsOf = (e: Expression): readonly Expression[] => (e.kind === "multiply" ? e.factors : [e]);

/** The powers in a product by the keys of their bases; constants are left out. */
export function powersIn(product: Expression): ReadonlyMap<string, Power> {
  const powers = factorsOf(product)
    .filter((f) => f.kind !== "constant")
    .map(powerOf);
  return new Map(powers.map((power) => [keyOfExpression(power.base), power]));
}

/**
 * Whether b^whole = b^part·b^(whole - part) holds wherever b^whole is finite: b² = b·b, but 1 = b·b^-1 not at 0, and
 * b = √b·√b not below.
 */
export const isPart = (part: number, whole: number): boolean =>
  part === whole || (whole / part > 1 && (Number.isInteger(part) || !Number.isInteger(whole)));
