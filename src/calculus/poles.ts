/** The poles of derivatives, and what becomes of a formula where a part of it is 0 or infinite. */
import { isAlwaysPositive, isNeverZero, signsOf, type Known } from "../algebra/real-signs.js";
import { hasSigns, sign } from "../primitives/signs.js";
import * as build from "../notation/construct.js";
import { walk } from "../notation/traverse.js";
import { whereOthersAreNotZero } from "./zeros.js";
import type { Call, Condition, Expression, Raise, Select } from "../notation/expression.js";
import { isChoice, primitives } from "../primitives/index.js";
import type { Value } from "../primitives/record.js";

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
  return primitives[e.name].poles.flatMap(({ where, value }) => {
    const equal = where(u, v);
    if (equal.some(([left, right]) => isNeverZero(build.subtract(left, right), known))) return [];
    const condition = and(...equal.map(([left, right]) => compare("==", left, right)));
    return [{ condition, value, breaks: e.arguments }];
  });
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

/** The arguments by which the derivative is not 0 everywhere. */
function argumentsOfCall({ name, arguments: args }: Call) {
  const [u = zero, v = zero] = args;
  return primitives[name].derivative(u, v).flatMap((partial, i) => {
    const argument = args[i] ?? zero;
    if (build.isConstant(partial, 0)) return [];
    return [{ argument, conditions: partial.kind === "select" ? [whereItMoves(partial)] : [] }];
  });
}
/** Where one of a choice's branches is 0, the condition under which it is the other. */
function whereItMoves({ condition, whenTrue }: Select): Condition {
  if (!build.isConstant(whenTrue, 0)) return condition;
  // a NaN aside, a <= b where not b < a
  return condition.kind === "compare" && condition.operator === "<"
    ? compare("<=", condition.right, condition.left)
    : build.not(condition);
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
    case "call": {
      const { decision, limits } = primitives[e.name];
      if (taken && isChoice(e.name)) return value;
      if (decision?.by === "order") return outdone(decision.first === "greater" ? "max" : "min", value);
      if (value !== "infinite") return limits[value];
      return limits.minus === limits.plus ? limits.plus : "infinite";
    }
    case "select":
    case "pad":
      return value;
    case "constant":
    case "named":
    case "integer":
    case "parameter":
    case "read":
    case "stop":
      throw new Error(`a ${e.kind} has no parts that move`);
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
