/**
 * The numbers that a layer can be evaluated in. The evaluator is written once over `Arithmetic<T>`; here is the
 * interface and float64, in sibling files dual numbers (`dual.ts`), a prime field (`prime.ts`) and float64 that
 * records which way every branch went (`branches.ts`).
 */
import type { Compare, Fraction, NamedConstant } from "../notation/expression.js";
import { binary, unary, type BinaryName, type UnaryName } from "../primitives/index.js";
import type { Place, Watch } from "./sites.js";

export type Operator = Compare["operator"];

export interface Arithmetic<T> {
  /** numerator / denominator; the numerator may be any float64. */
  readonly rational: (numerator: number, denominator?: number) => T;
  /** A fraction of long integers, where that is more than the nearest float. */
  readonly fraction?: (fraction: Fraction) => T;
  readonly named: (name: NamedConstant["name"]) => T;
  readonly add: (a: T, b: T) => T;
  readonly multiply: (a: T, b: T) => T;
  /** a/b, where that is not a·b⁻¹: rounded once, so that a/a is 1. */
  readonly divide?: (a: T, b: T) => T;
  /** base^n for an integer n, which may be negative. */
  readonly power: (base: T, n: number) => T;
  /** A real param, where that is more than a fraction. */
  readonly parameter?: (name: string, numerator: number, denominator: number) => T;
  /** base^exponent for any exponent. */
  readonly raise: (at?: Place) => (base: T, exponent: T) => T;
  /** The pointwise function of that name, `at` where its argument is no constant. Throws `NotRational` where the numbers have none such. */
  readonly unary: (name: UnaryName, at?: Place) => (a: T) => T;
  readonly binary: (name: BinaryName, at?: Place) => (a: T, b: T) => T;
  /** A comparison that decides a `where`. */
  readonly compare: (operator: Operator, at?: Place) => (a: T, b: T) => boolean;
  /** Told of what indices and sizes decide. */
  readonly watch?: Watch;
  /** a < b, for finding a maximum or a minimum. */
  readonly less: (a: T, b: T) => boolean;
  /** Whether a value is none: it is greatest and least of all. Left out where there are no such values. */
  readonly isNaN?: (a: T) => boolean;
  /** The number nearest to it: what is rounded for a subscript. */
  readonly float: (a: T) => number;
  /** The value of a `stop(a)`: `a` with derivative zero. */
  readonly stop: (a: T) => T;
  /** Told of every max, min, argmax and argmin: the point chosen and the best value among the others. */
  readonly chosen?: (position: number, best: T, rival: T, at: Place) => void;
}

/** The numbers asked for have no such operation: a prime field has no order and no `exp`. */
export class NotRational extends Error {
  override readonly name = "NotRational";
  constructor(operation: string) {
    super(`${operation} is not a rational operation`);
  }
}

const comparisons: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

export const float64: Arithmetic<number> = {
  rational: (numerator, denominator = 1) => numerator / denominator,
  named: (name) => (name === "pi" ? Math.PI : Math.E),
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power: (base, n) => (n === 2 ? base * base : n === -1 ? 1 / base : base ** n),
  raise: () => (base, exponent) => base ** exponent,
  unary: (name) => unary[name].float64,
  binary: (name) => binary[name].float64,
  compare: (operator) => comparisons[operator],
  less: (a, b) => a < b,
  isNaN: Number.isNaN,
  float: (a) => a,
  stop: (a) => a,
};
