/**
 * Solving the indicator: Σ_v [f(v) = m] F(v) as a sum over what the equations leave free.
 *
 * Every subscript is a linear equation over the integers. A variable with coefficient ±1 is substituted; with
 * another coefficient c it is (…)/c and the sum keeps the points where that comes out even. Mixed radix
 * `(c·H + h)·W + w = m` gives digits; ⌊e/d⌋ = m gives e = d·m + j with 0 <= j < d; mod(e, d) = m gives
 * e = d·q + m. What cannot be solved (data-dependent subscripts, repeated indices) stays as an equality.
 */
import {
  cancelQuotients,
  extremeOver,
  isNegative,
  isPositive,
  simplifyCondition,
  simplifyInt,
} from "../algebra/integers.js";
import { substitute, substituteCondition } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";
import { mapChildren, mapConditionChildren, type Mapper } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import { provesNonNegative, type Facts } from "../ranges/prove.js";
import { clearFractions } from "./fractions.js";

export interface Unsolved {
  /** The variables summed over; bounds may use earlier ones. Earlier ones are eliminated first. */
  readonly unknowns: readonly Binder[];
  /** Each is zero where the indicator holds. */
  readonly equations: readonly Int[];
  readonly guard: Condition;
  readonly body: Expression;
}
/** An index of the sum and what it was found to be. */
export interface Replacement {
  readonly name: string;
  readonly value: Int;
}
export interface Solved {
  readonly binders: readonly Binder[];
  readonly guard: Condition;
  readonly body: Expression;
  readonly replaced: readonly Replacement[];
}

/** Facts must hold the ranges of the target indices; `fresh` makes unused names. */
export function solve(problem: Unsolved, facts: Facts, fresh: (base: string) => string): Solved {
  const state = new Elimination(problem, facts, fresh);
  while (state.step()) {
    // one equation less each time
  }
  return state.result();
}

type Modulo = Extract<Atom, { kind: "modulo" }>;

class Elimination {
  private unknowns: readonly Binder[];
  private equations: readonly Int[];
  private guards: Condition[];
  private readonly replaced = new Map<string, Int>();
  private readonly problem: Unsolved;
  private readonly facts: Facts;
  private readonly fresh: (base: string) => string;

  constructor(problem: Unsolved, facts: Facts, fresh: (base: string) => string) {
    this.problem = problem;
    this.facts = factsInside(facts, problem.unknowns);
    this.fresh = fresh;
    this.unknowns = problem.unknowns;
    this.equations = problem.equations;
    this.guards = [problem.guard];
  }

  /** Takes one equation away; false when none is left. */
  step(): boolean {
    const order = this.equations
      .map((equation) => ({ equation, free: this.unknownsIn(equation).length }))
      .sort((a, b) => a.free - b.free);
    const first = order[0];
    if (!first) return false;
    this.equations = this.equations.filter((e) => e !== first.equation);
    this.settle(simplifyInt(clearFractions(first.equation), this.facts));
    return true;
  }

  private unknownsIn(value: Int): readonly Binder[] {
    const names = integer.variablesOf(value);
    return this.unknowns.filter((u) => names.has(u.name));
  }

  private settle(equation: Int): void {
    if (this.unknownsIn(equation).length === 0) {
      this.guards.push(build.isZero(equation));
      return;
    }
    if (this.openAtom(equation) || this.splitDigits(equation) || this.eliminateOne(equation)) return;
    this.guards.push(build.isZero(equation));
  }

  /** ±⌊n/d⌋, ±mod(a, d) or ±n/d alone with unknowns: opened with an auxiliary variable. */
  private openAtom(equation: Int): boolean {
    for (const m of equation.monomials) {
      const [atom] = m.factors;
      if (!atom || m.factors.length !== 1 || Math.abs(m.coefficient) !== 1) continue;
      if (atom.kind !== "floor" && atom.kind !== "modulo" && atom.kind !== "exact") continue;
      const rest = integer.minus(equation, { kind: "int", monomials: [m] });
      if (this.unknownsIn(integer.plus(...atomInts(atom))).length === 0 || this.unknownsIn(rest).length > 0)
        continue;
      const target = m.coefficient === 1 ? integer.negate(rest) : rest;
      return this.open(atom, target);
    }
    return false;
  }

