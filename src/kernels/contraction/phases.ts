/**
 * Strides without a multiplied zero. An operand read at (h + e + b·r)/d counts only where d divides. With
 * h = d·h' + φ the output falls into d phases; in each the live taps are r = r₀ + step·t, step = d/gcd(b, d), and
 * the subscript is h' + (φ + e + b·r₀)/d + (b/gcd)·t: no division is left, and no tap that reads nothing.
 */
import { substitute, substituteCondition } from "../../notation/binders.js";
import * as build from "../../notation/construct.js";
import type { Binder, Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index } from "../../notation/layer.js";
import { rewrite } from "../../notation/traverse.js";
import { isNegative, isPositive, simplifyInt } from "../../algebra/integers.js";
import type { Facts } from "../../ranges/prove.js";
import type { Builder } from "../block.js";
import type { PlanConstants } from "../constants.js";
import type { Operand, Term } from "./terms.js";

/** d | h + b·r + rest. */
export interface Phase {
  readonly condition: Condition;
  readonly value: Int;
  readonly index: Index;
  readonly binder: Binder;
  readonly slope: Int;
  readonly rest: Int;
  readonly divisor: Int;
}
/** A contraction under way: what is still to be emitted, in terms of the indices at hand. */
export interface Work {
  readonly term: Term;
  /** Where the result goes. */
  readonly subscripts: readonly Int[];
  /** Whether it is added to what is there already. */
  readonly adds: boolean;
  /** Whether nothing else is added there: threads that share its rows out never meet. */
  readonly alone?: boolean | undefined;
  readonly epilogue: Expression;
  /** The sum as it is written, for where a zero that was packed has met an infinity. */
  readonly again?: Expression | undefined;
  /** What is summed, where that is more than the product of both operands. */
  readonly body?: Expression;
}

export const isDivisibility = (c: Condition): boolean =>
  c.kind === "zero" && c.value.monomials.some((m) => m.factors.some((f) => f.kind === "modulo"));

/** Whether every divisibility of the term is one that phases resolve. */
export function resolvable(term: Term, facts: Facts): boolean {
  const phases = phasesOf(term, facts);
  const conditions = [...term.rows.guard, ...term.columns.guard].filter(isDivisibility);
  const apart = new Set(phases.flatMap((p) => [p.index.name, p.binder.name])).size === 2 * phases.length;
  return phases.length === conditions.length && apart;
}

/** How many points the indices have together in one phase, at most. */
export function extentInPhase(indices: readonly Index[], term: Term, facts: Facts): Int {
  const phases = phasesOf(term, facts);
  const extents = indices.map(({ name, extent }) => {
    const phase = phases.find((p) => p.index.name === name);
    return phase ? integer.ceilDivide(extent, phase.divisor) : extent;
  });
  return integer.times(integer.one, ...extents);
}

/** How many taps a phase has together, at most: of every step-th one along each binder, step = d/gcd(b, d). */
export function depthInPhase(term: Term, facts: Facts, constants: PlanConstants): Int {
  const phases = phasesOf(term, facts);
  const extents = term.reduced.map(({ name, upper }) => {
    const phase = phases.find((p) => p.binder.name === name);
    return phase ? integer.ceilDivide(upper, stepOf(phase, facts, constants).step) : upper;
  });
  return integer.times(integer.one, ...extents);
}

/** |b|, gcd(b, d) and d/gcd(b, d). */
function stepOf({ slope, divisor }: Phase, facts: Facts, constants: PlanConstants) {
  const size = isNegative(slope, facts) ? integer.negate(slope) : slope;
  const common = constants.gcd(size, divisor);
  return { size, common, step: constants.quotient(divisor, common) };
}

export function phasesOf(term: Term, facts: Facts): readonly Phase[] {
  return [term.rows, term.columns].flatMap(({ guard, outer }) =>
    guard.flatMap((condition): Phase[] => {
      if (condition.kind !== "zero") return [];
      const [m] = condition.value.monomials;
      const [atom] = m?.factors ?? [];
      if (condition.value.monomials.length !== 1 || m?.factors.length !== 1 || atom?.kind !== "modulo")
        return [];
      const names = integer.variablesOf(atom.value);
      const [index, ...others] = outer.filter((i) => names.has(i.name));
      const [binder, ...more] = term.reduced.filter((b) => names.has(b.name));
      if (!index || !binder || others.length > 0 || more.length > 0) return [];
      const inIndex = integer.affineIn(atom.value, index.name);
      const inBinder = inIndex && integer.affineIn(inIndex.rest, binder.name);
      if (!inBinder || integer.literal(inIndex.coefficient) !== 1) return [];
      const slope = inBinder.coefficient;
      if (!isPositive(slope, facts) && !isNegative(slope, facts)) return [];
      if (!isPositive(atom.modulus, facts)) return [];
      return [
        { condition, value: atom.value, index, binder, slope, rest: inBinder.rest, divisor: atom.modulus },
      ];
    }),
  );
}

/** Opens the loops over the phases; inside, the work has no divisibility left. */
export function overPhases(
  work: Work,
  builder: Builder,
  constants: PlanConstants,
  fill: (work: Work) => void,
): void {
  const [phase] = phasesOf(work.term, builder.facts);
  if (!phase) return fill(work);
  const name = builder.name("phase");
  // a phase from the end of its axis on has no points, however large the stride
  const to = simplifyInt(integer.extremum("min", phase.divisor, phase.index.extent), builder.facts);
  builder.loop({ index: name, from: integer.zero, to }, () =>
    overPhases(inPhase(work, phase, integer.variable(name), builder, constants), builder, constants, fill),
  );
}

