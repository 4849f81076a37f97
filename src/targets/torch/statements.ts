/** One statement as Python: the tensor that it defines, as a local. */
import { splitScatters, type Scatter } from "../../kernels/scatter.js";
import { conjuncts, isConstant } from "../../notation/construct.js";
import type { Statement, Tensor } from "../../notation/layer.js";
import { alone, arranged, digitsOf, type Axes } from "./axes.js";
import type { Term } from "../code/term.js";
import { Box } from "./box.js";
import { tensorIn, within, type Context } from "./context.js";
import { mayBlowUp } from "./danger.js";
import { methodOf, named, realValue, spread } from "./expressions.js";
import { asTensor } from "./functions.js";
import { integerValue } from "./integer-values.js";
import { extentText, intValue, sizeText } from "./integers.js";
import { tuple } from "./text.js";
import { axisOf } from "./windows.js";
import { countsOf, insideBinders, tensorCondition } from "./reductions.js";
import { holdsAll, tensor, type Value } from "./value.js";

/** Writes the statement's lines. */
export function writeStatement(statement: Statement, around: Context): void {
  const { writer, selectors, facts } = around;
  const { scatters, rest } = splitScatters(statement, selectors, facts);
  const parts = scatters.map((s) => scattered(s, statement.tensor, around));
  if (scatters.length === 0 || !isConstant(rest, 0))
    parts.unshift(inPlace({ ...statement, body: rest }, around));
  writer.lines.push(`${writer.scope.tensor(statement.tensor)} = ${parts.join(" + ")}`);
}

/** Every element by itself. */
function inPlace(statement: Statement, around: Context): string {
  const { type, rounded } = tensorIn(around, statement.tensor);
  const context = within(around, boxOf(statement));
  const value = rounded
    ? asInteger(realValue(statement.body, context), context)
    : type === "integer"
      ? integerValue(statement.body, context)
      : realValue(statement.body, context);
  const whole = inFull(value, type, context);
  const axes = axesOf(statement);
  if (axes) {
    const own = alone(axes.flat());
    return arranged(whole, own, axes, extentText(context)).text;
  }
  const places = statement.subscripts.map((s) => intValue(s, context));
  return addedAt(statement.tensor, places, "True", whole.text, context);
}

/** Reals that are integers as integers. */
const asInteger = (value: Value, { writer }: Context): Value => ({
  ...value,
  isNumber: false,
  term: methodOf(asTensor(value.term, value, writer), "to(torch.int64)"),
});

/** The left-hand side's indices on its axes; undefined where a subscript is more than these one after the other. */
function axesOf({ indices, subscripts }: Statement): Axes | undefined {
  const extents = new Map(indices.map((i) => [i.name, i.extent]));
  const axes = subscripts.map((s) => digitsOf(s, (name) => extents.get(name)));
  return axes.every((digits) => digits !== undefined) ? axes : undefined;
}
/** The left-hand side's indices, in the order of its axes where they have one. */
function boxOf(statement: Statement): Box {
  const { indices } = statement;
  const order = axesOf(statement)?.flat() ?? indices.map(({ name }) => name);
  return Box.of(order.flatMap((name) => indices.filter((i) => i.name === name).map(axisOf)));
}

/** The value with every axis of the box in full. */
function inFull(value: Value, type: Tensor["type"], context: Context): Term {
  const { box, writer } = context;
  const names = new Set(box.axes.map((a) => a.name));
  if (!value.isNumber && holdsAll(value.support, names)) return value.term;
  const term = type === "real" ? asTensor(value.term, value, writer) : tensorCondition(value, context).term;
  return spread(term, names, context);
}

/** Zeros, to which the value is added at these places. */
function addedAt(
  name: string,
  places: readonly Value[],
  counts: string,
  value: string,
  context: Context,
): string {
  const { writer } = context;
  const shape = tuple(tensorIn(context, name).shape.map((extent) => sizeText(extent, writer)));
  const index = tuple(places.map((p) => p.term.text));
  return `${writer.need("_add_at")}(${[shape, index, counts, value].join(", ")})`;
}
/** For all indices left, binders and points of the guard: tensor[subscripts] += value. */
function scattered(scatter: Scatter, name: string, around: Context): string {
  const own = within(around, Box.of(scatter.indices.map(axisOf)));
  const { context, ranges } = insideBinders(scatter.binders, own);
  const { writer, box } = context;
  const counts = countsOf([...conjuncts(scatter.guard), ...ranges], context);
  const places = scatter.subscripts.map((s) => intValue(s, context));
  const isRisky = counts !== undefined && mayBlowUp(scatter.value);
  const test = counts && (isRisky ? named(tensorCondition(counts, context), "counts", context) : counts);
  const value = realValue(
    scatter.value,
    isRisky && test ? { ...context, held: [...context.held, test] } : context,
  );
  const names = new Set(box.axes.map((a) => a.name));
  const full =
    !value.isNumber && holdsAll(value.support, names)
      ? value
      : tensor(spread(asTensor(value.term, value, writer), names, context), names);
  return addedAt(name, places, test?.term.text ?? "True", full.term.text, context);
}
