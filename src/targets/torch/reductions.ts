/** Reductions and quantified conditions: the axes of their indices, in front of those around, are reduced away. */
import { boxExtents, flatPosition, greatestOver, leastOver } from "../../calculus/positions.js";
import { atMost, below, conjuncts } from "../../notation/construct.js";
import type { Binder, Condition, Expression, Quantified, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { positiveIn } from "../../ranges/facts.js";
import { atom, callOf, strengths, sumOf, type Term } from "../code/term.js";
import type { Axis } from "./box.js";
import { factsOf, within, type Context } from "./context.js";
import { mayBlowUp } from "./danger.js";
import { asTensor } from "./functions.js";
import { contractionValue } from "./contraction.js";
import { windowedSumValue } from "./convolution.js";
import { windowedExtremeValue } from "./pooling.js";
import {
  asReal,
  callOfWhere,
  conditionValue,
  conjunction,
  methodOf,
  named,
  negation,
  realValue,
  spread,
} from "./expressions.js";
import { intValue, sizeText } from "./integers.js";
import { holdsAll, tensor, unionOf, type Value } from "./value.js";
import type { Writer } from "./writer.js";

/** The context inside the binders, and which of its points are in their ranges. */
export interface Inside {
  readonly context: Context;
  readonly ranges: readonly Condition[];
}
export function insideBinders(binders: readonly Binder[], around: Context): Inside {
  const facts = factsOf(around);
  const scope = [...around.box.binders, ...binders];
  const ranges: Condition[] = [];
  const axes: Axis[] = [];
  for (const b of binders) {
    const others = scope.filter((s) => s !== b);
    const varies = (value: Int): boolean =>
      integer.holdsElement(value) || scope.some((s) => integer.mentions(value, s.name));
    // where no bound over sizes is known, the values of the bound are asked
    const earlier = within(around, around.box.inside(axes));
    const bound = (found: Int, of: Int, side: "min" | "max"): Int =>
      varies(found) ? boundAtRunTime(of, side, earlier) : found;
    const from = bound(leastOver(b.lower, others, facts), b.lower, "min");
    const end = bound(greatestOver(b.upper, others, facts), b.upper, "max");
    const index = integer.variable(b.name);
    if (!integer.equal(from, b.lower)) ranges.push(atMost(b.lower, index));
    if (!integer.equal(end, b.upper)) ranges.push(below(index, b.upper));
    axes.push({ name: b.name, from, end });
  }
  return { context: within(around, around.box.inside(axes)), ranges };
}
/** The least or greatest value of a formula of the place, under the name of a size. */
function boundAtRunTime(value: Int, side: "min" | "max", context: Context): Int {
  const { writer } = context;
  const { term } = intValue(value, context);
  const name = writer.size(side === "min" ? "least" : "most");
  writer.lines.push(`${writer.scope.value(name)} = ${writer.need("_bound")}(torch.${side}, ${term.text})`);
  return integer.variable(name);
}
/** The extent of an axis. */
export const sizeOf = ({ from, end }: Axis, writer: Writer): string =>
  sizeText(integer.minus(end, from), writer);

/** The points that count, where not all do. */
export function countsOf(guards: readonly Condition[], context: Context): Value | undefined {
  return guards.length === 0 ? undefined : conjunction(guards.map((c) => conditionValue(c, context)));
}

export function reductionValue(e: Reduction, around: Context): Value {
  if (e.name === "max" || e.name === "min") {
    const pooled = windowedExtremeValue(e, around);
    if (pooled) return pooled;
  }
  if (e.name === "sum") {
    const contraction = windowedSumValue(e, around) ?? contractionValue(e, around);
    if (contraction) return contraction;
  }
  const { context, ranges } = insideBinders(e.binders, around);
  const guards = [...conjuncts(e.guard), ...ranges];
  const counts = countsOf(guards, context);
  switch (e.name) {
    case "sum":
    case "prod": {
      const body = countedBody(e.body, counts, e.name === "sum" ? "0" : "1", context);
      const full = withBinders(body, e.binders, context);
      const axes = e.binders.map((_, i) => i);
      const call =
        e.name === "sum"
          ? `sum(${axes.length === 1 ? "0" : `(${axes.join(", ")})`})`
          : `${flattened(axes.length)}prod(0)`;
      return without(full, e.binders, methodOf(full.term, call));
    }
    case "max":
    case "min":
      return extremeValue(e, counts, context);
    case "argmax":
    case "argmin":
      return asReal(positionValue(e, around), around);
    case "mean":
    case "count":
      throw new Error(`a ${e.name} has been made a sum before`);
  }
}
const flattened = (axes: number): string => (axes === 1 ? "" : `flatten(0, ${axes - 1}).`);

/** The body where it counts, else the neutral number. */
function countedBody(body: Expression, counts: Value | undefined, neutral: string, context: Context): Value {
  if (!counts) return realValue(body, context);
  const risky = mayBlowUp(body);
  const test = tensorCondition(risky ? named(counts, "counts", context) : counts, context);
  const value = realValue(body, risky ? { ...context, held: [...context.held, test] } : context);
  const first = value.isNumber ? asTensor(value.term, value, context.writer) : value.term;
  return tensor(callOfWhere(test.term, first, atom(neutral)), unionOf([value, test]));
}
/** A condition, or an integer, as a tensor. */
export const tensorCondition = (value: Value, { writer }: Context): Value =>
  value.isNumber ? tensor(`torch.tensor(${value.term.text}, device=${writer.word("device")})`) : value;

/** The value with the binders' axes in full. */
function withBinders(value: Value, binders: readonly Binder[], context: Context): Value {
  const names = binders.map((b) => b.name);
  if (!value.isNumber && holdsAll(value.support, names)) return value;
  const support = unionOf([value, { support: new Set(names) }]);
  return tensor(spread(asTensor(value.term, value, context.writer), support, context), support);
}
const without = (value: Value, binders: readonly Binder[], term: Term): Value => {
  const names = new Set(binders.map((b) => b.name));
  return tensor(term, new Set([...value.support].filter((name) => !names.has(name))));
};

function isNeverEmpty(binders: readonly Binder[], { box, facts }: Context): boolean {
  const positive = positiveIn(facts);
  return binders.every(({ name }) => {
    const axis = box.axis(name);
    return axis && positive(integer.minus(axis.end, axis.from));
  });
}

/** The greatest value, by its first place; the least is the greatest of the negatives. */
function extremeValue(e: Reduction, counts: Value | undefined, context: Context): Value {
  const { writer } = context;
  const sign = e.name === "min" ? "-" : "";
  const axes = e.binders.length;
  if (isNeverEmpty(e.binders, context)) {
    const empty = e.name === "min" ? "torch.inf" : "-torch.inf";
    const full = withBinders(countedBody(e.body, counts, empty, context), e.binders, context);
    const found = `${flattened(axes)}${e.name}(0).values`;
    return without(full, e.binders, methodOf(full.term, found));
  }
  const [value, test] = valueAndTest(e, counts, context);
  const signed = sign === "" ? value.term : negative(value.term);
  const found = callOf(writer.need("_greatest"), signed, test.term, atom(String(axes)));
  const term = sign === "" ? found : negative(found);
  return without({ ...value, support: unionOf([value, test]) }, e.binders, term);
}
const negative = (term: Term): Term => sumOf([{ negative: true, term }]);
/** The body with the binders' axes in full, and a condition beside it. */
function valueAndTest(e: Reduction, counts: Value | undefined, context: Context): readonly [Value, Value] {
  const test = counts ? named(counts, "counts", context) : tensor("True");
  const risky = counts !== undefined && mayBlowUp(e.body);
  const inner = risky ? { ...context, held: [...context.held, tensorCondition(test, context)] } : context;
  return [withBinders(realValue(e.body, inner), e.binders, context), test];
}

/** The row-major position of the first greatest (least) value as an integer; -1 where no point counts. */
export function positionValue(e: Reduction, around: Context): Value {
  const { context, ranges } = insideBinders(e.binders, around);
  const { writer } = context;
  const axes = e.binders.length;
  const counts = countsOf([...conjuncts(e.guard), ...ranges], context);
  const [value, test] = valueAndTest(e, counts, context);
  const isPlain = !counts && isNeverEmpty(e.binders, context);
  const signed = e.name === "argmin" && !isPlain ? negative(value.term) : value.term;
  const found = isPlain
    ? methodOf(value.term, `${flattened(axes)}${e.name}(0)`)
    : callOf(writer.need("_first_greatest"), signed, test.term, atom(String(axes)));
  const result = without({ ...value, support: unionOf([value, test]) }, e.binders, found);
  const widths = boxExtents(e.binders, factsOf(around), [...around.box.binders, ...e.binders]);
  const isRowMajor = e.binders.every(({ name }, i) => {
    const axis = context.box.axis(name);
    const width = widths[i];
    return axis && axis.from.monomials.length === 0 && width && integer.equal(axis.end, width);
  });
  if (isRowMajor) return result;
  // the place among the box's points, and the position that the point there has
  const outer = around.box.inOrder(new Set(widths.flatMap((w) => [...integer.variablesOf(w)])));
  const places = new Set([...e.binders.map((b) => b.name), ...outer]);
  const own = within(context, context.box.only(places));
  const positions = intValue(flatPosition(e.binders, widths), own);
  const flat = methodOf(spread(positions.term, places, own), `flatten(0, ${axes - 1})`);
  const table = atom(writer.local("positions", flat.text));
  const place = named(result, "place", context);
  const indices = outer.map((name) => intValue(integer.variable(name), around));
  return {
    ...place,
    support: unionOf([place, ...indices]),
    term: callOfWhere(
      { text: `${place.term.text} < 0`, strength: strengths.relation },
      place.term,
      callOf(writer.need("_at"), table, place.term, ...indices.map((i) => i.term)),
    ),
  };
}

export function quantifiedValue(c: Quantified, around: Context): Value {
  const { context, ranges } = insideBinders(c.binders, around);
  const guards = countsOf([...conjuncts(c.guard), ...ranges], context);
  const body = conditionValue(c.body, context);
  // all hold where none fails
  const parts = [...(guards ? [guards] : []), c.kind === "any" ? body : negation(body)];
  const joined = tensorCondition(conjunction(parts), context);
  const full = withBinders(joined, c.binders, context);
  const found = without(full, c.binders, methodOf(full.term, `${flattened(c.binders.length)}any(0)`));
  return c.kind === "any" ? found : negation(found);
}
