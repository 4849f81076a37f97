/** Expressions of the layer to scalar code: reads become flat, reductions loops, repeated work is named once. */
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import { holdsReduction, mapChildren, mapConditionChildren, walk } from "../notation/traverse.js";
import type { Builder } from "./block.js";
import type { PlanConstants } from "./constants.js";
import { emitOffset, nameAtoms, readOf, type Shapes } from "./offsets.js";
import { emitQuantified, emitReduction, type Emitter } from "./reduce.js";

export function scalarEmitter(builder: Builder, constants: PlanConstants, shapes: Shapes): Emitter {
  const int = (value: Int): Int => nameAtoms(builder, shapes, value);
  const flat = (e: Expression): Expression => {
    switch (e.kind) {
      case "read":
        return readOf(e.tensor, emitOffset(builder, shapes, e.tensor, e.subscripts));
      case "integer":
        return build.ofInt(int(e.value));
      case "reduction":
        return emitReduction(e, emitter);
      case "stop":
        return flat(e.argument);
      case "pad":
        throw new Error("pad reaches the kernels");
      case "select":
        return holdsReduction(e.whenTrue) || holdsReduction(e.whenFalse)
          ? branches(e.condition, e.whenTrue, e.whenFalse)
          : mapChildren(e, { expression: flat, condition });
      case "add":
      case "call":
      case "constant":
      case "multiply":
      case "named":
      case "parameter":
      case "raise":
        return mapChildren(e, { expression: flat, condition });
    }
  };
  const condition = (c: Condition): Condition =>
    c.kind === "any" || c.kind === "all"
      ? emitQuantified(c, emitter)
      : mapConditionChildren(c, { expression: flat, condition, int });
  /** A branch with a reduction runs only where it is taken. */
  const branches = (test: Condition, whenTrue: Expression, whenFalse: Expression): Expression => {
    const result = builder.name("chosen");
    builder.emit({ kind: "accumulator", name: result, value: build.zero });
    const assign = (e: Expression) =>
      builder.block(() => builder.emit({ kind: "assign", name: result, value: flat(e) }));
    const tested = condition(test);
    builder.emit({ kind: "if", condition: tested, then: assign(whenTrue), otherwise: assign(whenFalse) });
    return { kind: "parameter", name: result };
  };
  const emitter: Emitter = {
    builder,
    constants,
    value: (e) => shareRepeated(flat(e), builder),
    condition,
  };
  return emitter;
}

/** Calls and costly powers that occur more than once, outside the branches of a `where`, are named. */
function shareRepeated(e: Expression, builder: Builder): Expression {
  const counts = new Map<string, { e: Expression; count: number }>();
  walk(e, {
    enter: (part) => part.kind !== "select",
    expression: (part) => {
      if (part.kind !== "call" && !isCostlyPower(part)) return;
      const key = keyOfExpression(part);
      const seen = counts.get(key);
      counts.set(key, { e: part, count: (seen?.count ?? 0) + 1 });
    },
  });
  const everywhere = new Map<string, number>();
  walk(e, {
    expression: (part) => {
      const key = keyOfExpression(part);
      if (counts.has(key)) everywhere.set(key, (everywhere.get(key) ?? 0) + 1);
    },
  });
  const repeated = [...counts].filter(([key]) => (everywhere.get(key) ?? 0) > 1);
  // inner expressions first: a repeated call inside a repeated call is named before it
  repeated.sort(([a], [b]) => a.length - b.length);
  const named = new Map<string, Expression>();
  for (const [key, { e: part }] of repeated) {
    const name = builder.name(part.kind === "call" ? `${part.name}_u` : "power");
    const parameter: Expression = { kind: "parameter", name };
    builder.emit({ kind: "real", name, value: replaceNamed(part, named) });
    named.set(key, parameter);
  }
  return replaceNamed(e, named);
}

const isCostlyPower = (e: Expression): boolean =>
  e.kind === "raise" && !(e.exponent.kind === "constant" && Number.isInteger(build.valueOf(e.exponent)));

function replaceNamed(e: Expression, named: ReadonlyMap<string, Expression>): Expression {
  const found = named.get(keyOfExpression(e));
  if (found) return found;
  return mapChildren(e, {
    expression: (part) => replaceNamed(part, named),
    condition: (c) => replaceInCondition(c, named),
  });
}
const replaceInCondition = (c: Condition, named: ReadonlyMap<string, Expression>): Condition =>
  mapConditionChildren(c, {
    expression: (part) => replaceNamed(part, named),
    condition: (part) => replaceInCondition(part, named),
  });
