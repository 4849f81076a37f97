/**
 * What a target calls the things that kernels are made of. Code is walked in one place (`statements.ts`,
 * `expressions.ts`, `integers.ts`); a target is a table of its words, made for one function, whose names it knows.
 */
import type { Vectors } from "../../kernels/gpu/vectors.js";
import type { Code } from "../../kernels/program.js";
import type { Condition, Expression, Quantified, Reduction } from "../../notation/expression.js";
import type { FunctionName } from "../../primitives/index.js";
import type { Lines } from "./lines.js";
import type { Scope } from "./scope.js";
import type { Term } from "./term.js";

/** Words for integers. */
export interface IntegerSpeller {
  readonly scope: Scope;
  /** Names known to be never negative; the walk adds locals to them. */
  readonly natural: Set<string>;
  /** A size, a param, an index or a local. */
  readonly name: (name: string) => Term;
  /** `tensor[offset]`, of identifier and offset. */
  readonly element: (tensor: string, offset: string) => Term;
  /** Π top / Π bottom */
  readonly product: (top: readonly Term[], bottom?: readonly Term[]) => Term;
  /** ⌊a / b⌋; `natural`: neither is negative. */
  readonly floor: (a: Term, b: Term, natural: boolean) => Term;
  /** a - b ⌊a / b⌋ */
  readonly modulo: (a: Term, b: Term, natural: boolean) => Term;
  readonly extremum: (name: "min" | "max", a: Term, b: Term) => Term;
  /** aᵇ for b >= 0. */
  readonly integerPower: (a: Term, b: Term) => Term;
}

export interface Speller extends IntegerSpeller {
  /** What stands before the name of a local that stays and of one that changes. */
  readonly constant: string;
  readonly variable: string;
  readonly equality: string;
  /** Of reals: a NaN is not equal to itself. */
  readonly unequal: (left: Term, right: Term) => Term;

  /** Which expressions are vectors of four; nothing where a target has none. */
  readonly kernel: Vectors;
  /** A number beside vectors, as a vector of equal lanes. */
  readonly widen: (number: Term) => Term;

  readonly number: (value: number) => Term;
  readonly named: (name: "pi" | "e") => Term;
  /** Tensors whose elements `real` must convert, and what is stored in them `rounded`. */
  readonly integerTensors: ReadonlySet<string>;
  /** A real that is an integer as one. */
  readonly rounded: (real: Term) => Term;
  /** An integer as a real. */
  readonly real: (integer: Term) => Term;
  /** The function of the arguments, spelled already; all of them are vectors if one is. */
  readonly call: (name: FunctionName | "cube", terms: readonly Term[], args: readonly Expression[]) => Term;
  /** A power that is no product, quotient or root. */
  readonly power: (base: Expression, exponent: Expression) => Term;
  /** The condition of a `select`. */
  readonly choice: (condition: Condition) => Term;
  readonly select: (condition: Term, yes: Term, no: Term) => Term;

  /** Reductions, where kernels do not run: in what a plan computes of its sizes. */
  readonly reduction?: (e: Reduction) => Term;
  readonly quantified?: (c: Quantified) => Term;

  /** Statements that not all targets have, or not of the same form. */
  readonly statement: (code: Extract<Code, { kind: "accumulate" | "call" | "fill" }>) => Lines;
  /** An `if` that needs no branch, on targets that say so. */
  readonly branchless?: (code: Extract<Code, { kind: "if" }>) => Lines;
}