  private open(atom: Atom, target: Int): boolean {
    if (atom.kind === "exact") {
      this.equations = [
        ...this.equations,
        integer.minus(atom.numerator, integer.times(atom.denominator, target)),
      ];
      return true;
    }
    if (atom.kind === "floor") {
      // ⌊n/d⌋ = t  ⇔  n = d·t + j, 0 <= j < d
      const j = this.introduce("j", integer.zero, atom.denominator);
      this.equations = [
        ...this.equations,
        integer.minus(atom.numerator, integer.plus(integer.times(atom.denominator, target), j)),
      ];
      return true;
    }
    if (atom.kind !== "modulo") return false;
    if (this.wrapOne(atom, target)) return true;
    // mod(a, d) = t  ⇔  0 <= t < d and a = d·q + t
    const lowest = extremeOver(atom.value, "lower", this.unknowns, this.facts);
    const highest = extremeOver(atom.value, "upper", this.unknowns, this.facts);
    if (!lowest || !highest) return false;
    const q = this.introduce(
      "q",
      integer.floorDivide(lowest, atom.modulus),
      integer.plus(integer.floorDivide(highest, atom.modulus), integer.one),
    );
    this.guards.push(build.within(target, integer.zero, atom.modulus));
    this.equations = [
      ...this.equations,
      integer.minus(atom.value, integer.plus(integer.times(atom.modulus, q), target)),
    ];
    return true;
  }

  /** mod(±u + e, d) = t where u takes each remainder once, l <= u < l + d: u = l + mod(±(t - e) - l, d). */
  private wrapOne({ value, modulus }: Modulo, target: Int): boolean {
    const fits = (length: Int): boolean => provesNonNegative(this.facts, integer.minus(modulus, length));
    const fills = (length: Int): boolean =>
      fits(length) && provesNonNegative(this.facts, integer.minus(length, modulus));
    // a range that is shorter leaves a condition: better one that is whole
    for (const enough of [fills, fits])
      for (const binder of this.unknownsIn(value)) {
        const parts = integer.affineIn(value, binder.name);
        const sign = parts && integer.literal(parts.coefficient);
        if (!parts || (sign !== 1 && sign !== -1) || hasElements(parts.rest, this.unknowns)) continue;
        const length = integer.minus(binder.upper, binder.lower);
        if (!enough(length) || !this.boundsCanBeFreedOf(binder)) continue;
        const rest = integer.scale(integer.minus(target, parts.rest), sign);
        const turned = integer.modulo(integer.minus(rest, binder.lower), modulus);
        this.guards.push(build.within(target, integer.zero, modulus));
        this.replace(binder, integer.plus(binder.lower, turned), enough === fits);
        return true;
      }
    return false;
  }

  private introduce(base: string, lower: Int, upper: Int): Int {
    const name = this.fresh(base);
    this.unknowns = [...this.unknowns, { name, lower, upper }];
    return integer.variable(name);
  }

  /** (c·H + h)·W + w = n with 0 <= w < W, 0 <= h < H: w = mod(n, W), h = mod(⌊n/W⌋, H), c = ⌊n/(W·H)⌋. */
  private splitDigits(equation: Int): boolean {
    const free = this.unknownsIn(equation);
    if (free.length < 2) return false;
    let rest = equation;
    const digits: { binder: Binder; weight: Int }[] = [];
    for (const binder of free) {
      const parts = integer.affineIn(rest, binder.name);
      if (!parts || this.unknownsIn(parts.coefficient).length > 0) return false;
      if (binder.lower.monomials.length > 0 || this.unknownsIn(binder.upper).length > 0) return false;
      digits.push({ binder, weight: parts.coefficient });
      rest = parts.rest;
    }
    const negative = digits.every(({ weight }) => isNegative(weight, this.facts));
    const weights = digits.map((d) => ({ ...d, weight: negative ? integer.negate(d.weight) : d.weight }));
    const value = simplifyInt(negative ? rest : integer.negate(rest), this.facts);
    const ordered: { binder: Binder; weight: Int }[] = [];
    let next = integer.one;
    while (ordered.length < weights.length) {
      const digit = weights.find((d) => !ordered.includes(d) && integer.equal(d.weight, next));
      if (!digit) return false;
      ordered.push(digit);
      next = integer.times(next, digit.binder.upper);
    }
    ordered.forEach(({ binder, weight }, i) => {
      const shifted = integer.floorDivide(value, weight);
      const last = i === ordered.length - 1;
      this.replace(binder, last ? shifted : integer.modulo(shifted, binder.upper), last);
    });
    return true;
  }