function inPhase(work: Work, phase: Phase, phi: Int, builder: Builder, constants: PlanConstants): Work {
  const { index, binder, slope, divisor } = phase;
  const negative = isNegative(slope, builder.facts);
  const { size, common, step } = stepOf(phase, builder.facts, constants);
  const unit = constants.quotient(size, common);
  const inverse = constants.inverse(unit, step);
  for (const positive of [common, step, unit]) knowAtLeast(builder, positive, integer.one);
  const start = integer.plus(phi, phase.rest);
  const towards = integer.times(
    integer.exactDivide(negative ? start : integer.negate(start), common),
    inverse,
  );
  const simple = (value: Int): Int => simplifyInt(value, builder.facts);
  const first = builder.named(simple(integer.modulo(towards, step)), `${binder.name}0`);
  if (!integer.equal(first, phi)) knowAtLeast(builder, first, integer.zero);
  const count = integer.floorDivide(
    integer.minus(integer.plus(integer.minus(binder.upper, first), step), integer.one),
    step,
  );
  const taps = tapsOf(builder, build.divides(common, start), simple(count));
  // the last live tap is one of all taps
  const last = integer.plus(first, integer.times(step, integer.minus(taps, integer.one)));
  builder.assume(build.below(last, binder.upper));
  const base = builder.named(
    integer.exactDivide(integer.plus(start, integer.times(slope, first)), divisor),
    `${index.name}0`,
  );
  const extent = integer.floorDivide(
    integer.minus(integer.plus(integer.minus(index.extent, phi), divisor), integer.one),
    divisor,
  );
  const inner: Index = {
    name: builder.name(`${index.name}Inner`),
    extent: builder.named(extent, `${index.name}Count`),
  };
  const tap: Binder = { name: builder.name("tap"), lower: integer.zero, upper: taps };
  const by = new Map([
    [index.name, integer.plus(integer.times(divisor, integer.variable(inner.name)), phi)],
    [binder.name, integer.plus(first, integer.times(step, integer.variable(tap.name)))],
  ]);
  const quotient = integer.plus(
    integer.variable(inner.name),
    base,
    integer.scale(integer.times(unit, integer.variable(tap.name)), negative ? -1 : 1),
  );
  const { term, adds, alone, again, body } = work;
  const operand = (o: Operand): Operand => {
    const { read, guard } = withQuotient(o, phase, quotient);
    return {
      read: { ...read, subscripts: read.subscripts.map((s) => integer.substituteInt(s, by)) },
      outer: o.outer.map((i) => (i.name === index.name ? inner : i)),
      guard: guard.map((c) => substituteCondition(c, by)),
    };
  };
  return {
    adds,
    alone,
    term: {
      ...term,
      reduced: term.reduced.map((b) => (b.name === binder.name ? tap : b)),
      rows: operand(term.rows),
      columns: operand(term.columns),
    },
    subscripts: work.subscripts.map((s) => integer.substituteInt(s, by)),
    epilogue: substitute(work.epilogue, by),
    ...(again && { again: substitute(again, by) }),
    ...(body && { body: substitute(rewrite(body, itself, dividedBy(phase, quotient)), by) }),
  };
}

/** The operand with its phase's condition met: (value + d·m)/d is m + quotient, in its subscripts and its guard. */
export function withQuotient(operand: Operand, phase: Phase, quotient: Int): Operand {
  const { value, divisor, condition } = phase;
  const divided = dividedBy(phase, quotient);
  return {
    ...operand,
    read: { ...operand.read, subscripts: operand.read.subscripts.map(divided) },
    guard: operand.guard
      .filter((c) => c !== condition)
      .map((c) => dividedGuard(c, value, divisor, quotient) ?? c),
  };
}

const dividedBy =
  ({ value, divisor }: Phase, quotient: Int) =>
  (subscript: Int): Int =>
    integer.mapAtoms(subscript, (atom) => {
      if (atom.kind !== "exact" || !integer.equal(atom.denominator, divisor)) return undefined;
      const whole = integer.quotient(integer.minus(atom.numerator, value), divisor);
      return whole && integer.plus(whole, quotient);
    });
const itself = <T>(value: T): T => value;

/** The operand in every phase's terms; the quotients go by the names given, which are binders then. */
export function inTermsOfQuotients(
  operand: Operand,
  phases: readonly Phase[],
): { readonly operand: Operand; readonly quotients: readonly string[] } {
  const quotients = phases.map(({ index }) => `quotient of ${index.name}`);
  const resolved = phases.reduce(
    (o, phase, i) => withQuotient(o, phase, integer.variable(quotients[i] ?? "")),
    operand,
  );
  return { operand: resolved, quotients };
}

/** d·m ± value >= 0 is m ± value/d >= 0, where d divides value: mostly what the read's own bounds say already. */
function dividedGuard(c: Condition, value: Int, divisor: Int, quotient: Int): Condition | undefined {
  if (c.kind !== "nonnegative") return undefined;
  for (const sign of [1, -1]) {
    const whole = integer.quotient(integer.minus(c.value, integer.scale(value, sign)), divisor);
    if (whole) return build.nonNegative(integer.plus(whole, integer.scale(quotient, sign)));
  }
  return undefined;
}

function knowAtLeast(builder: Builder, value: Int, lower: Int): void {
  const name = integer.plainVariable(value);
  if (name !== undefined) builder.know(name, { lower });
}

/** How many taps are live in the phase: none where the common divisor does not divide. */
function tapsOf(builder: Builder, solvable: Condition, count: Int): Int {
  if (solvable.kind === "truth") return builder.named(count, "taps");
  const taps = builder.counter("taps", integer.zero, { lower: integer.zero });
  builder.emit({
    kind: "if",
    condition: solvable,
    then: [{ kind: "assign", name: taps, value: count }],
    otherwise: [],
  });
  return integer.variable(taps);
}
