/**
 * Which ways a decision of indices and sizes can go at all, by what the declarations, `require` lines and the formulas around
 * it say: what cannot be needs not be drawn.
 */
import * as build from "../notation/construct.js";
import { conjuncts, not } from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { atomParts, type Atom, type Int } from "../notation/integer.js";
import type { Layer, Statement } from "../notation/layer.js";
import { mapChildren, walk } from "../notation/traverse.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import { assuming, provesNonNegative, type Facts } from "../ranges/prove.js";
import type { Kind, Place, Way } from "./sites.js";

/** Ways that are shown to be impossible, by kind and place. */
export type Impossible = ReadonlyMap<Kind, ReadonlyMap<Place, ReadonlySet<Way>>>;

export function impossibleWays(layer: Layer): Map<Kind, Map<Place, ReadonlySet<Way>>> {
  const found = new Map<Kind, Map<Place, ReadonlySet<Way>>>();
  const note = (kind: Kind, place: Place, ways: readonly Way[]): void => {
    let places = found.get(kind);
    if (!places) found.set(kind, (places = new Map()));
    const known = places.get(place);
    // one part of a formula may stand at several places: what is possible at one of them is
    places.set(place, new Set(known ? ways.filter((way) => known.has(way)) : ways));
  };
  const facts = layerFacts(layer);
  for (const { indices, subscripts, body } of layer.statements) {
    const look = lookout(note);
    const inside = factsInside(facts, indices);
    subscripts.forEach((s) => look.int(s, inside));
    look.expression(body, inside);
  }
  return found;
}

function lookout(note: (kind: Kind, place: Place, ways: readonly Way[]) => void) {
  const int = (value: Int, facts: Facts): void => {
    for (const { factors } of value.monomials) for (const atom of factors) ofAtom(atom, facts);
  };
  const ofAtom = (atom: Atom, facts: Facts): void => {
    atomParts(atom).forEach((part) => int(part, facts));
    if (atom.kind === "min" || atom.kind === "max")
      note("extremum", atom, impossible(integer.minus(atom.left, atom.right), facts));
    if (atom.kind === "floor") note("division", atom, quotientWays(atom.numerator, atom.denominator, facts));
    // where it does not come out even it is not read
    if (atom.kind === "exact")
      note("division", atom, ["above", ...quotientWays(atom.numerator, atom.denominator, facts)]);
    if (atom.kind === "modulo") note("division", atom, quotientWays(atom.value, atom.modulus, facts));
  };
  /** Conditions one after the other: the later are asked where the earlier hold, or in an `or` where they do not. */
  const inTurn = (parts: readonly Condition[], facts: Facts, held: boolean): void => {
    const isInteger = (part: Condition): boolean => part.kind === "nonnegative" || part.kind === "zero";
    const assumed = (from: Facts, others: readonly Condition[]): Facts =>
      others.reduce((known, part) => assuming(known, held ? part : not(part)), from);
    const integers = parts.filter(isInteger);
    // those on integers are told of where they decide alone
    for (const part of integers)
      condition(
        part,
        assumed(
          facts,
          integers.filter((p) => p !== part),
        ),
      );
    let known = assumed(facts, integers);
    for (const part of parts)
      if (!isInteger(part)) {
        condition(part, known);
        known = assumed(known, [part]);
      }
  };
  const condition = (c: Condition, facts: Facts): void => {
    switch (c.kind) {
      case "truth":
        return;
      case "nonnegative":
        note("integer", c, impossible(c.value, facts));
        return int(c.value, facts);
      case "zero":
        note("equality", c, impossible(c.value, facts));
        return int(c.value, facts);
      case "compare": {
        const [left, right] = [c.left, c.right].map(integerOf);
        if (left && right) note("compare", c, impossible(integer.minus(left, right), facts));
        return [c.left, c.right].forEach((part) => expression(part, facts));
      }
      case "and":
      case "or":
        return inTurn(c.parts, facts, c.kind === "and");
      case "not":
        return condition(c.part, facts);
      case "any":
      case "all":
        return box(c.binders, c.guard, facts, (inner) => condition(c.body, inner));
    }
  };
  const box = (
    binders: readonly Binder[],
    guard: Condition,
    facts: Facts,
    body: (inner: Facts) => void,
  ): void => {
    let around = facts;
    for (const binder of binders) {
      const { lower, upper } = binder;
      [lower, upper].forEach((bound) => int(bound, around));
      note("range", binder, impossible(integer.minus(integer.minus(upper, lower), integer.one), around));
      around = factsInside(around, [binder]);
    }
    for (const c of conjuncts(guard))
      if (c.kind === "nonnegative") note("slack", c, tight(c.value, binders, facts));
    condition(guard, around);
    body(factsInside(facts, binders, guard));
  };
  const expression = (e: Expression, facts: Facts): void => {
    // a count has one at least where some point of its box takes part whatever is around it
    if (e.kind === "call" && (e.name === "max" || e.name === "min")) {
      const [count, other] = e.arguments;
      const [left, right] = e.arguments.map(integerOf);
      if (left && right) note("compare", e, impossible(integer.minus(left, right), facts));
      if (count && other && build.isConstant(other, 1) && countsOne(count, facts))
        note("compare", e, ["below"]);
    }
    if (e.kind === "reduction") return box(e.binders, e.guard, facts, (inner) => expression(e.body, inner));
    if (e.kind === "select") {
      condition(e.condition, facts);
      expression(e.whenTrue, assuming(facts, e.condition));
      return expression(e.whenFalse, assuming(facts, not(e.condition)));
    }
    mapChildren(e, {
      expression: (part) => (expression(part, facts), part),
      condition: (part) => (condition(part, facts), part),
      int: (value) => (int(value, facts), value),
    });
  };
  return { int, expression };
}