  /** Solves for one unknown: the earliest with coefficient ±1, else the earliest with a coefficient of known sign. */
  private eliminateOne(equation: Int): boolean {
    for (const binder of this.unknownsIn(equation)) {
      const parts = integer.affineIn(equation, binder.name);
      if (!parts || this.unknownsIn(parts.coefficient).length > 0) continue;
      if (hasElements(parts.rest, this.unknowns)) continue;
      const { coefficient, rest } = parts;
      const negative = isNegative(coefficient, this.facts);
      if (!negative && !isPositive(coefficient, this.facts)) continue;
      if (!this.boundsCanBeFreedOf(binder)) continue;
      const [divisor, value] = negative
        ? [integer.negate(coefficient), rest]
        : [coefficient, integer.negate(rest)];
      if (integer.literal(divisor) !== 1) this.guards.push(build.divides(divisor, value));
      this.replace(binder, integer.exactDivide(value, divisor), true);
      return true;
    }
    return false;
  }

  /** Whether every other unknown whose bounds use this one has a box of its own to fall back on. */
  private boundsCanBeFreedOf(binder: Binder): boolean {
    return this.unknowns.every(
      (u) =>
        u.name === binder.name ||
        !usesInBounds(u, binder.name) ||
        (extremeOver(u.upper, "upper", this.unknowns, this.facts) !== undefined &&
          extremeOver(u.lower, "lower", this.unknowns, this.facts) !== undefined),
    );
  }

  private replace(binder: Binder, value: Int, mayLeaveRange: boolean): void {
    const by = new Map([[binder.name, value]]);
    const [lower, upper] = [binder.lower, binder.upper];
    if (mayLeaveRange) this.guards.push(build.within(integer.variable(binder.name), lower, upper));
    this.unknowns = this.unknowns
      .filter((u) => u.name !== binder.name)
      .map((u) => {
        if (!usesInBounds(u, binder.name)) return u;
        // a bound that depends on the eliminated variable becomes a guard over the whole box
        this.guards.push(build.within(integer.variable(u.name), u.lower, u.upper));
        const highest = extremeOver(u.upper, "upper", this.problem.unknowns, this.facts);
        const lowest = extremeOver(u.lower, "lower", this.problem.unknowns, this.facts);
        return { ...u, lower: lowest ?? u.lower, upper: highest ?? u.upper };
      });
    this.guards = this.guards.map((g) => substituteCondition(g, by));
    this.equations = this.equations.map((e) => clearFractions(integer.substituteInt(e, by)));
    for (const [name, old] of this.replaced) this.replaced.set(name, integer.substituteInt(old, by));
    this.replaced.set(binder.name, value);
  }

  result(): Solved {
    const binders = this.unknowns;
    const facts = factsInside(withoutRanges(this.facts, this.replaced), binders);
    const by = this.replaced;
    return {
      binders,
      guard: simplifyCondition(build.and(...this.guards), facts),
      body: simplifySubscripts(substitute(this.problem.body, by), facts),
      replaced: [...by].map(([name, value]) => ({ name, value: simplifyInt(value, facts) })),
    };
  }
}

/** Each by what is known where it stands: a sum within may call its own binder like an index outside. */
function simplifySubscripts(e: Expression, facts: Facts): Expression {
  const inner = e.kind === "reduction" ? factsInside(facts, e.binders) : facts;
  return mapChildren(e, simplifier(inner));
}
function simplifyInCondition(c: Condition, facts: Facts): Condition {
  const inner = c.kind === "any" || c.kind === "all" ? factsInside(facts, c.binders) : facts;
  return mapConditionChildren(c, simplifier(inner));
}
const simplifier = (facts: Facts): Mapper => ({
  expression: (part) => simplifySubscripts(part, facts),
  condition: (part) => simplifyInCondition(part, facts),
  int: (value) => simplifyInt(cancelQuotients(value), facts),
});

const withoutRanges = (facts: Facts, gone: ReadonlyMap<string, Int>): Facts => ({
  ...facts,
  ranges: new Map([...facts.ranges].filter(([name]) => !gone.has(name))),
});
const usesInBounds = (binder: Binder, name: string): boolean =>
  integer.mentions(binder.lower, name) || integer.mentions(binder.upper, name);
const atomInts = (atom: Atom): readonly Int[] => [integer.zero, ...integer.atomParts(atom)];

/** Whether an integer tensor is read at a place that depends on the unknowns. */
function hasElements(value: Int, unknowns: readonly Binder[]): boolean {
  const names = new Set(unknowns.map((u) => u.name));
  let found = false;
  integer.eachAtom(value, (atom) => {
    if (atom.kind === "element")
      found ||= atom.subscripts.some((s) => [...integer.variablesOf(s)].some((v) => names.has(v)));
  });
  return found;
}
