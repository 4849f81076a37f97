/** The bodies of statements that define integer tensors, as closures. */
import type { Expression } from "../notation/expression.js";
import type { Context } from "./context.js";
import { compileCondition, compileExpression, extremeOf } from "./expressions.js";
import { asCode, compileInt, type Interval } from "./integers.js";
import { float64 } from "./numbers.js";
import { describeRead, OutOfBounds } from "./out-of-bounds.js";

/** A rounded real between the ends of its tensor's values; what is no number is the least of them. */
export function compileRounded<T>(e: Expression, { low, high }: Interval, context: Context<T>): () => number {
  const value = compileIntegerExpression(e, context);
  return () => {
    const found = value();
    return found >= low ? Math.min(found, high) : low;
  };
}

export function compileIntegerExpression<T>(e: Expression, context: Context<T>): () => number {
  const compile = (part: Expression): (() => number) => compileIntegerExpression(part, context);
  switch (e.kind) {
    case "constant":
      return () => e.numerator / e.denominator;
    case "integer":
      return asCode(compileInt(e.value, context));
    case "read": {
      const element = { kind: "element", tensor: e.tensor, subscripts: e.subscripts } as const;
      const value = { kind: "int", monomials: [{ coefficient: 1, factors: [element] }] } as const;
      const code = asCode(compileInt(value, context));
      return () => {
        const found = code();
        if (Number.isNaN(found)) throw new OutOfBounds(describeRead(e, context));
        return found;
      };
    }
    case "add":
      return e.terms.map(compile).reduce((a, b) => () => a() + b());
    case "multiply":
      return e.factors.map(compile).reduce((a, b) => () => a() * b());
    case "select": {
      const condition = compileCondition(e.condition, context);
      const [whenTrue, whenFalse] = [compile(e.whenTrue), compile(e.whenFalse)];
      return () => (condition() ? whenTrue() : whenFalse());
    }
    case "call": {
      const [a, b] = e.arguments;
      if (a && b && (e.name === "min" || e.name === "max" || e.name === "mod")) {
        const [left, right] = [compile(a), compile(b)];
        const combine = float64.binary(e.name);
        return () => combine(left(), right());
      }
      // a real is rounded as the numbers round it, and is an integer from there on
      const { float } = context.arithmetic;
      const real = compileExpression(e, context);
      return () => float(real());
    }
    case "reduction":
      if (e.name === "argmax" || e.name === "argmin") {
        const extreme = extremeOf(e, context);
        return () => extreme().position;
      }
      break;
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "stop":
  }
  throw new Error(`${e.kind} is no integer expression`);
}
