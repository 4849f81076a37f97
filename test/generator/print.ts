/** The generator's layers as text, with no more parentheses than are needed. */
import {
  int,
  minus,
  nodesOf,
  partsOf,
  sameNode,
  type Binder,
  type Condition,
  type Int,
  type Layer,
  type Node,
  type Real,
  type Statement,
} from "./ast.js";

/** Shapes by tensor. */
type Shapes = ReadonlyMap<string, readonly Int[]>;

export function printLayer(layer: Layer): string {
  const shapes: Shapes = new Map(
    [...layer.declarations, ...layer.statements].map(({ name, shape }) => [name, shape]),
  );
  const brackets = (shape: readonly Int[]): string =>
    shape.length === 0 ? "" : `[${shape.map(printInt).join(", ")}]`;
  return [
    ...layer.params.map(({ name, value }) => `param ${name} = ${value}`),
    ...layer.declarations.map(
      ({ role, name, shape, bound }) =>
        `${role} ${name}${brackets(shape)}${bound ? ` < ${printInt(bound)}` : ""}`,
    ),
    ...layer.statements.flatMap((s) => {
      const { role, name, shape } = s;
      if (!isInferred(s, shapes)) return [`${role} ${name}${brackets(shape)}`];
      return role === "output" ? [`output ${name}`] : [];
    }),
    ...layer.derived.map(({ name, value }) => `${name} = ${printInt(value)}`),
    ...layer.constants.map(({ name, value }) => `${name} = ${printReal(value, shapes)}`),
    ...layer.requirements.map((c) => `require ${printCondition(c, shapes)}`),
    ...layer.helpers.map(
      ({ name, parameters, body }) => `${name}(${parameters.join(", ")}) = ${printReal(body, shapes)}`,
    ),
    ...layer.statements.map(
      ({ name, subscripts, body }) => `${name}${brackets(subscripts)} = ${printReal(body, shapes)}`,
    ),
    "",
  ].join("\n");
}

/** Whether the shape may be left out: each index stands alone, and wherever it stands alone on an axis that is its extent. */
function isInferred(s: Statement, shapes: Shapes): boolean {
  const { open, indices, subscripts, shape, body, inferred = false } = s;
  if (inferred) return true;
  const plain =
    subscripts.every((each) => each.kind === "named") &&
    shape.every((extent, i) => indices[i] !== undefined && sameNode(indices[i].extent, extent));
  // a scalar is told from a constant by what it reads, and from a whole tensor by its subscripts
  const reads = [...nodesOf(body)].filter((n) => n.kind === "read");
  const scalar = reads.length > 0 && reads.every((read) => read.subscripts.length > 0);
  if (shape.length === 0) return open && scalar;
  return open && plain && indices.every(({ name, extent }) => isSettled(name, extent, body, shapes));
}

/** Whether `name` stands alone on an axis, outside of branches and pads, and on none of another extent. */
function isSettled(name: string, extent: Int, scope: Node, shapes: Shapes): boolean {
  let settled = false;
  const visit = (node: Node, plainly: boolean): boolean => {
    if (node.kind === "read" || node.kind === "element")
      for (const [axis, subscript] of node.subscripts.entries()) {
        if (subscript.kind !== "named" || subscript.name !== name) continue;
        if (!sameNode(shapes.get(node.tensor)?.[axis] ?? int(-1), extent)) return false;
        settled ||= plainly;
      }
    // a reduction that binds the name anew speaks of another index
    if ("binders" in node && node.binders.some((b) => b.name === name)) return true;
    const inside = plainly && node.kind !== "where" && node.kind !== "pad";
    return partsOf(node).every((part) => visit(part, inside));
  };
  return visit(scope, true) && settled;
}

function printBinder({ name, lower, upper, style }: Binder, body: Node, shapes: Shapes): string {
  const fromZero = lower.kind === "integer" && lower.value === 0;
  if (style === "open" && fromZero && isSettled(name, upper, body, shapes)) return name;
  const from = fromZero ? "" : `${printInt(lower)} <= `;
  if (style === "<=") return `${from}${name} <= ${printInt(lessOne(upper))}`;
  return `${from}${name} < ${printInt(upper)}`;
}
const lessOne = (upper: Int): Int =>
  upper.kind === "plus" && upper.b.kind === "integer" && upper.b.value === 1 ? upper.a : minus(upper, int(1));

const printBinders = (binders: readonly Binder[], body: Node, shapes: Shapes): string =>
  binders
    .map((b, i) => {
      // what stands in the bounds of later binders settles nothing
      const later = binders.slice(i + 1).flatMap(({ lower, upper }) => [lower, upper]);
      const inBounds = later.some((bound) =>
        [...nodesOf(bound)].some((n) => n.kind === "named" && n.name === b.name),
      );
      return printBinder(inBounds && b.style === "open" ? { ...b, style: "<" } : b, body, shapes);
    })
    .join(", ");

