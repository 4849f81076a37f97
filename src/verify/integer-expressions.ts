/** The bodies of statements that define integer tensors, as closures. */
import type { Expression } from "../notation/expression.js";
import type { Context } from "./context.js";
import { compileCondition, extremeOf } from "./expressions.js";
import { asCode, compileInt } from "./integers.js";
import { describeRead, OutOfBounds } from "./out-of-bounds.js";

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
    case "reduction":
      if (e.name === "argmax" || e.name === "argmin") {
        const extreme = extremeOf(e, context);
        return () => extreme().position;
      }
      break;
    default:
  }
  throw new Error(`${e.kind} is no integer expression`);
}
