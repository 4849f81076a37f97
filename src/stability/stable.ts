/**
 * What is computed: the formulas' values to the accuracy of their type, not the rounding errors of how they are written
 * (LANGUAGE, section 6). Formulas are told as they are; here, behind the derivation, what overflows or cancels is
 * replaced by its stable equal, through names too: with `p[n] = sigmoid(x[n])`, `1 - p[n]` is `sigmoid(-x[n])`.
 */
import type { Derived } from "../calculus/derivation.js";
import { neededFor } from "../calculus/differentiate.js";
import { keyOver, reservedNames } from "../calculus/hoist.js";
import { pruneBranches } from "../algebra/branches.js";
import { factsInside, layerFacts, withTensors } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import { readAt } from "../calculus/pending.js";
import { freeNamesIn, substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression, Read, Reduction } from "../notation/expression.js";
import { primitives, type FunctionName } from "../primitives/index.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfCondition, keyOfExpression } from "../notation/key.js";
import {
  hasPlainAxes,
  indicesAt,
  isGiven,
  type Index,
  type Statement,
  type Tensor,
} from "../notation/layer.js";
import {
  countNodes,
  holdsReduction,
  mapChildren,
  mapConditionChildren,
  tensorsIn,
  walk,
} from "../notation/traverse.js";
import { rewrittenAtRoot, type Rule } from "../rewrite/engine.js";
import type { Unfold } from "../rewrite/match.js";
import { stableForms } from "../rewrite/rules/forms.js";
import { exp, finite, logarithmOf, quotientOf, scaledOf, type Scaled, type Surroundings } from "./scaled.js";

export function stable(derived: Derived): Derived {
  if (![...derived.forward, ...derived.backward].some((s) => mayLose(s.body))) return derived;
  const pass = new Stabiliser(derived);
  derived.forward.forEach((s) => pass.visit(s, "forward"));
  derived.backward.forEach((s) => pass.visit(s, "backward"));
  const { forward, backward, tensors } = pass;
  const outputs = derived.tensors.filter((t) => t.role === "output").map((t) => t.name);
  const results = new Set(derived.gradients.map((g) => g.tensor));
  const kept = neededFor(backward, results);
  const read = new Set(kept.flatMap((s) => [...tensorsIn(s.body)]));
  const saved = forward.map((s) => s.tensor).filter((name) => read.has(name));
  return {
    ...derived,
    tensors,
    saved,
    backward: kept,
    forward: neededFor(forward, new Set([...outputs, ...saved])),
  };
}

/** Functions whose values may be lost in what is made of them. */
const losing: ReadonlySet<FunctionName> = new Set([
  "exp",
  ...stableForms.flatMap(({ left }) => functionsIn(left)),
]);
function functionsIn(e: Expression): readonly FunctionName[] {
  const found: FunctionName[] = [];
  walk(e, { expression: (part) => void (part.kind === "call" && found.push(part.name)) });
  return found;
}
function mayLose(e: Expression): boolean {
  let found = false;
  walk(e, { expression: (part) => void (found ||= part.kind === "call" && losing.has(part.name)) });
  return found;
}

const besideNumbers = stableForms.filter(({ isSmall = false }) => !isSmall);
/** Beside a number, up to the next function, the differences that would be lost in it anyway are left as they are. */
function inStableForms(e: Expression, rules: readonly Rule[], unfold: Unfold): Expression {
  const isArithmetic = e.kind === "add" || e.kind === "multiply" || e.kind === "raise";
  const isBeside = e.kind === "add" && e.terms.some((t) => t.kind === "constant");
  const inside = isBeside ? besideNumbers : isArithmetic ? rules : stableForms;
  const parts = mapChildren(e, {
    expression: (part) => inStableForms(part, inside, unfold),
    condition: (c) =>
      mapConditionChildren(c, { expression: (part) => inStableForms(part, stableForms, unfold) }),
  });
  return rewrittenAtRoot(parts, rules, unfold);
}

/** A pointwise value of more nodes is not written out to find a stable equal. */
const longest = 24;

