/** Notation back to text of the layer language. What is printed parses back to the same meaning. */
import { splitAtLineEnds } from "../notation/line-ends.js";
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Assignment, Layer, Param, Statement, Tensor } from "../notation/layer.js";
import { printConditionIn } from "./print-conditions.js";
import { printIn, type PrintContext } from "./print-expressions.js";
import { printInt as printIntIn } from "./print-integers.js";
import { printFloat } from "./print-numbers.js";

/** What printing wants to know of a layer: shapes decide which ranges and guards go without saying. */
export type Surroundings = Pick<Layer, "tensors" | "derived">;

const contextOf = (layer: Surroundings | undefined, order: readonly string[]): PrintContext => ({
  layer,
  order,
});

/** `p*stride - pad + r*dilation`. @param indices index variables, outermost first; they lead the terms. */
export const printInt = (value: Int, indices: readonly string[] = []): string => printIntIn(value, indices);

/** The expression; without a layer every range and guard is printed. */
export const printExpression = (
  e: Expression,
  layer?: Surroundings,
  indices: readonly string[] = [],
): string => printIn(e, contextOf(layer, indices));

/** `0 <= e and e < N`. */
export const printCondition = (c: Condition, layer?: Surroundings, indices: readonly string[] = []): string =>
  printConditionIn(c, contextOf(layer, indices));

/** `z[n, k] = …`; a scalar tensor goes without brackets. */
export function printStatement(statement: Statement, layer?: Surroundings): string {
  return `${printLeftSide(statement)} = ${printExpression(statement.body, layer, namesOf(statement))}`;
}
const namesOf = (statement: Statement): readonly string[] => statement.indices.map((i) => i.name);

export function printLeftSide(statement: Statement): string {
  const { tensor, subscripts } = statement;
  const names = namesOf(statement);
  return subscripts.length === 0
    ? tensor
    : `${tensor}[${subscripts.map((s) => printInt(s, names)).join(", ")}]`;
}

/** The whole layer as the text of a `.layer` file. */
export function printLayer(layer: Layer): string {
  const helpers = new Set(layer.claimHelpers.map((s) => s.tensor));
  const groups = [
    layer.documentation === ""
      ? []
      : splitAtLineEnds(layer.documentation).map((line) => `# ${line}`.trimEnd()),
    layer.params.map((p) => `param ${p.name} = ${printNumber(p)}`),
    layer.tensors.flatMap((t) => (helpers.has(t.name) ? [] : printTensor(t))),
    layer.derived.map((d) => `${d.name} = ${printInt(d.value)}`),
    layer.constants.map((c) => `${c.name} = ${printExpression(c.value)}`),
    layer.requirements.map(
      (r) => `require ${printCondition(r.condition)}, "${splitAtLineEnds(r.message).join(" ")}"`,
    ),
    layer.statements.map((s) => printStatement(s, layer)),
    layer.claimHelpers.map((s) => printStatement(s, layer)),
    layer.claims.map((s) => `claim ${printStatement(s, layer)}`),
    layer.variants.map((v) => `variant ${v.name}: ${printValues(v)}`),
    layer.checks.map((c) => `check ${printValues(c)}`),
  ];
  return groups
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n") + "\n")
    .join("\n");
}

const printNumber = ({ value }: Pick<Param, "value">): string =>
  Math.abs(value) === Infinity ? (value > 0 ? "inf" : "-inf") : printFloat(value);
const printValues = ({ values }: Assignment): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${printNumber({ value })}`)
    .join(", ");

const isOpen = (extent: Int): boolean =>
  [...integer.variablesOf(extent)].some((name) => name.startsWith("?"));

/** A declaration; extents that are still open are left out. A derived layer's cotangents are inputs, its gradients outputs. */
export function printTensor(tensor: Tensor): string[] {
  const { name, role, shape, bound } = tensor;
  const open = shape.some(isOpen);
  if (open && role === "local") return [];
  const brackets = open || shape.length === 0 ? "" : `[${shape.map((s) => printInt(s)).join(", ")}]`;
  const keyword = role === "cotangent" ? "input" : role === "gradient" ? "output" : role;
  return [`${keyword} ${name}${brackets}${role === "index" && bound ? ` < ${printInt(bound)}` : ""}`];
}