// how tightly forms bind; a part that binds less stands in parentheses
const [sum, product, sign, power, atom] = [1, 2, 3, 4, 5];

interface Text {
  readonly text: string;
  readonly level: number;
}
const within = ({ text, level }: Text, least: number): string => (level < least ? `(${text})` : text);
const infix = (a: Text, operator: string, b: Text, level: number): Text => ({
  // subtraction and division group to the left, powers to the right
  text: `${within(a, operator === "^" ? level + 1 : level)}${operator === "^" ? "^" : ` ${operator} `}${within(b, operator === "^" ? level : level + 1)}`,
  level,
});

export const printInt = (value: Int): string => spellInt(value).text;
function spellInt(value: Int): Text {
  const pair = (operator: string, level: number, a: Int, b: Int): Text =>
    infix(spellInt(a), operator, spellInt(b), level);
  const called = (name: string, ...parts: readonly string[]): Text => ({
    text: `${name}(${parts.join(", ")})`,
    level: atom,
  });
  switch (value.kind) {
    case "integer":
      return { text: String(value.value), level: value.value < 0 ? sum : atom };
    case "named":
      return { text: value.name, level: atom };
    case "plus":
      return pair("+", sum, value.a, value.b);
    case "minus":
      return pair("-", sum, value.a, value.b);
    case "times":
      return pair("*", product, value.a, value.b);
    case "exact":
      return pair("/", product, value.a, value.b);
    case "floored":
      return called("floor", pair("/", product, value.a, value.b).text);
    case "ceiled":
      return called("ceil", pair("/", product, value.a, value.b).text);
    case "modulo":
      return called("mod", printInt(value.a), printInt(value.b));
    case "smaller":
      return called("min", printInt(value.a), printInt(value.b));
    case "larger":
      return called("max", printInt(value.a), printInt(value.b));
    case "element":
      return { text: printRead(value.tensor, value.subscripts), level: atom };
  }
}
const printRead = (tensor: string, subscripts: readonly Int[]): string =>
  subscripts.length === 0 ? tensor : `${tensor}[${subscripts.map(printInt).join(", ")}]`;

export const printReal = (e: Real, shapes: Shapes = new Map()): string => spell(e, shapes).text;
function spell(e: Real, shapes: Shapes): Text {
  const part = (inner: Real): Text => spell(inner, shapes);
  const called = (name: string, parts: readonly string[]): Text => ({
    text: `${name}(${parts.join(", ")})`,
    level: atom,
  });
  switch (e.kind) {
    case "decimal":
      return { text: e.text, level: e.text.startsWith("-") ? sum : atom };
    case "constant":
    case "symbol":
      return { text: e.name, level: atom };
    case "whole":
      return spellInt(e.value);
    case "read":
      return { text: printRead(e.tensor, e.subscripts), level: atom };
    case "pad":
      return called("pad", [part(e.read).text, part(e.value).text]);
    case "binary": {
      const level = { "+": sum, "-": sum, "*": product, "/": product, "^": power }[e.operator];
      return infix(part(e.a), e.operator, part(e.b), level);
    }
    case "negative":
      return { text: `-${within(part(e.a), power)}`, level: sign };
    case "call":
      return called(
        e.name,
        e.arguments.map((a) => part(a).text),
      );
    case "where":
      return called("where", [printCondition(e.condition, shapes), part(e.a).text, part(e.b).text]);
    case "reduction":
      return reduced(e.name, printBinders(e.binders, e.body, shapes), part(e.body).text);
    case "count":
      return reduced(
        "count",
        printBinders(e.binders, e.condition, shapes),
        printCondition(e.condition, shapes),
      );
  }
}
const reduced = (name: string, binders: string, body: string): Text => ({
  text: `${name}[${binders}](${body})`,
  level: atom,
});

export function printCondition(c: Condition, shapes: Shapes = new Map()): string {
  const part = (inner: Condition, least: number): string => {
    const level = { or: 1, and: 2, compare: 3, not: 4, any: 4, all: 4 }[inner.kind];
    const text = printCondition(inner, shapes);
    return level < least ? `(${text})` : text;
  };
  switch (c.kind) {
    case "compare":
      return `${printReal(c.a, shapes)} ${c.operator} ${printReal(c.b, shapes)}`;
    case "and":
      return `${part(c.a, 2)} and ${part(c.b, 3)}`;
    case "or":
      return `${part(c.a, 1)} or ${part(c.b, 2)}`;
    case "not":
      return `not(${printCondition(c.a, shapes)})`;
    case "any":
    case "all":
      return reduced(
        c.kind,
        printBinders(c.binders, c.condition, shapes),
        printCondition(c.condition, shapes),
      ).text;
  }
}
