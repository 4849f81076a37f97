/** Formulas of a record's arguments, over any numbers. */
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { u, v } from "../primitives/formulas.js";
import {
  isBinary,
  primitives,
  slopesOf,
  type BinaryName,
  type FunctionName,
  type UnaryName,
} from "../primitives/index.js";
import type { Arithmetic } from "./numbers.js";

/** What formulas are made of. */
export interface Operations<T> extends Pick<
  Arithmetic<T>,
  "rational" | "named" | "add" | "multiply" | "power"
> {
  readonly unary: (name: UnaryName) => (a: T) => T;
  readonly binary: (name: BinaryName) => (a: T, b: T) => T;
  readonly less: (a: T, b: T) => boolean;
}
/** The value for these arguments, the last of them the function's own value. */
type Code<T, Result = T> = (u: T, v: T, y: T) => Result;

/** ∂f/∂u, and ∂f/∂v; undefined where f does not move. */
export const compileSlopes = <T>(
  name: FunctionName,
  numbers: Operations<T>,
): readonly Code<T, T | undefined>[] => slopesOf(name).map((partial) => compileSlope(partial, numbers, name));
/** How far a function's arguments are from where its derivative is infinite, or where it breaks: 0 there. */
export function gapsOf(name: FunctionName, numbers: Operations<number>): readonly Code<number>[] {
  const { poles, breaks } = primitives[name];
  const atPoles = poles.flatMap(({ where }) => {
    const gaps = where(u, v).map(([left, right]) => compileFormula(build.subtract(left, right), numbers));
    return (...at: Parameters<Code<number>>) => Math.max(...gaps.map((gap) => Math.abs(gap(...at))));
  });
  return [...atPoles, ...(breaks ? [compileFormula(breaks(u, v), numbers)] : [])];
}
/** What a function means in others; undefined where its law is its own. */
export function lawOf(name: FunctionName): Expression | undefined {
  const { law } = primitives[name];
  return typeof law === "string" ? undefined : law(u, v);
}

function compileSlope<T>(e: Expression, numbers: Operations<T>, own: FunctionName): Code<T, T | undefined> {
  if (build.isConstant(e, 0)) return () => undefined;
  if (e.kind !== "select") return compileFormula(e, numbers, own);
  const holds = compileOrder(e.condition, numbers, own);
  const [yes, no] = [e.whenTrue, e.whenFalse].map((part) => compileSlope(part, numbers, own)) as [
    Code<T, T | undefined>,
    Code<T, T | undefined>,
  ];
  return (...at) => (holds(...at) ? yes(...at) : no(...at));
}
function compileOrder<T>(c: Condition, numbers: Operations<T>, own?: FunctionName) {
  if (c.kind !== "compare" || c.operator !== "<") throw new Error("a choice in a formula is by order");
  const [left, right] = [c.left, c.right].map((side) => compileFormula(side, numbers, own)) as [
    Code<T>,
    Code<T>,
  ];
  return (...at: Parameters<Code<T>>): boolean => numbers.less(left(...at), right(...at));
}

/** @param own the function itself, whose value is at hand */
export function compileFormula<T>(e: Expression, numbers: Operations<T>, own?: FunctionName): Code<T> {
  const compile = (part: Expression): Code<T> => compileFormula(part, numbers, own);
  const fold = (parts: readonly Expression[], join: (a: T, b: T) => T): Code<T> =>
    parts.map(compile).reduce(
      (a, b) =>
        (...at) =>
          join(a(...at), b(...at)),
    );
  switch (e.kind) {
    case "constant": {
      const value = numbers.rational(e.numerator, e.denominator);
      return () => value;
    }
    case "named": {
      const value = numbers.named(e.name);
      return () => value;
    }
    case "parameter":
      return e.name === "u" ? (u) => u : (_, v) => v;
    case "add":
      return fold(e.terms, numbers.add);
    case "multiply":
      return fold(e.factors, numbers.multiply);
    case "raise": {
      const [base, n] = [
        compile(e.base),
        build.intOf(e.exponent) && e.exponent.kind === "constant" ? build.valueOf(e.exponent) : NaN,
      ];
      if (!Number.isInteger(n)) throw new Error("a power in a formula of a function is none of an integer");
      return (...at) => numbers.power(base(...at), n);
    }
    case "call": {
      if (e.name === own) return (_u, _v, y) => y;
      const [a, b = a] = e.arguments.map(compile);
      if (!a || !b) throw new Error(`${e.name} without an argument`);
      if (isBinary(e.name)) {
        const f = numbers.binary(e.name);
        return (...at) => f(a(...at), b(...at));
      }
      const f = numbers.unary(e.name);
      return (...at) => f(a(...at));
    }
    case "select": {
      const [holds, yes, no] = [
        compileOrder(e.condition, numbers, own),
        compile(e.whenTrue),
        compile(e.whenFalse),
      ];
      return (...at) => (holds(...at) ? yes(...at) : no(...at));
    }
    case "integer":
    case "read":
    case "pad":
    case "stop":
    case "reduction":
      throw new Error(`a ${e.kind} in a formula of a function`);
  }
}
