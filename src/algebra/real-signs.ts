/**
 * Which signs a real formula may have, whatever the tensors hold: what may be divided by, and where a root or a power
 * meets a pole. Sound and incomplete: a sign that cannot be excluded is possible. NaN has no sign and is left out.
 */
import * as build from "../notation/construct.js";
import type { Condition, Constant, Expression, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import { recurrencesIn } from "../notation/components.js";
import { tensorsIn, walk } from "../notation/traverse.js";
import type { Layer, Statement } from "../notation/layer.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import { assuming, proves, provesNonNegative, type Facts } from "../ranges/prove.js";
import { primitives } from "../primitives/index.js";
import {
  hasSigns,
  mirrored,
  numberSigns,
  productOf,
  real,
  shifted,
  sideOf,
  sign,
  sumOf,
  without,
  type Signs,
} from "../primitives/signs.js";

const { negative, zero, positive, pole } = sign;

/** What is known where a formula stands. */
export interface Known {
  readonly facts: Facts;
  /** Formulas that conditions speak of, params and constants of the layer among them, by their keys. */
  readonly signs: ReadonlyMap<string, Signs>;
  readonly layer: Declared;
}
/** What holds all over a layer. */
interface Declared {
  readonly facts: Facts;
  readonly signs: ReadonlyMap<string, Signs>;
  readonly statements: ReadonlyMap<string, Statement>;
  /** Tensors of recurrences. */
  readonly recurrent: ReadonlySet<string>;
  /** Signs of defined tensors, found when they are asked for. */
  readonly tensors: Map<string, Signs>;
}

const holdsInfinity = (e: Expression): boolean => {
  let found = false;
  walk(e, {
    expression: (part) => void (found ||= part.kind === "constant" && !Number.isFinite(build.valueOf(part))),
  });
  return found;
};

/** What a layer's declarations, its `require` lines and its definitions say. */
export function knownOf(layer: Layer): Known {
  const facts = layerFacts(layer);
  const statements = new Map(layer.statements.map((s) => [s.tensor, s]));
  const tensors = new Map<string, Signs>();
  const recurrent = new Set(recurrencesIn(layer.statements).keys());
  const declared: Declared = { facts, signs: new Map(), statements, recurrent, tensors };
  let known: Known = { facts, signs: new Map(), layer: declared };
  for (const { condition } of layer.requirements) known = supposing(known, condition);
  for (const { name, value } of layer.constants)
    known = withSigns(known, { kind: "parameter", name }, signsOf(value, known));
  return { ...known, facts, layer: { ...known.layer, signs: known.signs } };
}
/** The same where indices and binders have their ranges. */
export const knownInside = ({ layer }: Known, facts: Facts): Known => ({ facts, signs: layer.signs, layer });

/** Neither 0 nor beside a pole that would hide it: may be divided by. */
export const isNeverZero = (e: Expression, known: Known): boolean => !hasSigns(signsOf(e, known), zero);
export const isAlwaysPositive = (e: Expression, known: Known): boolean => signsOf(e, known) === positive;
export const isNeverPositive = (e: Expression, known: Known): boolean =>
  !hasSigns(signsOf(e, known), positive) && hasNoPole(e, known);
/** Whether no division, logarithm or power in it can fail. */
export const hasNoPole = (e: Expression, known: Known): boolean => !hasSigns(signsOf(e, known), pole);

/** What a condition that holds adds. */
export function supposing(known: Known, condition: Condition): Known {
  let next: Known = { ...known, facts: assuming(known.facts, condition) };
  for (const c of build.conjuncts(condition)) {
    const { part, holds } = c.kind === "not" ? { part: c.part, holds: false } : { part: c, holds: true };
    if (part.kind !== "compare") continue;
    const { operator, left, right } = part;
    const side = sideOf(operator, holds);
    if (right.kind === "constant") next = comparing(next, left, right, side);
    else if (left.kind === "constant") next = comparing(next, right, left, mirrored(side));
    else next = withSigns(next, build.subtract(left, right), side);
  }
  return next;
}
/** `side`: the signs of e - value. */
function comparing(known: Known, e: Expression, value: Constant, side: Signs): Known {
  const number = build.valueOf(value);
  if (number === 0) return withSigns(known, e, side);
  const next = withSigns(known, e, shifted(side, number));
  return withSigns(next, build.subtract(e, value), side);
}
/** Of e and of -e. */
function withSigns(known: Known, e: Expression, signs: Signs): Known {
  const both = signs & signsOf(e, known);
  const next = new Map(known.signs).set(keyOfExpression(e), both);
  return { ...known, signs: next.set(keyOfExpression(build.negate(e)), mirrored(both)) };
}
/** Whether conditions exclude each other: a formula would have no sign at all. */
export const isImpossible = (conditions: readonly Condition[], known: Known): boolean =>
  [conditions, conditions.toReversed()].some((ordered) =>
    [...ordered.reduce(supposing, known).signs.values()].includes(0),
  );

export function signsOf(e: Expression, known: Known): Signs {
  const supposed = known.signs.size > 0 ? known.signs.get(keyOfExpression(e)) : undefined;
  return supposed ?? formulaSigns(e, known);
}

function formulaSigns(e: Expression, known: Known): Signs {
  const of = (part: Expression): Signs => signsOf(part, known);
  switch (e.kind) {
    case "constant":
      return numberSigns(build.valueOf(e));
    case "named":
      return positive;
    case "integer":
      return integerSigns(e.value, known.facts);
    case "parameter":
      return real;
    case "read":
      return tensorSigns(e.tensor, known);
    case "pad":
      return tensorSigns(e.read.tensor, known) | of(e.value);
    case "add":
      return e.terms.map(of).reduce(sumOf);
    case "multiply":
      return e.factors.map(of).reduce(productOf);
    case "raise":
      return powerSigns(of(e.base), e.exponent, known);
    case "call": {
      const [u = real, v = real] = e.arguments.map(of);
      return primitives[e.name].signs(u, v);
    }
    case "select":
      return (
        signsOf(e.whenTrue, supposing(known, e.condition)) |
        signsOf(e.whenFalse, supposing(known, build.not(e.condition)))
      );
    case "stop":
      return of(e.argument);
    case "reduction":
      return reductionSigns(e, known);
  }
}

function integerSigns(value: Int, facts: Facts): Signs {
  const atLeast = (v: Int, least: number): boolean =>
    provesNonNegative(facts, integer.minus(v, integer.constant(least)));
  const flipped = integer.negate(value);
  if (atLeast(value, 1)) return positive;
  if (atLeast(flipped, 1)) return negative;
  return without(real, (atLeast(value, 0) ? negative : 0) | (atLeast(flipped, 0) ? positive : 0));
}

function tensorSigns(tensor: string, { layer }: Known): Signs {
  const { facts, statements, tensors } = layer;
  const range = facts.elements.get(tensor);
  if (range) {
    const least = range.lower ? integerSigns(range.lower, facts) : real;
    return hasSigns(least, negative) ? real : least | positive;
  }
  const statement = statements.get(tensor);
  if (!statement) return real;
  const before = tensors.get(tensor);
  if (before !== undefined) return before;
  // what it is computed from comes first, however long the chain of definitions is
  for (const pending = [statement]; pending.length > 0;) {
    const last = pending.at(-1)!;
    const reads = tensors.has(last.tensor) ? [] : [...tensorsIn(last.body)];
    // until it is known it may be anything
    if (!tensors.has(last.tensor)) tensors.set(last.tensor, real | pole);
    const unknown = reads.flatMap((name) =>
      tensors.has(name) || facts.elements.has(name) ? [] : (statements.get(name) ?? []),
    );
    if (unknown.length > 0) {
      pending.push(...unknown);
      continue;
    }
    pending.pop();
    const inside = factsInside(facts, last.indices);
    const found = signsOf(last.body, { facts: inside, signs: layer.signs, layer });
    // where it is infinite so are mostly the outputs; but for states of a recurrence that nothing reaches
    const isMeant = layer.recurrent.has(last.tensor) && holdsInfinity(last.body);
    tensors.set(last.tensor, isMeant ? found : without(found, pole));
  }
  return tensors.get(tensor) ?? real;
}

function powerSigns(base: Signs, exponent: Expression, known: Known): Signs {
  const n = exponent.kind === "constant" ? build.valueOf(exponent) : undefined;
  const sign = n === undefined ? signsOf(exponent, known) : numberSigns(n);
  const whole = n === undefined ? exponent.kind === "integer" : Number.isInteger(n);
  // a power that is no integer has no value below 0
  const below =
    whole && hasSigns(base, negative)
      ? n !== undefined && n % 2 === 0
        ? positive
        : n === undefined
          ? negative | positive
          : negative
      : 0;
  // 0^n is 0, 1 or infinite
  const atZero =
    (hasSigns(sign, positive) ? zero : 0) |
    (hasSigns(sign, zero) ? positive : 0) |
    (hasSigns(sign, negative) ? pole : 0);
  const atPole = hasSigns(sign, negative | zero) || hasSigns(sign, pole) ? real | pole : pole;
  return (
    (hasSigns(base, positive) ? positive : 0) |
    below |
    (hasSigns(base, zero) ? atZero : 0) |
    (hasSigns(base, pole) ? atPole : 0) |
    (sign & pole)
  );
}

function reductionSigns(e: Reduction, known: Known): Signs {
  // what is supposed of an outer index says nothing of a bound one of its name
  const body = signsOf(e.body, knownInside(known, factsInside(known.facts, e.binders, e.guard)));
  const certain =
    e.guard.kind === "truth" &&
    e.guard.value &&
    e.binders.every((b, i) =>
      proves(factsInside(known.facts, e.binders.slice(0, i)), build.below(b.lower, b.upper)),
    );
  const [empty, sums] = [certain ? 0 : zero, sumOf(body, body)];
  switch (e.name) {
    case "sum":
    case "mean":
      return sums | empty;
    case "prod":
      return productOf(body, body) | body | (certain ? 0 : positive);
    case "max":
    case "min":
      return body | (certain ? 0 : pole);
    case "count":
      return zero | positive;
    case "argmax":
    case "argmin":
      return real;
  }
}