type Pass = "forward" | "backward";
/** Where a formula stands: in a statement, under these binders, where this holds. */
interface Place {
  readonly statement: Statement;
  readonly pass: Pass;
  readonly binders: readonly Binder[];
  readonly guard: Condition;
}
const wholeOf = (statement: Statement, pass: Pass): Place => ({
  statement,
  pass,
  binders: [],
  guard: build.truth,
});
const where = (place: Place, condition: Condition): Place => ({
  ...place,
  guard: build.and(place.guard, condition),
});

class Stabiliser {
  readonly forward: Statement[] = [];
  readonly backward: Statement[] = [];
  readonly tensors: Tensor[];
  private readonly fresh: Fresh;
  private readonly facts: Facts;
  /** Tensors that the backward pass has without their being saved for it. */
  private readonly atHand: ReadonlySet<string>;
  private readonly definitions = new Map<string, { readonly statement: Statement; readonly pass: Pass }>();
  /** By the tensor: its scaled value over the indices of its statement. */
  private readonly scaled = new Map<string, Scaled | undefined>();
  /** By the maximum's key: the tensor of the exponents' shift. */
  private readonly shifts = new Map<string, string>();
  /** The maximum of which a shift is the finite value. */
  private readonly maxima = new Map<string, string>();

  /** Tensors of recurrences that read what is defined below them: written out, they would be written out for ever. */
  private readonly endless: ReadonlySet<string>;

  constructor({ layer, tensors, saved, forward, backward }: Derived) {
    this.endless = readingAhead([...forward, ...backward]);
    this.tensors = [...tensors];
    this.facts = withTensors(layerFacts(layer), tensors);
    this.fresh = freshNames([...reservedNames(layer), ...tensors.map((t) => t.name)]);
    this.atHand = new Set([...tensors.filter(isGiven).map((t) => t.name), ...saved]);
  }

  visit(statement: Statement, pass: Pass): void {
    const place = wholeOf(statement, pass);
    const named = inStableForms(statement.body, stableForms, this.unfoldIn(pass));
    const body = this.separated(named, place);
    this.define(body === statement.body ? statement : { ...statement, body }, pass);
  }

  private define(statement: Statement, pass: Pass): void {
    this[pass].push(statement);
    this.definitions.set(statement.tensor, { statement, pass });
  }

  /** A short pointwise definition in place of a read; in the backward pass only of what that has at hand. */
  private readonly unfoldIn =
    (pass: Pass): Unfold =>
    (e) => {
      const known = e.kind === "read" ? this.definitions.get(e.tensor) : undefined;
      if (e.kind !== "read" || !known || !hasPlainAxes(known.statement)) return undefined;
      if (this.endless.has(e.tensor)) return undefined;
      const { body } = known.statement;
      if (holdsReduction(body) || countNodes(body) > longest) return undefined;
      if (pass !== known.pass && ![...tensorsIn(body)].every((name) => this.atHand.has(name)))
        return undefined;
      return substitute(body, indicesAt(known.statement, e.subscripts));
    };

  /** Logarithms and quotients of exponentials by their mantissas and exponents. */
  private separated(e: Expression, place: Place): Expression {
    const parts = this.partsSeparated(e, place);
    const [argument] = parts.kind === "call" && parts.name === "log" ? parts.arguments : [];
    const found = argument
      ? logarithmOf(argument, this.around(place))
      : parts.kind === "multiply"
        ? quotientOf(parts, this.around(place))
        : undefined;
    return found ? this.decided(found, place) : parts;
  }
  private partsSeparated(e: Expression, place: Place): Expression {
    if (e.kind === "select")
      return build.select(
        e.condition,
        this.separated(e.whenTrue, where(place, e.condition)),
        this.separated(e.whenFalse, where(place, build.not(e.condition))),
      );
    const inside =
      e.kind === "reduction"
        ? where({ ...place, binders: [...place.binders, ...e.binders] }, e.guard)
        : place;
    return mapChildren(e, { expression: (part) => this.separated(part, inside) });
  }
  /** Without the branches that cannot be taken there. */
  private decided(e: Expression, { statement, binders, guard }: Place): Expression {
    const held = new Set(build.conjuncts(guard).map(keyOfCondition));
    return pruneBranches(e, factsInside(this.facts, [...statement.indices, ...binders], guard), held);
  }