/** The places of a layer that sizes and params alone decide, or counts of what holds. */
export function decidedThroughout(layer: Layer, statements: readonly Statement[]): ReadonlySet<Place> {
  const names = new Set([
    ...layer.sizes,
    ...layer.derived.map((d) => d.name),
    ...layer.params.map((p) => p.name),
  ]);
  const isOf = (value: Int): boolean =>
    integer.literal(value) === undefined &&
    !integer.holdsElement(value) &&
    [...integer.variablesOf(value)].every((name) => names.has(name));
  const isReal = (e: Expression): boolean => {
    let only = true;
    walk(e, {
      expression: (part) => {
        if (part.kind === "read" || part.kind === "reduction") only = false;
      },
      int: (value) => {
        if (integer.literal(value) === undefined && !isOf(value)) only = false;
      },
    });
    return only;
  };
  const found = new Set<Place>();
  const atoms = (value: Int): void =>
    integer.eachAtom(value, (atom) => {
      const parts = atomParts(atom);
      parts.forEach(atoms);
      if (
        atom.kind !== "variable" &&
        parts.length > 0 &&
        parts.every((p) => isOf(p) || integer.literal(p) !== undefined)
      )
        found.add(atom);
    });
  for (const { body } of statements)
    walk(body, {
      int: atoms,
      expression: (e) => {
        if (e.kind === "call" && (isReal(e) || e.arguments.every((a) => isReal(a) || isCount(a))))
          found.add(e);
      },
      condition: (c) => {
        if ((c.kind === "nonnegative" || c.kind === "zero") && isOf(c.value)) found.add(c);
        if (c.kind === "compare" && [c.left, c.right].every((e) => isReal(e) || isCount(e))) found.add(c);
      },
    });
  return found;
}

/** A real formula of integers as one: `max(N, 1)` where it is a number. */
function integerOf(e: Expression): Int | undefined {
  if (e.kind !== "call" || (e.name !== "max" && e.name !== "min")) return build.intOf(e);
  const [left, right] = e.arguments.map(integerOf);
  return left && right && integer.extremum(e.name, left, right);
}
/** A sum of whole numbers that conditions choose. */
function isCount(e: Expression): boolean {
  switch (e.kind) {
    case "constant":
      return e.denominator === 1;
    case "reduction":
      return e.name === "sum" && isCount(e.body);
    case "select":
      return isCount(e.whenTrue) && isCount(e.whenFalse);
    case "call":
      return e.name === "sign";
    case "add":
      return e.terms.every(isCount);
    case "multiply":
      return e.factors.every(isCount);
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "read":
    case "stop":
      return false;
  }
}

