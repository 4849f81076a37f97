/** The poles of derivatives, and what becomes of a formula where a part of it is 0 or infinite. */
import { isAlwaysPositive, isNeverZero, signsOf, type Known } from "../algebra/real-signs.js";
import { hasSigns, sign } from "../algebra/sign-sets.js";
import * as build from "../notation/construct.js";
import { walk } from "../notation/traverse.js";
import { whereOthersAreNotZero } from "./zeros.js";
import type { Call, Condition, Expression, FunctionName, Raise } from "../notation/expression.js";

/** What is known of a value at a pole: 0, an infinity by its sign or of any, or nothing: then it may be finite. */
export type Value = "zero" | "plus" | "minus" | "infinite" | "finite";

/** A condition under which a derivative is infinite. */
export interface Pole {
  readonly condition: Condition;
  /** What the function itself is there. */
  readonly value: Value;
  /** The arguments whose derivatives are infinite. */
  readonly breaks: readonly Expression[];
}

const { compare, and, zero, one } = build;
const isZero = (e: Expression): Condition => compare("==", e, zero);

/** The poles that the derivatives of the outermost function have, those left out that cannot be. */
export function polesOf(e: Expression, known: Known): readonly Pole[] {
  if (e.kind === "raise") return polesOfPower(e, known);
  if (e.kind !== "call") return [];
  const [u = zero, v = zero] = e.arguments;
  const breaks = e.arguments;
  switch (e.name) {
    case "sqrt":
      return isNeverZero(u, known) ? [] : [{ condition: isZero(u), value: "zero", breaks }];
    case "log":
      return isNeverZero(u, known) ? [] : [{ condition: isZero(u), value: "minus", breaks }];
    case "log1p":
      return [{ condition: compare("==", u, build.minusOne), value: "minus", breaks }];
    case "asin":
    case "acos":
      return [{ condition: compare("==", build.call("abs", [u]), one), value: "finite", breaks }];
    case "atan2": {
      const certain = isNeverZero(u, known) || isNeverZero(v, known);
      return certain ? [] : [{ condition: and(isZero(u), isZero(v)), value: "finite", breaks }];
    }
    default:
      return [];
  }
}

function polesOfPower({ base, exponent }: Raise, known: Known): readonly Pole[] {
  const [atZero, isRoot] = [isZero(base), compare("<", exponent, one)];
  const n = exponent.kind === "constant" ? build.valueOf(exponent) : undefined;
  // 1/0 is +∞; only a product may be -0
  const mayBeNegative = base.kind === "multiply" && hasSigns(signsOf(base, known), sign.negative);
  const hasTwoSides = mayBeNegative && (n === undefined || n % 2 !== 0);
  const infinity: Value = hasTwoSides ? "infinite" : "plus";
  const poles: Pole[] = [];
  if (!isNeverZero(base, known)) {
    const below = compare("<", exponent, zero);
    const isBelow = hasSigns(signsOf(exponent, known), sign.negative);
    const condition = n === undefined ? and(atZero, below) : atZero;
    if (isBelow) poles.push({ condition, value: infinity, breaks: [base, exponent] });
  }
  if (n !== undefined) {
    if (n > 0 && n < 1 && !isNeverZero(base, known))
      poles.push({ condition: atZero, value: "zero", breaks: [base] });
    return poles;
  }
  // an integer is no root
  if (build.intOf(exponent)) return poles;
  if (!isNeverZero(base, known)) {
    // n·0^(n-1)
    const above = isAlwaysPositive(exponent, known) ? build.truth : compare("<", zero, exponent);
    if (hasSigns(signsOf(build.subtract(exponent, one), known), sign.negative))
      poles.push({ condition: and(atZero, above, isRoot), value: "zero", breaks: [base] });
    // 0^0·ln 0
    if (!isNeverZero(exponent, known))
      poles.push({ condition: and(atZero, isZero(exponent)), value: "finite", breaks: [exponent] });
  }
  // (-2)^3 is a number, ln(-2) is none
  if (hasSigns(signsOf(base, known), sign.negative)) {
    const isWhole = compare("==", exponent, build.call("floor", [exponent]));
    const condition = and(compare("<", base, zero), isWhole);
    poles.push({ condition, value: "finite", breaks: [exponent] });
  }
  return poles;
}

/** Whether any part of a formula has a pole. */
export function holdsPole(e: Expression, known: Known): boolean {
  let found = false;
  walk(e, { expression: (part) => void (found ||= polesOf(part, known).length > 0) });
  return found;
}

