/**
 * The taps that count in a phase of a stride: in Σ_r F((φ + e - d·r)/s), those r with d·r = φ + e modulo s. With
 * g = gcd(d, s) there are none unless g divides φ + e; else every (s/g)-th from the least one on.
 */
import { gcd, modularInverse } from "../notation/euclid.js";
import { affineIn, type Int } from "../notation/integer.js";
import * as integer from "../notation/integer.js";
import type { Reduction } from "../notation/expression.js";

export interface LiveTaps {
  /** r, which runs from 0 to below `extent`. */
  readonly tap: string;
  readonly extent: Int;
  /** s and d. */
  readonly stride: Int;
  readonly dilation: Int;
  /** e */
  readonly offset: Int;
}

/** Of the quotient (h + e - d·r)/s under the sum; undefined where no tap or more than one stands in it. */
export function liveTapsIn(e: Reduction, dividend: Int, index: string, stride: Int): LiveTaps | undefined {
  const taps = e.binders.filter(({ name }) => affineIn(dividend, name)?.coefficient.monomials.length);
  const [binder] = taps;
  if (taps.length !== 1 || !binder || integer.literal(binder.lower) !== 0) return undefined;
  const parts = affineIn(dividend, binder.name);
  const rest = parts && affineIn(parts.rest, index)?.rest;
  if (!rest) return undefined;
  const dilation = integer.negate(parts.coefficient);
  return { tap: binder.name, extent: binder.upper, stride, dilation, offset: rest };
}

export interface ClosedForm {
  /** The least live tap, between 0 and `step`. */
  readonly first: Int;
  readonly step: Int;
  /** ⌈(extent - first)/step⌉ */
  readonly count: Int;
  /** What must divide φ + e. */
  readonly divisor: number;
}
/** For the phase φ; undefined where stride and dilation are not known well enough to solve d·r = φ + e. */
export function closedForm(
  { extent, stride, dilation, offset }: LiveTaps,
  phase: Int,
): ClosedForm | undefined {
  const right = integer.plus(phase, offset);
  const [s, d] = [integer.literal(stride), integer.literal(dilation)];
  const form = (first: Int, step: Int, divisor: number): ClosedForm => ({
    ...{ first, step, divisor },
    count: integer.ceilDivide(integer.minus(extent, first), step),
  });
  if (d === 1) return form(integer.modulo(right, stride), stride, 1);
  if (s === undefined || d === undefined || d < 1) return undefined;
  const divisor = gcd(s, d);
  const step = s / divisor;
  const inverse = modularInverse(d / divisor, step);
  const quotient = integer.exactDivide(right, integer.constant(divisor));
  return form(
    integer.modulo(integer.scale(quotient, inverse), integer.constant(step)),
    integer.constant(step),
    divisor,
  );
}
