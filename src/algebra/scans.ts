/**
 * Running reductions as recurrences, whose work grows with the length and not with its square:
 *
 *     P[t] = ⊕_{s <= t} F(s)                         P[t] = P[t-1] ⊕ F(t)
 *     P[t] = ⊕_{s < t} F(s)                          P[t] = P[t-1] ⊕ F(t-1)
 *     P[t] = Σ_{s <= t} (Π_{s < r <= t} a(r))·F(s)   P[t] = a(t)·P[t-1] + F(t)
 *     P[t] = Σ_{s <= t} a^(t-s)·F(s)                 P[t] = a·P[t-1] + F(t)
 *     P[t] = Σ_{s <= t} e^(u(t)-u(s))·F(s)           P[t] = e^(u(t)-u(t-1))·P[t-1] + F(t)
 *
 * and the same from the end; sums of products of old and new values fall into such sums first (`separate.ts`). What is differentiated then is the recurrence: no product is divided, so zeros are legal.
 */
import { freeNamesIn, freeNamesInCondition, substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Call, Condition, Expression, Reduction, ReductionName } from "../notation/expression.js";
import type { Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement, Tensor } from "../notation/layer.js";
import { leftOut } from "../notation/reductions.js";
import { mapChildren, tensorsIn, walk } from "../notation/traverse.js";
import { asWritten } from "../language/written.js";
import { factsInside } from "../ranges/facts.js";
import { presence } from "../ranges/presence.js";
import { assuming, type Facts } from "../ranges/prove.js";
import type { Known } from "./real-signs.js";
import { isBox, separated } from "./separate.js";
import { rangeOf, weightOf } from "./weights.js";

export interface Scanned {
  readonly tensors: readonly Tensor[];
  readonly statements: readonly Statement[];
}
export interface ScanOptions {
  readonly facts: Facts;
  readonly known: Known;
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
  /** Running values that have a name, by their axes and what they are of. */
  const known = new Map<string, Found & { readonly tensor: string }>();
  const definitions = new Map(statements.map((s) => [s.tensor, s]));
  const made = statements.flatMap((s, at): readonly Statement[] => {
    // what is defined here or below cannot be read above: it takes part in a recurrence
    const later = new Set(statements.slice(at).map((other) => other.tensor));
    return scannedIn(s, later);
  });
  function scannedIn(s: Statement, later: ReadonlySet<string>): readonly Statement[] {
    const before: Statement[] = [];
    const add = (e: Reduction | LogOfSum, run: Found, body: (tensor: string) => Expression): Expression => {
      const key = keyAlong(e, run);
      const same = known.get(key);
      const indices = same?.indices ?? run.indices;
      const subscripts = indices.map((i) => integer.variable(i.name === same?.along ? run.along : i.name));
      if (same) return build.read(same.tensor, subscripts);
      const tensor = options.fresh.tensor(`run_${s.tensor}`);
      const shape = indices.map((i) => i.extent);
      all.push({ name: tensor, role: "local", type: "real", shape });
      shapes.set(tensor, shape);
      known.set(key, { ...run, tensor });
      before.push({ tensor, indices, subscripts, body: body(tensor), at: s.at });
      return build.read(tensor, subscripts);
    };
    const runningOver = ({ indices, along, body }: Found, tensor: string): Expression =>
      body((step) =>
        build.read(
          tensor,
          indices.map((i) => (i.name === along ? step : integer.variable(i.name))),
        ),
      );
    const parted = (e: Reduction, isBody: boolean): Expression | undefined => {
      const boxes = e.binders.filter((b) => isBox(b, [...s.indices, ...e.binders]));
      const steps = [...s.indices, ...boxes.map((b): Index => ({ name: b.name, extent: b.upper }))];
      for (const binder of e.name === "sum" ? e.binders : []) {
        const range = rangeOf(binder, steps);
        const scope = { facts: options.facts, shapeOf: (name: string) => shapes.get(name) ?? [] };
        const found = range && separated(e, [binder, range.index.name], s.indices, scope);
        if (!found || [...tensorsIn(found.running)].some((name) => later.has(name))) continue;
        if (!found.around) return ran(found.running, isBody);
        const wide = { ...s, indices: [...s.indices, ...found.axes] };
        const run = scanOf(found.running, wide, { ...options, plainSums: true, shapes, definitions });
        if (!run) continue;
        // a plain sum is told as one: it runs behind the derivation
        const isTold =
          !options.plainSums && !scanOf(found.running, wide, { ...options, shapes, definitions });
        return found.around(add(found.running, run, (t) => (isTold ? found.running : runningOver(run, t))));
      }
      return undefined;
    };
    /** The running value in the place of the reduction; undefined where it is none. */
    const ran = (e: Reduction | LogOfSum, isBody: boolean): Expression | undefined => {
      const found = scanOf(e, s, { ...options, shapes, definitions });
      if (!found) return e.kind === "reduction" ? parted(e, isBody) : undefined;
      if (!isBody || found.indices.length < s.indices.length || !isPlain(s))
        return add(e, found, (tensor) => runningOver(found, tensor));
      before.push({ ...s, body: runningOver({ ...found, indices: s.indices }, s.tensor) });
      return e;
    };
    const named = (e: Reduction | LogOfSum): Expression => ran(e, e === s.body) ?? e;
    const body = eachReduction(s.body, named);
    const made = before.flatMap((b) => scannedIn(b, later));
    // the statement itself runs
    if (before.length === 1 && before[0]!.tensor === s.tensor) return made;
    return body === s.body ? [s] : [...made, { ...s, body }];
  }
  return { tensors: all, statements: made };
}

/** Equal for running values that are the same but for the order of their axes and the name of the one that they run along. */
function keyAlong(e: Reduction | LogOfSum, { indices, along }: Found): string {
  const here = integer.variable("#");
  const axes = indices.map((i) => `${i.name === along ? "#" : i.name} < ${integer.keyOf(i.extent)}`);
  return `${axes.sort().join()} ${keyOfExpression(substitute(e, new Map([[along, here]])))}`;
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
    const weighted =
      name === "sum" ? weightOf(body, { s: binder.name, t: along, isUp: range.isUp }) : undefined;
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
type Around = ScanOptions & {
  readonly shapes: ReadonlyMap<string, readonly Int[]>;
  /** What tensors are, as far as they are defined by themselves. */
  readonly definitions: ReadonlyMap<string, Statement>;
};

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
  const weighted = isSum ? weightOf(e.body, { s: binder.name, t: index.name, isUp }, around) : undefined;
  // a quotient of sums of exponentials is scaled as a whole where they would overflow (`stability/`): they stay sums
  if (
    weighted?.factor.kind === "call" &&
    weighted.factor.name === "exp" &&
    dividesExponential(statement.body)
  )
    return undefined;
  const element = weighted ? weighted.rest : e.body;
  if (isSum && !weighted && (!around.plainSums || holdsExponential(element))) return undefined;
  if (weighted?.isBehind && shift === 0) return undefined;
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
    if (weighted?.isBehind) return build.select(isLater, build.add(scaled(before), own), operation.neutral);
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

function dividesExponential(e: Expression): boolean {
  let found = false;
  walk(e, {
    expression: (part) => {
      if (part.kind !== "raise" || part.exponent.kind !== "constant") return;
      if (build.valueOf(part.exponent) >= 0) return;
      walk(part.base, {
        expression: (inner) => void (found ||= inner.kind === "call" && inner.name === "exp"),
      });
    },
  });
  return found;
}
