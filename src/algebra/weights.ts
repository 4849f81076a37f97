/** Running sums with weights: what the weights of all earlier elements grow by as the sum goes on by a step. */
import { freeNamesIn, substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Expression, Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, indicesAt, type Index, type Statement } from "../notation/layer.js";
import { isNeverPositive, type Known } from "./real-signs.js";

/** What is known of the formulas in a weight. */
export interface Around {
  readonly known: Known;
  /** What tensors are, as far as they are defined by themselves. */
  readonly definitions: ReadonlyMap<string, Statement>;
}

/** s <= t or s < t from 0 on, s >= t or s > t to the end: along which index, and where the newest element lies. */
export function rangeOf(
  { lower, upper }: Binder,
  indices: readonly Index[],
): { readonly index: Index; readonly isUp: boolean; readonly shift: 0 | 1 | -1 } | undefined {
  for (const index of indices) {
    const t = integer.variable(index.name);
    const above = integer.literal(integer.minus(upper, t));
    if (integer.literal(lower) === 0 && (above === 0 || above === 1))
      return { index, isUp: true, shift: above === 1 ? 0 : -1 };
    const under = integer.literal(integer.minus(lower, t));
    if (integer.equal(upper, index.extent) && (under === 0 || under === 1))
      return { index, isUp: false, shift: under === 0 ? 0 : 1 };
  }
  return undefined;
}

export interface Weight {
  /** The factors that do not depend on how far apart t and s are. */
  readonly rest: Expression;
  /** By what the weight of all earlier elements grows in a step. */
  readonly factor: Expression;
  /** The weight of an element where it comes in. */
  readonly own: (step: Int) => Expression;
  /** That weight has grown by no step yet where s = t - 1 comes in: Π_{s < r < t} a(r), a^(t - 1 - s). */
  readonly isBehind?: boolean;
}
/** Σ_s w(s, t)·F(s) with w(s, t) = Π_{s < r <= t} a(r), a^(t - s), or e^(u(t) - u(s)). */
export function weightOf(body: Expression, way: Way, around?: Around): Weight | undefined {
  const { s, t, isUp } = way;
  const factors = body.kind === "multiply" ? body.factors : [body];
  for (const f of factors) {
    const found =
      f.kind === "reduction"
        ? productWeight(f, s, t, isUp)
        : (powerWeight(f, s, t, isUp) ?? exponentialWeight(f, way, around));
    if (!found) continue;
    const rest = build.multiply(...factors.filter((other) => other !== f));
    if (!freeNamesIn(rest).has(t)) return { ...found, rest };
  }
  return undefined;
}

function productWeight(e: Reduction, s: string, t: string, isUp: boolean): Omit<Weight, "rest"> | undefined {
  const [binder, ...others] = e.binders;
  if (e.name !== "prod" || !binder || others.length > 0 || e.guard.kind !== "truth") return undefined;
  const free = freeNamesIn({ ...e, binders: [{ ...binder, lower: integer.zero, upper: integer.one }] });
  if (free.has(s) || free.has(t)) return undefined;
  const [from, to] = isUp ? [s, t] : [t, s];
  const low = integer.literal(integer.minus(binder.lower, integer.variable(from)));
  const high = integer.literal(integer.minus(binder.upper, integer.variable(to)));
  const length = low === undefined || high === undefined ? undefined : high - low;
  if (low === undefined || high === undefined || (length !== 0 && Math.abs(length!) !== 1)) return undefined;
  const at = (r: Int): Expression => substitute(e.body, new Map([[binder.name, r]]));
  const here = integer.variable(t);
  return {
    // the element that comes in as t moves on
    factor: at(integer.plus(here, integer.constant(isUp ? high - 1 : low))),
    own: (step) => (high > low ? at(integer.plus(step, integer.constant(low))) : build.one),
    isBehind: high < low,
  };
}

function powerWeight(e: Expression, s: string, t: string, isUp: boolean): Omit<Weight, "rest"> | undefined {
  if (e.kind !== "raise") return undefined;
  const exponent = build.intOf(e.exponent);
  const free = freeNamesIn(e.base);
  if (!exponent || free.has(s) || free.has(t)) return undefined;
  const apart = integer.minus(integer.variable(t), integer.variable(s));
  const more = integer.literal(integer.minus(exponent, isUp ? apart : integer.negate(apart)));
  if (more !== 0 && more !== 1 && more !== -1) return undefined;
  return { factor: e.base, own: () => (more === 1 ? e.base : build.one), isBehind: more === -1 };
}

