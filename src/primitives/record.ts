/**
 * What the compiler knows of a pointwise function: one record each, from which differentiation, proofs, the evaluator,
 * printers and targets read. A record that lacks a part does not compile.
 */
import type { Expression } from "../notation/expression.js";
import type { OwnHelper as TypeScriptHelper } from "../targets/typescript/helpers.js";
import type { HelperName as TorchHelper } from "../targets/torch/helpers.js";
import type { OwnHelper as WasmHelper } from "../targets/wasm/functions.js";
import type { OwnHelper as WgslHelper } from "../targets/wgsl/helpers.js";
import type { Signs } from "./signs.js";

/** What is known of a value at a place: 0, an infinity by its sign or of any, or nothing: then it may be finite. */
export type Value = "zero" | "plus" | "minus" | "infinite" | "finite";

/** What decides, at numbers near to each other, between two formulas of the function. */
export type Decision =
  /** The sign of its argument. */
  | { readonly by: "sign" }
  /** Where an integer, or an integer and `offset`, lies below its argument (of mod: below the quotient). */
  | { readonly by: "step"; readonly offset: number }
  /** Which of its arguments is greater: it is the first where that is (or is less), else the second. */
  | { readonly by: "order"; readonly first: "greater" | "less" };

/**
 * `bounded`: |f| stays below a number. `finite`: a number for every number. `growing`: so, but soon beyond all numbers
 * that a machine has. `partial`: without a number for some.
 */
export type Range = "bounded" | "finite" | "growing" | "partial";

/** Functions whose exact laws are of their own; all others are told by these. */
export type OwnLaw =
  | ("exp" | "log" | "sqrt" | "sin" | "cos" | "asin" | "atan" | "atan2" | "erf")
  | ("abs" | "sign" | "relu" | "floor" | "ceil" | "round" | "min" | "max" | "mod");

/** What takes the arguments u, and v where the function has two. */
type Of<Argument, Result> = (u: Argument, v: Argument) => Result;

/**
 * How a target computes it: by a function of its own, by its name, `and` what that takes beside the arguments; by one that
 * the generated file carries; or by one made of a formula, which is exact and overflows nowhere.
 */
export type Spelling<Helper extends string> =
  { readonly own: string; readonly and?: string } | { readonly helper: Helper } | Made;
export interface Made {
  readonly formula: Of<Expression, Expression>;
  /** What the function is called. */
  readonly as: string;
}

/** Where derivatives are infinite, or none: where all of these are equal. */
export interface PoleOf {
  readonly where: Of<Expression, readonly (readonly [Expression, Expression])[]>;
  /** What the function itself is there. */
  readonly value: Value;
}

interface Common {
  /** In LaTeX: its name before brackets, or all that stands around the argument. */
  readonly tex: string | readonly [before: string, after: string];
  /** ∂f/∂u, and ∂f/∂v. */
  readonly derivative: Of<Expression, readonly Expression[]>;
  /** f′ by the value y = f(u), where that is shorter. */
  readonly fromValue?: (y: Expression) => Expression;
  readonly poles: readonly PoleOf[];
  /** What is 0 where the function jumps or has no value, beside what its poles and its decision say. */
  readonly breaks?: Of<Expression, Expression>;
  readonly range: Range;
  readonly decision?: Decision;
  /** The signs of f, from those of its arguments. */
  readonly signs: Of<Signs, Signs>;
  /** What f is at 0 and at the infinities. */
  readonly limits: { readonly zero: Value; readonly minus: Value; readonly plus: Value };
  /** Over exact numbers: a law of its own, or a formula of functions that have one. */
  readonly law: OwnLaw | Of<Expression, Expression>;
  /** It takes a processor no more than a few additions. */
  readonly isCheap?: boolean;
  readonly spelled: {
    readonly typescript: Spelling<TypeScriptHelper>;
    /** Its own functions are instructions over f64. */
    readonly wasm: Spelling<WasmHelper>;
    readonly wgsl: Spelling<WgslHelper>;
    readonly torch: Spelling<TorchHelper>;
  };
}
export interface Unary extends Common {
  readonly float64: (u: number) => number;
}
export interface Binary extends Common {
  readonly float64: (u: number, v: number) => number;
}
