/** The accumulators of a sweep: one for each result of the row, in the workspace. */
import * as build from "../../notation/construct.js";
import type { Condition, Expression, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Tensor } from "../../notation/layer.js";
import { boxExtents, flatPosition } from "../../calculus/positions.js";
import { emitOffset, type Shapes } from "../offsets.js";
import { isNaN, type Emitter } from "../reduce.js";
import type { Course } from "./course.js";
import type { Sweep } from "./sweep.js";

export interface Row {
  readonly clear: () => void;
  readonly add: (terms: readonly Expression[], course: Course, reduction: Reduction) => void;
  readonly result: (at: Int) => Expression;
  readonly best: (at: Int) => Expression;
}

/** Accumulators are float64 whatever the plan's dtype, and integers for the positions of an argmax. */
export function rowFor(sweep: Sweep, emitter: Emitter, shapes: Shapes): Row {
  const { along, reduction } = sweep;
  const { builder } = emitter;
  const { name } = reduction;
  const row = builder.scratch("row", "double", along.extent);
  const places = name.startsWith("arg") ? builder.scratch("positions", "integer", along.extent) : undefined;
  const largest = name === "max" || name === "argmax";
  const initial = name === "sum" ? build.zero : largest ? build.rational(-Infinity) : build.infinity;
  const scratch = (buffer: string): Tensor => ({
    name: buffer,
    role: "local",
    type: "real",
    shape: [along.extent],
  });
  const known = new Map([...shapes, ...[row, places ?? row].map((b) => [b, scratch(b)] as const)]);
  const value = (at: Int): Expression => build.read(row, [at]);
  const position = (at: Int): Int => integer.element(places ?? "", [at]);
  const none = (at: Int): Condition => build.nonNegative(integer.minus(integer.constant(-1), position(at)));
  return {
    clear: () => {
      const at = integer.variable(builder.name(along.name));
      builder.loops([{ ...along, name: integer.plainVariable(at) ?? "" }], () => {
        // a NaN yields to the first value by the one comparison that most values need
        const none = places === undefined ? initial : build.rational(NaN);
        builder.emit({ kind: "store", buffer: row, offset: at, value: none });
        if (places === undefined) return;
        builder.emit({ kind: "store", buffer: places, offset: at, value: integer.constant(-1) });
      });
    },
    add: (terms, course, { binders }) => {
      const at = emitOffset(builder, known, row, [course.position]);
      const values = terms.map((term) => emitter.value(term));
      const [first = build.zero] = values;
      if (name === "sum") {
        builder.emit({ kind: "store", buffer: row, offset: at, value: build.add(value(at), ...values) });
        return;
      }
      const named = builder.name("value");
      builder.emit({ kind: "real", name: named, value: first });
      const found: Expression = { kind: "parameter", name: named };
      const of = largest ? "max" : "min";
      if (places === undefined) {
        const best = build.call(of, [value(at), found]);
        builder.emit({ kind: "store", buffer: row, offset: at, value: best });
        return;
      }
      const flat = flatPosition(binders, boxExtents(binders, builder.facts, builder.scope()));
      const here = value(at);
      const yields = of === "max" ? build.compare("<=", found, here) : build.compare("<=", here, found);
      builder.emit({
        kind: "if",
        condition: build.and(build.not(yields), build.or(build.not(isNaN(here)), none(at))),
        then: [
          { kind: "store", buffer: row, offset: at, value: found },
          { kind: "store", buffer: places, offset: at, value: flat },
        ],
        otherwise: [],
      });
    },
    best: (at) => (places === undefined ? value(at) : build.select(none(at), initial, value(at))),
    result: (at) => (places === undefined ? value(at) : { kind: "integer", value: position(at) }),
  };
}