/** The binder of the elements, the index that runs, and whether it runs upwards. */
interface Way {
  readonly s: string;
  readonly t: string;
  readonly isUp: boolean;
}
/**
 * e^(u(t) - u(s)) grows by e^(u(t) - u(t-1)) in a step, e^(r·(t - s)) by e^r. A growth that changes from step to step must
 * never be above 1: e^1000 in one step and e^(-1000) in the next come to ∞·0, and as they are written to 1.
 */
function exponentialWeight(e: Expression, way: Way, around?: Around): Omit<Weight, "rest"> | undefined {
  const [exponent] = e.kind === "call" && e.name === "exp" ? e.arguments : [];
  const found = exponent && growthOf(exponent, way, around);
  if (!found) return undefined;
  const { growth, rest } = found;
  const isBehind = keyOfExpression(build.add(rest, growth)) === keyOfExpression(build.zero);
  if (!isBehind && !build.isConstant(rest, 0)) return undefined;
  const isSteady = !freeNamesIn(growth).has(way.t);
  if (!isSteady && around && !isNeverPositive(growth, around.known)) return undefined;
  return { factor: build.call("exp", [growth]), own: () => build.one, isBehind };
}

/** By how much u(t, s) grows where t moves on by a step, whatever s is, and what it is at s = t. */
interface Growth {
  readonly growth: Expression;
  readonly rest: Expression;
}
function growthOf(e: Expression, way: Way, around?: Around): Growth | undefined {
  const { s, t, isUp } = way;
  const free = freeNamesIn(e);
  const here = integer.variable(t);
  const count = build.intOf(e);
  const steps = count && integer.affineIn(count, t);
  if (count && steps && integer.literal(steps.coefficient) !== undefined) {
    const growth = isUp ? steps.coefficient : integer.negate(steps.coefficient);
    const rest = integer.substituteInt(count, new Map([[s, here]]));
    return { growth: build.ofInt(growth), rest: build.ofInt(rest) };
  }
  if (!free.has(t)) return { growth: build.zero, rest: substitute(e, new Map([[s, here]])) };
  if (e.kind === "add") {
    const parts = e.terms.map((term) => growthOf(term, way, around));
    const known = parts.filter((part) => part !== undefined);
    if (known.length < parts.length) return undefined;
    return {
      growth: build.add(...known.map((p) => p.growth)),
      rest: build.add(...known.map((p) => p.rest)),
    };
  }
  const factors = e.kind === "multiply" ? e.factors : [];
  const moving = factors.filter((f) => [s, t].some((name) => freeNamesIn(f).has(name)));
  if (moving.length === 1) {
    // r·u(t, s) with an r that is free of both
    const part = growthOf(moving[0]!, way, around);
    const others = factors.filter((f) => f !== moving[0]);
    return (
      part && {
        growth: build.multiply(...others, part.growth),
        rest: build.multiply(...others, part.rest),
      }
    );
  }
  if (free.has(s)) return undefined;
  const previous = isUp ? integer.minus(here, integer.one) : integer.plus(here, integer.one);
  const added = around && e.kind === "read" ? addedIn(e, way, around) : undefined;
  return { growth: added ?? build.subtract(e, substitute(e, new Map([[t, previous]]))), rest: e };
}

/** S(t) - S(t - 1) = G(t) for a running sum S(t) = Σ_{r <= t} G(r), and the like towards the end. */
function addedIn(e: Read, { t, isUp }: Way, { definitions }: Around): Expression | undefined {
  const statement = definitions.get(e.tensor);
  if (!statement || !hasPlainAxes(statement)) return undefined;
  const [coefficient, sum] = build.splitCoefficient(statement.body);
  if (sum.kind !== "reduction" || sum.name !== "sum" || sum.guard.kind !== "truth") return undefined;
  const [binder, ...others] = sum.binders;
  const range = binder && others.length === 0 ? rangeOf(binder, statement.indices) : undefined;
  if (!binder || range?.shift !== 0 || freeNamesIn(sum.body).has(range.index.name)) return undefined;
  const by = new Map(indicesAt(statement, e.subscripts));
  const at = by.get(range.index.name);
  if (!at || integer.plainVariable(at) !== t) return undefined;
  // against the sum's own way what it had before goes
  const moved = range.isUp ? integer.plus(at, integer.one) : integer.minus(at, integer.one);
  by.set(binder.name, range.isUp === isUp ? at : moved);
  const own = build.multiply(coefficient, substitute(sum.body, by));
  return range.isUp === isUp ? own : build.negate(own);
}
