/**
 * Running reductions as recurrences, whose work grows with the length and not with its square:
 *
 *     P[t] = ⊕_{s <= t} F(s)                         P[t] = P[t-1] ⊕ F(t)
 *     P[t] = ⊕_{s < t} F(s)                          P[t] = P[t-1] ⊕ F(t-1)
 *     P[t] = Σ_{s <= t} (Π_{s < r <= t} a(r))·F(s)   P[t] = a(t)·P[t-1] + F(t)
 *     P[t] = Σ_{s <= t} a^(t-s)·F(s)                 P[t] = a·P[t-1] + F(t)
 *
 * and the same from the end. What is differentiated then is the recurrence: no product is divided, so zeros are legal.
 */
import { freeNamesIn, freeNamesInCondition, substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type {
  Binder,
  Call,
  Condition,
  Expression,
  Reduction,
  ReductionName,
} from "../notation/expression.js";
import type { Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement, Tensor } from "../notation/layer.js";
import { leftOut } from "../notation/reductions.js";
import { mapChildren } from "../notation/traverse.js";
import { asWritten } from "../language/written.js";
import { factsInside } from "../ranges/facts.js";
import { presence } from "../ranges/presence.js";
import { assuming, type Facts } from "../ranges/prove.js";

export interface Scanned {
  readonly tensors: readonly Tensor[];
  readonly statements: readonly Statement[];
}
export interface ScanOptions {
  readonly facts: Facts;
  readonly fresh: Fresh;
  /** Sums without weights too; else only what has a derivative of more work than a sum's. */
  readonly plainSums: boolean;
}

/** The statements with such reductions as recurrences of their own. */
export function withScans(
  statements: readonly Statement[],
  tensors: readonly Tensor[],
  options: ScanOptions,
): Scanned {
  const all = [...tensors];
  const shapes = new Map(tensors.map((t) => [t.name, t.shape]));
  const made = statements.flatMap((s): readonly Statement[] => {
    const before: Statement[] = [];
    const named = (e: Reduction | LogOfSum): Expression => {
      const found = scanOf(e, s, { ...options, shapes });
      if (!found) return e;
      const isWhole = e === s.body && found.indices.length === s.indices.length && isPlain(s);
      const tensor = isWhole ? s.tensor : options.fresh.tensor(`run_${s.tensor}`);
      const indices = isWhole ? s.indices : found.indices;
      const subscripts = indices.map((i) => integer.variable(i.name));
      const body = found.body((step) =>
        build.read(
          tensor,
          indices.map((i) => (i.name === found.along ? step : integer.variable(i.name))),
        ),
      );
      if (isWhole) {
        before.push({ ...s, body });
        return e;
      }
      const shape = indices.map((i) => i.extent);
      all.push({ name: tensor, role: "local", type: "real", shape });
      shapes.set(tensor, shape);
      before.push({ tensor, indices, subscripts, body, at: s.at });
      return build.read(tensor, subscripts);
    };
    const body = eachReduction(s.body, named);
    if (before.length === 1 && before[0]!.tensor === s.tensor) return before;
    return body === s.body ? [s] : [...before, { ...s, body }];
  });
  return { tensors: all, statements: made };
}

/** Whether the statement has a running reduction, however its elements are read. */
export function runningIn(s: Statement): boolean {
  let found = false;
  eachReduction(s.body, (e) => {
    const { binders, body, guard, name } = e.kind === "reduction" ? e : logarithmOf(e);
    const [binder, ...others] = binders;
    const range = binder && others.length === 0 ? rangeOf(binder, s.indices) : undefined;
    if (!binder || !range || !operations[name]) return e;
    const along = range.index.name;
    const weighted = name === "sum" ? weightOf(body, binder.name, along, range.isUp) : undefined;
    const isFree = ![...freeNamesIn(weighted?.rest ?? body), ...freeNamesInCondition(guard)].includes(along);
    found ||= isFree;
    return e;
  });
  return found;
}

/** Each index on an axis of its own, in their order: the statement's own tensor can be the recurrence. */
const isPlain = ({ indices, subscripts }: Statement): boolean =>
  subscripts.length === indices.length &&
  subscripts.every((s, axis) => integer.plainVariable(s) === indices[axis]!.name);

/** Outermost reductions replaced; what surrounds them stays as it is written. */
function eachReduction(e: Expression, change: (e: Reduction | LogOfSum) => Expression): Expression {
  if (e.kind === "reduction") return change(e);
  if (isLogOfSum(e)) {
    const changed = change(e);
    if (changed !== e) return changed;
  }
  return mapChildren(e, {
    expression: (part) => eachReduction(part, change),
    construct: asWritten,
  });
}

/** ln Σ e^u, which is joined without overflow: ln(e^a + e^b). */
interface LogOfSum extends Call {
  readonly arguments: readonly [Reduction];
}
function isLogOfSum(e: Expression): e is LogOfSum {
  const [sum] = e.kind === "call" && e.name === "log" ? e.arguments : [];
  return (
    sum?.kind === "reduction" && sum.name === "sum" && sum.body.kind === "call" && sum.body.name === "exp"
  );
}

interface Found {
  /** What the running value depends on, the index that it runs along among them. */
  readonly indices: readonly Index[];
  readonly along: string;
  /** @param at the running value at a step */
  readonly body: (at: (step: Int) => Expression) => Expression;
}
type Around = ScanOptions & { readonly shapes: ReadonlyMap<string, readonly Int[]> };

interface Operation {
  readonly neutral: Expression;
  readonly join: (before: Expression, after: Expression) => Expression;
}
const pointLeftOut = (name: ReductionName): Expression => build.rational(leftOut[name]);
const operations: Partial<Record<ReductionName, Operation>> = {
  sum: { neutral: pointLeftOut("sum"), join: (a, b) => build.add(a, b) },
  prod: { neutral: pointLeftOut("prod"), join: (a, b) => build.multiply(a, b) },
  // of equal values the first counts: max(a, b) is a where a > b
  max: { neutral: pointLeftOut("max"), join: (a, b) => build.call("max", [b, a]) },
  min: { neutral: pointLeftOut("min"), join: (a, b) => build.call("min", [b, a]) },
};
const exp = (e: Expression): Expression => build.call("exp", [e]);
const logOfSum: Operation = {
  neutral: pointLeftOut("max"),
  join: (a, b) => build.call("log", [build.add(exp(a), exp(b))]),
};

function scanOf(whole: Reduction | LogOfSum, statement: Statement, around: Around): Found | undefined {
  const e = whole.kind === "reduction" ? whole : logarithmOf(whole);
  const [binder, ...others] = e.binders;
  const operation = whole.kind === "reduction" ? operations[e.name] : logOfSum;
  if (!binder || others.length > 0 || !operation) return undefined;
  const range = rangeOf(binder, statement.indices);
  if (!range) return undefined;
  const { index, isUp, shift } = range;
  const t = integer.variable(index.name);
  const isSum = operation === operations.sum;
  const weighted = isSum ? weightOf(e.body, binder.name, index.name, isUp) : undefined;
  const element = weighted ? weighted.rest : e.body;
  if (isSum && !weighted && (!around.plainSums || holdsExponential(element))) return undefined;
  const isFree = (names: ReadonlySet<string>): boolean => !names.has(index.name);
  if (!isFree(freeNamesIn(element)) || !isFree(freeNamesInCondition(e.guard))) return undefined;
  const at = (step: Int): Expression => {
    const by = new Map([[binder.name, step]]);
    const value = substitute(element, by);
    const own = weighted ? build.multiply(weighted.own(step), value) : value;
    if (e.guard.kind === "truth") return own;
    const holds = substitute(build.select(e.guard, build.one, build.zero), by);
    return holds.kind === "select" ? build.select(holds.condition, own, operation.neutral) : own;
  };
  const previous = isUp ? integer.minus(t, integer.one) : integer.plus(t, integer.one);
  const isLater: Condition = isUp ? build.atMost(integer.one, t) : build.below(previous, index.extent);
  const free = freeNamesIn(e);
  const indices = statement.indices.filter((i) => free.has(i.name));
  // every element is read where the reduction reads it, and there alone
  const newest = integer.plus(t, integer.constant(shift));
  const inside = factsInside(around.facts, statement.indices, shift === 0 ? undefined : isLater);
  const isThere = (part: Expression, given: Condition = build.truth): boolean => {
    const holds = presence(part, {
      facts: assuming(inside, given),
      shapeOf: (name: string) => around.shapes.get(name) ?? [],
    });
    return holds.kind === "truth" && holds.value;
  };
  const own = at(newest);
  const factor = weighted?.factor;
  if (!isThere(own) || (factor && !isThere(factor, isLater))) return undefined;
  const scaled = (value: Expression): Expression => (factor ? build.multiply(factor, value) : value);
  const body: Found["body"] = (running) => {
    const before = running(previous);
    if (shift === 0 && factor) return build.add(build.select(isLater, scaled(before), build.zero), own);
    if (shift === 0 && isSum) return build.add(build.select(isLater, before, build.zero), own);
    const joined = isUp ? operation.join(before, own) : operation.join(own, before);
    if (shift === 0) return build.select(isLater, joined, own);
    return build.select(isLater, scaled(joined), operation.neutral);
  };
  return { indices, along: index.name, body };
}

/** The exponents in the place of the sum. */
const logarithmOf = ({ arguments: [sum] }: LogOfSum): Reduction =>
  sum.body.kind === "call" && sum.body.arguments[0] ? { ...sum, body: sum.body.arguments[0] } : sum;

/** A sum of exponentials is scaled as a whole where it would overflow (`stability/`): it stays a sum. */
function holdsExponential(e: Expression): boolean {
  const factors = e.kind === "multiply" ? e.factors : [e];
  return factors.some((f) => f.kind === "call" && f.name === "exp");
}

/** s <= t or s < t from 0 on, s >= t or s > t to the end: along which index, and where the newest element lies. */
function rangeOf(
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

interface Weight {
  /** The factors that do not depend on how far apart t and s are. */
  readonly rest: Expression;
  /** By what the weight of all earlier elements grows in a step. */
  readonly factor: Expression;
  /** The weight of an element at its own step. */
  readonly own: (step: Int) => Expression;
}
/** Σ_s w(s, t)·F(s) with w(s, t) = Π_{s < r <= t} a(r), or a^(t - s). */
function weightOf(body: Expression, s: string, t: string, isUp: boolean): Weight | undefined {
  const factors = body.kind === "multiply" ? body.factors : [body];
  for (const f of factors) {
    const found = f.kind === "reduction" ? productWeight(f, s, t, isUp) : powerWeight(f, s, t, isUp);
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
  if (low === undefined || high === undefined || high - low < 0 || high - low > 1) return undefined;
  const at = (r: Int): Expression => substitute(e.body, new Map([[binder.name, r]]));
  const here = integer.variable(t);
  return {
    // the element that comes in as t moves on
    factor: at(integer.plus(here, integer.constant(isUp ? high - 1 : low))),
    own: (step) => (high === low ? build.one : at(integer.plus(step, integer.constant(low)))),
  };
}

function powerWeight(e: Expression, s: string, t: string, isUp: boolean): Omit<Weight, "rest"> | undefined {
  if (e.kind !== "raise") return undefined;
  const exponent = build.intOf(e.exponent);
  const free = freeNamesIn(e.base);
  if (!exponent || free.has(s) || free.has(t)) return undefined;
  const apart = integer.minus(integer.variable(t), integer.variable(s));
  const more = integer.literal(integer.minus(exponent, isUp ? apart : integer.negate(apart)));
  if (more !== 0 && more !== 1) return undefined;
  return { factor: e.base, own: () => (more === 0 ? build.one : e.base) };
}