function impossible(value: Int, facts: Facts): readonly Way[] {
  const above = integer.minus(integer.negate(value), integer.zero);
  const ways: Way[] = [];
  const atLeastZero = isNonNegative(facts, value);
  const atMostZero = isNonNegative(facts, above);
  if (atLeastZero) ways.push("below");
  if (atMostZero) ways.push("above");
  const positive = atLeastZero && isNonNegative(facts, integer.minus(value, integer.one));
  const negative = atMostZero && isNonNegative(facts, integer.minus(above, integer.one));
  if (positive || negative || isNeverWhole(value)) ways.push("at");
  return ways;
}
/** What holds of both sides of each min and max holds. */
function isNonNegative(facts: Facts, value: Int, splits = 4): boolean {
  if (provesNonNegative(facts, value) || hasNoNegativeTerm(facts, value)) return true;
  if (splits === 0) return false;
  for (const { factors } of value.monomials)
    for (const atom of factors)
      if (atom.kind === "min" || atom.kind === "max")
        return [atom.left, atom.right].every((side) =>
          isNonNegative(
            facts,
            integer.mapAtoms(value, (a) => (a === atom ? side : undefined)),
            splits - 1,
          ),
        );
  return false;
}
/** Whether no term is negative once each name is counted from its least value: R·S - 1 is r·s + r + s for R = r + 1, S = s + 1. */
function hasNoNegativeTerm(facts: Facts, value: Int): boolean {
  const from = new Map<string, Int>();
  for (const name of facts.sizes) from.set(name, integer.one);
  for (const [name, { lower }] of facts.ranges) {
    const least = lower && integer.literal(lower);
    if (least !== undefined) from.set(name, integer.constant(least));
  }
  for (const known of facts.known) {
    const name = [...integer.variablesOf(known)][0];
    const parts = name === undefined ? undefined : integer.affineIn(known, name);
    const least = parts && integer.literal(parts.rest);
    if (name === undefined || least === undefined || integer.literal(parts!.coefficient) !== 1) continue;
    const before = integer.literal(from.get(name) ?? integer.constant(-Infinity)) ?? -Infinity;
    from.set(name, integer.constant(Math.max(before, -least)));
  }
  const names = [...integer.variablesOf(value)];
  if (
    names.some((name) => !from.has(name)) ||
    value.monomials.some((m) => m.factors.some((a) => a.kind !== "variable"))
  )
    return false;
  const moved = new Map(
    names.map((name) => [name, integer.plus(integer.variable(name), from.get(name) ?? integer.zero)]),
  );
  return integer.substituteInt(value, moved).monomials.every((m) => m.coefficient >= 0);
}

/** 2i - 2j + 1 is never 0. */
function isNeverWhole({ monomials }: Int): boolean {
  const constant = monomials.find((m) => m.factors.length === 0)?.coefficient ?? 0;
  const common = monomials.filter((m) => m.factors.length > 0).reduce((d, m) => gcd(d, m.coefficient), 0);
  return common !== 0 && constant % common !== 0;
}
const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));

/** Whether a sum of ones is at least 1. */
function countsOne(e: Expression, facts: Facts): boolean {
  if (e.kind !== "reduction" || e.name !== "sum" || !build.isConstant(e.body, 1)) return false;
  const points = e.binders.reduce<readonly ReadonlyMap<string, Int>[]>(
    (all, { name, lower, upper }) => {
      const [low, high] = [integer.literal(lower), integer.literal(upper)];
      const few = low !== undefined && high !== undefined && high - low <= mostTried;
      const values = few
        ? Array.from({ length: high - low }, (_, i) => integer.constant(low + i))
        : [lower, integer.minus(upper, integer.one)];
      return all.flatMap((point) => values.map((value) => new Map(point).set(name, value)));
    },
    [new Map()],
  );
  const isIn = (point: ReadonlyMap<string, Int>): boolean =>
    e.binders.every(({ name, lower, upper }) => {
      const value = integer.substituteInt(integer.variable(name), point);
      return (
        isNonNegative(facts, integer.minus(value, lower)) &&
        isNonNegative(facts, integer.minus(integer.minus(upper, value), integer.one))
      );
    });
  const holds = (c: Condition, point: ReadonlyMap<string, Int>): boolean =>
    c.kind === "nonnegative"
      ? isNonNegative(facts, integer.substituteInt(c.value, point))
      : c.kind === "truth" && c.value;
  return points.some((point) => isIn(point) && conjuncts(e.guard).every((c) => holds(c, point)));
}
const mostTried = 8;

/** A dividend between 0 and the divisor has one quotient; one that is a multiple has no remainder. */
function quotientWays(dividend: Int, divisor: Int, facts: Facts): readonly Way[] {
  const ways: Way[] = [];
  const remainder = integer.modulo(dividend, divisor);
  if (integer.literal(divisor) === 1 || provesNonNegative(facts, integer.negate(remainder)))
    ways.push("above");
  const room = integer.minus(integer.minus(divisor, dividend), integer.one);
  // `below` stands for a second quotient
  if (provesNonNegative(facts, dividend) && provesNonNegative(facts, room)) ways.push("below");
  return ways;
}

/** Whether a condition holds at all points of a box and more than just so: impossible where it is shown to fail at a corner. */
function tight(value: Int, binders: readonly Binder[], facts: Facts): readonly Way[] {
  const corners = binders
    .toReversed()
    .reduce<readonly Int[]>(
      (values, { name, lower, upper }) =>
        values.flatMap((v) =>
          integer.mentions(v, name)
            ? [lower, integer.minus(upper, integer.one)].map((end) =>
                integer.substituteInt(v, new Map([[name, end]])),
              )
            : [v],
        ),
      [value],
    );
  const isTight = corners.some((corner) => provesNonNegative(facts, integer.negate(corner)));
  const isWide = corners.every((corner) => provesNonNegative(facts, corner));
  return [...(isTight ? (["above"] as const) : []), ...(isWide ? (["below"] as const) : [])];
}
