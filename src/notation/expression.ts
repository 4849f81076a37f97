/**
 * Real-valued expressions and conditions: the one representation that the parser makes, the calculus and the
 * algebra rewrite, and the printers and the kernels read.
 *
 * Nodes are readonly plain objects. Subtraction and division are not nodes: `a - b` is `a + (-1)*b`, `a / b`
 * is `a * b^-1`. Make nodes with the constructors of `construct.ts`, which keep them canonical.
 */
import type { FunctionName } from "../primitives/index.js";
import type { Int } from "./integer.js";
import type { Span } from "./span.js";

/** A constant. Rational where both parts are safe integers, else `denominator` is 1; `inf` is Infinity. */
export interface Constant {
  readonly kind: "constant";
  readonly numerator: number;
  readonly denominator: number;
  /** The fraction, where its parts are no safe integers: then the numerator is the nearest float, over 1. */
  readonly exact?: Fraction | undefined;
}
/** In lowest terms, the denominator positive. */
export interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}
/** π or e, exact in print. */
export interface NamedConstant {
  readonly kind: "named";
  readonly name: "pi" | "e";
}
/** An index, size or integer param (or arithmetic over them) as a real. */
export interface IntegerValue {
  readonly kind: "integer";
  readonly value: Int;
}
/** A real param (`eps`) or a real constant of the layer (`scale = 1/sqrt(D)`). */
export interface Parameter {
  readonly kind: "parameter";
  readonly name: string;
}
/** tensor[subscripts]; a scalar tensor has no subscripts. */
export interface Read {
  readonly kind: "read";
  readonly tensor: string;
  readonly subscripts: readonly Int[];
  readonly at?: Span | undefined;
}
/** The read where it is in bounds, else the value; always in bounds itself. */
export interface Pad {
  readonly kind: "pad";
  readonly read: Read;
  readonly value: Expression;
}
export interface Add {
  readonly kind: "add";
  readonly terms: readonly Expression[];
}
export interface Multiply {
  readonly kind: "multiply";
  readonly factors: readonly Expression[];
}
export interface Raise {
  readonly kind: "raise";
  readonly base: Expression;
  readonly exponent: Expression;
}
/** A pointwise function of the language; `min`, `max`, `mod` and `atan2` take two arguments. */
export interface Call {
  readonly kind: "call";
  readonly name: FunctionName;
  readonly arguments: readonly Expression[];
  readonly at?: Span | undefined;
}
/** where(condition, whenTrue, whenFalse): only the branch taken is evaluated. */
export interface Select {
  readonly kind: "select";
  readonly condition: Condition;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}
/** stop(e): the value of e with derivative zero. */
export interface Stop {
  readonly kind: "stop";
  readonly argument: Expression;
}

/** An index bound by a reduction: lower <= name < upper. Bounds may use earlier binders and outer indices. */
export interface Binder {
  readonly name: string;
  readonly lower: Int;
  readonly upper: Int;
  readonly at?: Span | undefined;
}
export type ReductionName = "sum" | "mean" | "max" | "min" | "prod" | "argmax" | "argmin" | "count";
/**
 * A reduction over the points of the binders' box at which `guard` holds and every read that stands directly
 * in the body (not in a nested reduction, not in an untaken branch of a `where` on indices) is in bounds.
 * `count` has body 1 and its condition as the guard. argmax/argmin are the flat row-major position.
 */
export interface Reduction {
  readonly kind: "reduction";
  readonly name: ReductionName;
  readonly binders: readonly Binder[];
  readonly guard: Condition;
  readonly body: Expression;
  readonly at?: Span | undefined;
}

export type Expression =
  | Constant
  | NamedConstant
  | IntegerValue
  | Parameter
  | Read
  | Pad
  | Add
  | Multiply
  | Raise
  | Call
  | Select
  | Stop
  | Reduction;

export const reductionNames = [
  "sum",
  "mean",
  "max",
  "min",
  "prod",
  "logsumexp",
  "argmax",
  "argmin",
  "count",
  "any",
  "all",
] as const;

/** true or false. */
export interface Truth {
  readonly kind: "truth";
  readonly value: boolean;
}
/** value >= 0, over the integers. `a < b` is stored as `b - a - 1 >= 0`. */
export interface NonNegative {
  readonly kind: "nonnegative";
  readonly value: Int;
}
/** value == 0, over the integers; divisibility is `modulo(e, d) == 0`. */
export interface IsZero {
  readonly kind: "zero";
  readonly value: Int;
}
/** A comparison of reals. `>` and `>=` are stored with their sides exchanged. */
export interface Compare {
  readonly kind: "compare";
  readonly operator: "<" | "<=" | "==" | "!=";
  readonly left: Expression;
  readonly right: Expression;
}
export interface Both {
  readonly kind: "and" | "or";
  readonly parts: readonly Condition[];
}
export interface Not {
  readonly kind: "not";
  readonly part: Condition;
}
/** any / all over the points at which the guard holds and the condition's reads are in bounds. */
export interface Quantified {
  readonly kind: "any" | "all";
  readonly binders: readonly Binder[];
  readonly guard: Condition;
  readonly body: Condition;
  readonly at?: Span | undefined;
}
export type Condition = Truth | NonNegative | IsZero | Compare | Both | Not | Quantified;
