/** Integers, conditions and constants over sizes, params and indices in numbers. */
import { valueOf } from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { valueOfCall } from "../primitives/index.js";
import type { Atom, Int } from "../notation/integer.js";
import { evaluateQuantified, evaluateReduction } from "./evaluate-reductions.js";

/** Values of names: indices, sizes, derived sizes and params. */
export type Environment = ReadonlyMap<string, number>;
/** The value of an element of an integer tensor. */
export type ElementValue = (tensor: string, subscripts: readonly number[]) => number;

/**
 * The value of an integer expression. NaN where it has none: a name without a value, an exact division that does
 * not come out even, a division by zero.
 */
export function evaluateInt(value: Int, env: Environment, element?: ElementValue): number {
  let sum = 0;
  for (const { coefficient, factors } of value.monomials) {
    let product = coefficient;
    for (const atom of factors)
      product *= atom.kind === "variable" ? (env.get(atom.name) ?? NaN) : evaluateAtom(atom, env, element);
    sum += product;
  }
  return sum;
}

function evaluateAtom(atom: Atom, env: Environment, element: ElementValue | undefined): number {
  const of = (value: Int): number => evaluateInt(value, env, element);
  switch (atom.kind) {
    case "variable":
      return env.get(atom.name) ?? NaN;
    case "floor":
      return floorDivide(of(atom.numerator), of(atom.denominator));
    case "exact": {
      const quotient = of(atom.numerator) / of(atom.denominator);
      return Number.isInteger(quotient) ? quotient + 0 : NaN;
    }
    case "modulo": {
      const [value, modulus] = [of(atom.value), of(atom.modulus)];
      return value - modulus * floorDivide(value, modulus);
    }
    case "min":
      return Math.min(of(atom.left), of(atom.right));
    case "max":
      return Math.max(of(atom.left), of(atom.right));
    case "power":
      return of(atom.base) ** of(atom.exponent);
    case "element":
      return element ? element(atom.tensor, atom.subscripts.map(of)) : NaN;
  }
}
const floorDivide = (a: number, b: number): number => (b === 0 ? NaN : Math.floor(a / b));

/**
 * Whether a condition over sizes, params and indices holds. Real comparisons are evaluated in float64; undefined
 * where the condition reads tensors or uses reductions.
 */
export function evaluateCondition(c: Condition, env: Environment): boolean | undefined {
  switch (c.kind) {
    case "truth":
      return c.value;
    case "nonnegative":
      return evaluateInt(c.value, env) >= 0;
    case "zero":
      return evaluateInt(c.value, env) === 0;
    case "compare": {
      const [left, right] = [evaluateReal(c.left, env), evaluateReal(c.right, env)];
      if (left === undefined || right === undefined) return undefined;
      return compare(c.operator, left, right);
    }
    case "and":
    case "or": {
      const parts = c.parts.map((p) => evaluateCondition(p, env));
      const deciding = c.kind === "or";
      if (parts.includes(deciding)) return deciding;
      return parts.includes(undefined) ? undefined : !deciding;
    }
    case "not": {
      const part = evaluateCondition(c.part, env);
      return part === undefined ? undefined : !part;
    }
    case "any":
    case "all":
      return evaluateQuantified(c, env);
  }
}
function compare(operator: "<" | "<=" | "==" | "!=", left: number, right: number): boolean {
  switch (operator) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case "==":
      return left === right;
    case "!=":
      return left !== right;
  }
}
/** The value of a real expression over sizes, params and constants, in float64; undefined where it reads tensors. */
export function evaluateReal(e: Expression, env: Environment): number | undefined {
  const all = (parts: readonly Expression[]): readonly number[] | undefined => {
    const values = parts.map((p) => evaluateReal(p, env));
    return values.includes(undefined) ? undefined : (values as readonly number[]);
  };
  switch (e.kind) {
    case "constant":
      return valueOf(e);
    case "named":
      return e.name === "pi" ? Math.PI : Math.E;
    case "integer":
      return evaluateInt(e.value, env);
    case "parameter":
      return env.get(e.name);
    case "add":
      return all(e.terms)?.reduce((a, b) => a + b, 0);
    case "multiply":
      return all(e.factors)?.reduce((a, b) => a * b, 1);
    case "raise": {
      const [base, exponent] = [evaluateReal(e.base, env), evaluateReal(e.exponent, env)];
      return base === undefined || exponent === undefined ? undefined : base ** exponent;
    }
    case "call": {
      const args = all(e.arguments);
      return args && valueOfCall(e.name, args);
    }
    case "select": {
      const holds = evaluateCondition(e.condition, env);
      return holds === undefined ? undefined : evaluateReal(holds ? e.whenTrue : e.whenFalse, env);
    }
    case "reduction":
      return evaluateReduction(e, env);
    case "read":
    case "pad":
    case "stop":
      return undefined;
  }
}
