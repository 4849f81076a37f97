/** Simplification of integers and index conditions by what is known of the names in them. */
import * as build from "../notation/construct.js";
import { conjuncts } from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { assuming, provesNonNegative, proves, refutes, type Facts } from "../ranges/prove.js";

const inside = (facts: Facts, value: Int, extent: Int): boolean =>
  provesNonNegative(facts, value) &&
  provesNonNegative(facts, integer.minus(integer.minus(extent, integer.one), value));

/**
 * ⌊a/b⌋ = 0 and mod(a, b) = a where 0 <= a < b, ⌊a/b⌋ = k where k·b <= a < k·b + b; ⌊⌊a/b⌋/c⌋ = ⌊a/(b·c)⌋; b·⌊a/b⌋ + mod(a, b) = a;
 * min and max where the order is known.
 */
export function simplifyInt(value: Int, facts: Facts): Int {
  const simplified = integer.mapAtoms(value, (atom) => {
    switch (atom.kind) {
      case "floor": {
        if (inside(facts, atom.numerator, atom.denominator)) return integer.zero;
        const whole = wholePart(atom.numerator, atom.denominator);
        const rest = integer.minus(atom.numerator, integer.times(whole, atom.denominator));
        if (inside(facts, rest, atom.denominator)) return whole;
        const inner = soleFloor(atom.numerator);
        return inner
          ? integer.floorDivide(inner.numerator, integer.times(inner.denominator, atom.denominator))
          : undefined;
      }
      case "modulo":
        return inside(facts, atom.value, atom.modulus) ? atom.value : undefined;
      case "min":
      case "max": {
        const less = provesNonNegative(facts, integer.minus(atom.right, atom.left));
        if (less) return atom.kind === "min" ? atom.left : atom.right;
        const more = provesNonNegative(facts, integer.minus(atom.left, atom.right));
        if (more) return atom.kind === "min" ? atom.right : atom.left;
        return undefined;
      }
      case "element":
      case "exact":
      case "power":
      case "variable":
        return undefined;
    }
  });
  return joinRemainders(simplified);
}

/** ⌊c/b⌋ for the constant term c of a, where b is a number. */
function wholePart({ monomials }: Int, denominator: Int): Int {
  const constant = monomials.find((m) => m.factors.length === 0)?.coefficient ?? 0;
  return integer.constant(Math.floor(constant / (integer.literal(denominator) ?? Infinity)));
}

function soleFloor(value: Int) {
  const [m] = value.monomials;
  const [atom] = m?.factors ?? [];
  return value.monomials.length === 1 &&
    m?.coefficient === 1 &&
    m.factors.length === 1 &&
    atom?.kind === "floor"
    ? atom
    : undefined;
}

/** k·b·⌊a/b⌋ + k·mod(a, b) = k·a. */
function joinRemainders(value: Int): Int {
  for (const m of value.monomials)
    for (const atom of m.factors) {
      if (atom.kind !== "modulo") continue;
      const others = [...m.factors];
      others.splice(others.indexOf(atom), 1);
      const k: Int = { kind: "int", monomials: [{ coefficient: m.coefficient, factors: others }] };
      const floored = integer.times(k, atom.modulus, integer.floorDivide(atom.value, atom.modulus));
      const joined = integer.plus(
        integer.minus(integer.minus(value, floored), { kind: "int", monomials: [m] }),
        integer.times(k, atom.value),
      );
      if (joined.monomials.length < value.monomials.length) return joinRemainders(joined);
    }
  return value;
}

/** k·d·(e/d) = k·e, at every depth. */
export function cancelQuotients(value: Int): Int {
  const inner = integer.mapAtoms(value, (atom) => {
    if (atom.kind === "variable") return undefined;
    const parts = integer.atomParts(atom);
    const simpler = parts.map(cancelQuotients);
    return simpler.some((p, i) => p !== parts[i]) ? integer.rebuildAtom(atom, simpler) : undefined;
  });
  for (const m of inner.monomials)
    for (const [at, atom] of m.factors.entries()) {
      if (atom.kind !== "exact") continue;
      const others: Int = {
        kind: "int",
        monomials: [{ ...m, factors: m.factors.filter((_, i) => i !== at) }],
      };
      const factor = integer.quotient(others, atom.denominator);
      if (!factor) continue;
      const rest = integer.minus(inner, { kind: "int", monomials: [m] });
      return cancelQuotients(integer.plus(rest, integer.times(factor, atom.numerator)));
    }
  return inner;
}

/** The condition without what the facts prove; false where they refute it. Later parts may use earlier ones. */
export function simplifyCondition(condition: Condition, facts: Facts): Condition {
  if (condition.kind === "or") return build.or(...condition.parts.map((p) => simplifyCondition(p, facts)));
  const parts = conjuncts(condition).map((part) => simplifyPart(part, facts));
  const kept: Condition[] = [];
  for (const [i, part] of parts.entries()) {
    // a part is dropped when the facts and the other parts that stay prove it
    const others = build.and(...kept, ...parts.slice(i + 1));
    const given = assuming(facts, others);
    // refuted first: where the facts contradict each other, nothing takes part
    if (refutes(given, part)) return build.falsehood;
    if (part.kind !== "truth" && proves(given, part)) continue;
    kept.push(part);
  }
  return build.and(...kept);
}

function simplifyPart(part: Condition, facts: Facts): Condition {
  switch (part.kind) {
    case "nonnegative":
      return build.nonNegative(simplifyInt(part.value, facts), (d) => isPositive(d, facts));
    case "zero":
      return build.isZero(simplifyInt(part.value, facts));
    case "or":
      return build.or(...part.parts.map((p) => simplifyCondition(p, facts)));
    case "and":
      return simplifyCondition(part, facts);
    case "all":
    case "any":
    case "compare":
    case "not":
    case "truth":
      return part;
  }
}

export const isPositive = (value: Int, facts: Facts): boolean =>
  provesNonNegative(facts, integer.minus(value, integer.one));
export const isNegative = (value: Int, facts: Facts): boolean => isPositive(integer.negate(value), facts);

/** The greatest (or least) value over the ranges of the named variables; undefined where a sign is unknown. */
export function extremeOver(
  value: Int,
  side: "upper" | "lower",
  names: readonly { readonly name: string; readonly lower: Int; readonly upper: Int }[],
  facts: Facts,
): Int | undefined {
  let result = value;
  for (const range of [...names].reverse()) {
    if (!integer.mentions(result, range.name)) continue;
    const parts = integer.affineIn(result, range.name);
    if (!parts) return undefined;
    const [up, down] = [isPositive(parts.coefficient, facts), isNegative(parts.coefficient, facts)];
    if (!up && !down) return undefined;
    const end = (side === "upper") === up ? integer.minus(range.upper, integer.one) : range.lower;
    result = integer.plus(integer.times(parts.coefficient, end), parts.rest);
  }
  return result;
}

/** Whether a condition is made of comparisons of integers alone: such a one may become part of a guard. */
export function isOverIntegers(c: Condition): boolean {
  switch (c.kind) {
    case "truth":
    case "nonnegative":
    case "zero":
      return true;
    case "and":
    case "or":
      return c.parts.every(isOverIntegers);
    case "not":
      return isOverIntegers(c.part);
    case "all":
    case "any":
    case "compare":
      return false;
  }
}