  private around(place: Place): Surroundings {
    return {
      read: (e) => this.readScaled(e, place.pass),
      isShifted: (exponent) => this.isShifted(exponent),
      isAtMostOne: (exponent) => this.isShiftedHere(this.decided(exponent, place), place),
      sum: (e, body) => this.sumScaled(e, body, place),
    };
  }

  private readScaled(e: Read, pass: Pass): Scaled | undefined {
    const known = this.definitions.get(e.tensor);
    if (!known || !hasPlainAxes(known.statement)) return undefined;
    const place = wholeOf(known.statement, known.pass);
    const written = this.unfoldIn(pass)(e);
    if (written) return scaledOf(written, this.around(place));
    if (!this.scaled.has(e.tensor)) {
      // within itself it is not
      this.scaled.set(e.tensor, undefined);
      this.scaled.set(e.tensor, this.scaledTensor(place));
    }
    const found = this.scaled.get(e.tensor);
    const by = indicesAt(known.statement, e.subscripts);
    return found && { mantissa: substitute(found.mantissa, by), exponent: substitute(found.exponent, by) };
  }

  /** T = m·e^s for a tensor that is a sum of exponentials: m has a tensor of its own. */
  private scaledTensor(place: Place): Scaled | undefined {
    const { statement, pass } = place;
    if (!holdsReduction(statement.body)) return undefined;
    const found = scaledOf(statement.body, this.around(place));
    if (!found) return undefined;
    const { indices } = statement;
    const mantissa = this.local(`scaled_${statement.tensor}`, indices, found.mantissa, pass);
    return { mantissa, exponent: found.exponent };
  }

  /** Σ m·e^u = (Σ m·e^(u - s))·e^s, with the largest u as s. */
  private sumScaled(e: Reduction, body: Scaled, place: Place): Scaled | undefined {
    const inside = factsInside(this.facts, [...place.statement.indices, ...e.binders], e.guard);
    const mantissa = pruneBranches(body.mantissa, inside);
    const exponent = pruneBranches(body.exponent, inside);
    const greatest = build.reduction("max", e.binders, exponent, e.guard);
    const free = freeNamesIn(greatest);
    if (
      isBounded(exponent) ||
      this.isShiftedBy(exponent, e) ||
      place.binders.some(({ name }) => free.has(name))
    )
      return undefined;
    const axes = place.statement.indices.filter(({ name }) => free.has(name));
    const key = keyOver(greatest, axes);
    const known = this.shifts.get(key);
    const shift = known === undefined ? this.shiftOf(greatest, axes, place) : readAt(known, axes);
    this.shifts.set(key, shift.tensor);
    const shifted = build.multiply(mantissa, exp(build.subtract(exponent, shift)));
    return { mantissa: { ...e, body: shifted }, exponent: shift };
  }
  private shiftOf(greatest: Reduction, axes: readonly Index[], { statement, pass }: Place): Read {
    const largest = this.local(`max_${statement.tensor}`, axes, greatest, pass);
    const shift = this.local(`shift_${statement.tensor}`, axes, finite(largest), pass);
    this.maxima.set(shift.tensor, largest.tensor);
    return shift;
  }

  /** A new tensor of the pass. */
  private local(base: string, indices: readonly Index[], body: Expression, pass: Pass): Read {
    const tensor = this.fresh.tensor(base);
    this.tensors.push({ name: tensor, role: "local", type: "real", shape: indices.map((i) => i.extent) });
    const subscripts = indices.map((i) => integer.variable(i.name));
    this.define({ tensor, indices, subscripts, body }, pass);
    return readAt(tensor, indices);
  }