/** The parts that a formula's derivative goes to, with the conditions under which it does. */
export function activeArguments(
  e: Expression,
): readonly { readonly argument: Expression; readonly conditions: readonly Condition[] }[] {
  const always = (parts: readonly Expression[]) => parts.map((argument) => ({ argument, conditions: [] }));
  switch (e.kind) {
    case "add":
      return always(e.terms);
    case "multiply":
      return e.factors.map((argument) => ({
        argument,
        conditions: build
          .conjuncts(whereOthersAreNotZero(e.factors, argument))
          .filter((c) => c.kind !== "truth"),
      }));
    case "raise":
      return always([e.base, e.exponent]);
    case "pad":
      return always([e.read, e.value]);
    case "reduction":
      return e.name === "argmax" || e.name === "argmin" || e.name === "count" ? [] : always([e.body]);
    case "select":
      return [
        { argument: e.whenTrue, conditions: [e.condition] },
        { argument: e.whenFalse, conditions: [build.not(e.condition)] },
      ];
    case "call":
      return argumentsOfCall(e);
    case "constant":
    case "named":
    case "integer":
    case "parameter":
    case "read":
    case "stop":
      return [];
  }
}

const constant: ReadonlySet<FunctionName> = new Set(["sign", "floor", "ceil", "round"]);
function argumentsOfCall({ name, arguments: args }: Call) {
  const [u = zero, v = zero] = args;
  if (constant.has(name)) return [];
  if (name === "relu") return [{ argument: u, conditions: [compare("<", zero, u)] }];
  // max(u, v) is u where u > v, else v
  if (name === "max" || name === "min") {
    const first = name === "max" ? compare("<", v, u) : compare("<", u, v);
    const second = name === "max" ? compare("<=", u, v) : compare("<=", v, u);
    return [
      { argument: u, conditions: [first] },
      { argument: v, conditions: [second] },
    ];
  }
  return args.map((argument) => ({ argument, conditions: [] }));
}

/**
 * What the formula is where that part of it has this value.
 * @param taken whether a maximum or minimum is known to be the part: else its derivative does not go there
 */
export function risen(e: Expression, part: Expression, value: Value, known: Known, taken: boolean): Value {
  if (value === "finite") return value;
  switch (e.kind) {
    case "add":
      return value === "zero" ? "finite" : value;
    case "multiply":
      return value === "zero"
        ? value
        : scaled(
            value,
            e.factors.filter((f) => f !== part),
            known,
          );
    case "raise":
      return part === e.base ? raised(value, e.exponent) : "finite";
    case "reduction":
      if (e.name === "max" || e.name === "min") return taken ? value : outdone(e.name, value);
      if (e.name === "prod") return value === "zero" ? value : "infinite";
      return value === "zero" ? "finite" : value;
    case "call":
      if (e.name !== "max" && e.name !== "min" && e.name !== "relu") return called(e.name, value);
      if (taken) return value;
      return e.name === "relu" ? called(e.name, value) : outdone(e.name, value);
    default:
      return value;
  }
}

/** A maximum over +∞ is +∞; over anything else another may be greater. */
const outdone = (name: "max" | "min", value: Value): Value =>
  value === (name === "max" ? "plus" : "minus") ? value : "finite";

/** An infinity times factors whose signs are known. */
function scaled(value: Value, factors: readonly Expression[], known: Known): Value {
  const all = build.multiply(...factors);
  const signs = signsOf(all, known);
  if (signs === sign.positive || value === "infinite") return value;
  if (signs === sign.negative) return value === "plus" ? "minus" : "plus";
  return "infinite";
}

function raised(value: Value, exponent: Expression): Value {
  if (exponent.kind !== "constant") return "finite";
  const n = build.valueOf(exponent);
  if (n < 0) return value === "zero" ? "infinite" : "zero";
  if (value === "zero") return value;
  return n % 2 === 0 ? "plus" : value;
}

/** Functions that are finite at both infinities. */
const bounded: ReadonlySet<FunctionName> = new Set(["sigmoid", "tanh", "atan", "atan2", "erf"]);
/** Functions that are 0 at 0. */
const throughZero: ReadonlySet<FunctionName> = new Set([
  ...(["sqrt", "abs", "relu", "sin", "tan", "tanh", "sinh", "asin", "atan"] as const),
  ...(["erf", "gelu", "expm1", "log1p"] as const),
]);

function called(name: FunctionName, value: Value): Value {
  if (value === "zero") return name === "log" ? "minus" : throughZero.has(name) ? value : "finite";
  if (bounded.has(name)) return "finite";
  switch (name) {
    case "exp":
    case "softplus":
      // e^-∞ = 0; where the sign is open it may be +∞
      return value === "minus" ? "zero" : "infinite";
    case "expm1":
      return value === "minus" ? "finite" : "infinite";
    case "relu":
      return value === "minus" ? "zero" : value;
    case "abs":
      return "plus";
    default:
      return "infinite";
  }
}
