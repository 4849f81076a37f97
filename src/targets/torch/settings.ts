/** Sizes and params in the function that users call: told by shapes or asked for, and everything that is checked of them. */
import { quote } from "../../notation/line-ends.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { isGiven, type Layer, type Tensor } from "../../notation/layer.js";
import { namesInCondition } from "../../notation/traverse.js";
import type { PlanCheck } from "../../ranges/checks.js";
import { languageText } from "../code/layer-language.js";
import { within as inParentheses, strengths } from "../code/term.js";
import { Box } from "./box.js";
import { within, type Context } from "./context.js";
import { conditionValue, realValue } from "./expressions.js";
import { intValue, sizeText } from "./integers.js";
import { sizeSources, type Told } from "./sizes.js";

/** Writes what comes before the computation; `used` are the values that it takes. */
export function writeSettings(
  layer: Layer,
  checks: readonly PlanCheck[],
  used: ReadonlySet<string>,
  context: Context,
): void {
  const { writer } = context;
  const { lines, scope } = writer;
  const { told } = sizeSources(layer);
  const require = (holds: string, message: string): void =>
    void lines.push(`${writer.need("_require")}(${holds}, ${quote(message)})`);
  writeShapes(layer, told, context);
  const sizes = layer.sizes.map((name) => scope.value(name));
  if (sizes.length > 0)
    require(sizes.length === 1
      ? `${sizes[0]} >= 1`
      : `min(${sizes.join(", ")}) >= 1`, `a size of ${layer.name} is below 1`);
  for (const p of layer.params)
    if (p.positive) require(`${scope.value(p.name)} >= 1`, `${p.name} is below 1`);
  const derived = new Set(layer.derived.map((d) => d.name));
  const conditions = checks.filter((c) => c.kind === "condition");
  const isEarly = ({ condition }: (typeof conditions)[number]): boolean =>
    ![...namesInCondition(condition)].some((name) => derived.has(name));
  // Python refuses to divide by 0 itself: what a size divides by is asked first
  for (const check of conditions) if (isEarly(check)) writeCondition(check, context, require);
  for (const { name, value } of layer.derived)
    lines.push(`${scope.value(name)} = ${sizeText(value, writer)}`);
  for (const check of conditions) if (!isEarly(check)) writeCondition(check, context, require);
  for (const { name, value } of layer.derived)
    require(`${scope.value(name)} >= 1`, `${name} = ${languageText(value)} is below 1`);
  for (const { name, shape } of layer.tensors.filter(isGiven)) {
    const extents = shape.map((extent) => sizeText(extent, writer));
    if (!isTold(name, shape, told))
      lines.push(
        `${writer.need("_check_tensor")}(${[quote(name), scope.tensor(name), ...extents].join(", ")})`,
      );
  }
  for (const t of layer.tensors) if (t.role === "index") writeIndex(t, context);
  for (const check of checks) if (check.kind === "bounds") writeBounds(check, context);
  for (const { name, value } of layer.constants)
    if (used.has(name)) lines.push(`${scope.value(name)} = ${realValue(value, context).term.text}`);
}

/** Sizes that stand alone on an axis by unpacking shapes, others from what is known before. */
function writeShapes(layer: Layer, told: readonly Told[], { writer }: Context): void {
  const { lines, scope } = writer;
  const plain = told.filter(isPlain);
  for (const t of layer.tensors.filter(isGiven)) {
    const own = plain.filter(({ tensor }) => tensor === t);
    if (own.length === 0) continue;
    const names = t.shape.map((_, axis) => {
      const found = own.find((o) => o.axis === axis);
      return found ? scope.value(found.name) : "_";
    });
    const left = names.length === 1 ? `(${names[0]},)` : names.join(", ");
    lines.push(
      `${left} = ${writer.need("_shape")}(${quote(t.name)}, ${scope.tensor(t.name)}, ${names.length})`,
    );
  }
  for (const { name, tensor, axis, coefficient, rest } of told.filter((o) => !isPlain(o))) {
    const text = (value: Int): string => sizeText(value, writer);
    const extent = `${writer.need("_shape")}(${quote(tensor.name)}, ${scope.tensor(tensor.name)}, ${tensor.shape.length})[${axis}]`;
    const without = rest.monomials.length === 0 ? extent : `(${extent} - (${text(rest)}))`;
    const divided = integer.literal(coefficient) === 1 ? without : `${without} // (${text(coefficient)})`;
    lines.push(`${scope.value(name)} = ${divided}`);
  }
}
const isPlain = ({ coefficient, rest }: Told): boolean =>
  integer.literal(coefficient) === 1 && rest.monomials.length === 0;
/** Whether the shape is what the sizes were taken from, so that there is nothing left to check. */
const isTold = (name: string, shape: readonly Int[], told: readonly Told[]): boolean =>
  shape.length > 0 &&
  shape.every((extent, axis) =>
    told.some(
      (o) =>
        isPlain(o) && o.tensor.name === name && o.axis === axis && integer.plainVariable(extent) === o.name,
    ),
  );

function writeCondition(
  { condition, message }: Extract<PlanCheck, { kind: "condition" }>,
  context: Context,
  require: (holds: string, message: string) => void,
): void {
  const { term, isNumber } = conditionValue(condition, context);
  require(isNumber ? term.text : `bool(${term.text})`, message);
}

/** Integers as torch wants them in subscripts, in their range. */
function writeIndex({ name, bound }: Tensor, { writer }: Context): void {
  const own = writer.scope.tensor(name);
  writer.lines.push(`${own} = ${own}.to(torch.int64)`);
  if (bound)
    writer.lines.push(`${writer.need("_check_index")}(${quote(name)}, ${own}, ${sizeText(bound, writer)})`);
}

function writeBounds(check: Extract<PlanCheck, { kind: "bounds" }>, around: Context): void {
  const { indices, given, subscript, extent, axis, text } = check;
  const box = Box.of(indices.map((i) => ({ name: i.name, from: integer.zero, end: i.extent })));
  const context = within(around, box);
  const value = intValue(subscript, context);
  const when = conditionValue(given, context);
  const always = given.kind === "truth" && given.value;
  const parts = [quote(text), axis, value.term.text, intValue(extent, context).term.text];
  const { writer } = around;
  writer.lines.push(
    `${writer.need("_check_bounds")}(${[...parts, ...(always ? [] : [inParentheses(when.term, strengths.unary)])].join(", ")})`,
  );
}