  /** u = v - m where m is the largest v of the sum: its exponentials are at most 1, and one of them is. */
  private isShiftedBy(exponent: Expression, { binders, guard }: Reduction): boolean {
    return this.extremesIn(exponent).some(({ read, body, coefficient }) => {
      if (body.kind !== "reduction" || coefficient !== (body.name === "max" ? -1 : 1)) return false;
      const rest = build.subtract(exponent, build.multiply(build.rational(coefficient), read));
      const value = body.name === "max" ? rest : build.negate(rest);
      return keyOfExpression(body) === keyOfExpression(build.reduction(body.name, binders, value, guard));
    });
  }
  /** u = v - m where v is one of the values of which m is the largest, at some point: e^u is at most 1. */
  private isShiftedHere(exponent: Expression, place: Place): boolean {
    const names = [...place.statement.indices, ...place.binders].map(({ name }) => integer.variable(name));
    return this.extremesIn(exponent).some(({ read, body, coefficient }) => {
      if (body.kind !== "reduction" || body.name !== "max" || coefficient !== -1) return false;
      const rest = keyOfExpression(build.add(exponent, read));
      return pointsOf(body.binders, names).some(
        (at) => keyOfExpression(this.decided(substitute(body.body, at), place)) === rest,
      );
    });
  }
  private isShifted(exponent: Expression): boolean {
    return this.extremesIn(exponent).some(({ coefficient }) => coefficient < 0);
  }
  /** Terms that are a largest or smallest value, or `stop` of one, with their numbers and what they are. */
  private extremesIn(exponent: Expression): readonly Extreme[] {
    const terms = exponent.kind === "add" ? exponent.terms : [exponent];
    return terms.flatMap((term) => {
      const [coefficient, core] = build.splitCoefficient(term);
      const body = this.extremeOf(core.kind === "stop" ? core.argument : core);
      return body ? [{ read: core, body, coefficient: build.valueOf(coefficient) }] : [];
    });
  }
  /** The largest or smallest value that a formula is: by name, as a shift (`finite`), or in a branch with another value beside it. */
  private extremeOf(e: Expression): Expression | undefined {
    if (isExtreme(e)) return e;
    if (e.kind === "select") {
      if (keyOfExpression(e) === keyOfExpression(finite(e.whenTrue))) return this.extremeOf(e.whenTrue);
      const branches = [e.whenTrue, e.whenFalse];
      return branches.some((b) => b.kind === "constant") ? undefined : branches.find(isExtreme);
    }
    const known = e.kind === "read" ? this.definitions.get(this.maxima.get(e.tensor) ?? e.tensor) : undefined;
    if (e.kind !== "read" || !known || !hasPlainAxes(known.statement)) return undefined;
    const { body } = known.statement;
    const found = body.kind === "read" ? undefined : this.extremeOf(body);
    return found && substitute(found, indicesAt(known.statement, e.subscripts));
  }
}

function readingAhead(statements: readonly Statement[]): ReadonlySet<string> {
  const place = new Map(statements.map((s, i) => [s.tensor, i]));
  const isAhead = ({ body }: Statement, at: number): boolean =>
    [...tensorsIn(body)].some((name) => (place.get(name) ?? -1) >= at);
  return new Set(statements.filter(isAhead).map((s) => s.tensor));
}

/** Every choice of a value for each binder. */
const pointsOf = (binders: readonly Binder[], values: readonly Int[]): readonly ReadonlyMap<string, Int>[] =>
  binders.reduce<readonly ReadonlyMap<string, Int>[]>(
    (points, { name }) => points.flatMap((at) => values.map((value) => new Map([...at, [name, value]]))),
    [new Map()],
  );

interface Extreme {
  readonly read: Expression;
  readonly body: Expression;
  readonly coefficient: number;
}
const isExtreme = (e: Expression): boolean =>
  (e.kind === "reduction" || e.kind === "call") && (e.name === "max" || e.name === "min");

/** Whether it stays near 0: its exponential needs no shift. */
function isBounded(e: Expression): boolean {
  switch (e.kind) {
    case "constant":
      return Math.abs(build.valueOf(e)) <= 16;
    case "call":
      return primitives[e.name].range === "bounded";
    case "add":
      return e.terms.length <= 4 && e.terms.every(isBounded);
    case "multiply":
      return (
        e.factors.length <= 2 && e.factors.every(isBounded) && e.factors.some((f) => f.kind === "constant")
      );
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "read":
    case "reduction":
    case "select":
    case "stop":
      return false;
  }
}
