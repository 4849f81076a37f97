/**
 * Points that take no part stand in panels and planes as zeros, and 0·∞ is NaN. A sum that comes out as NaN is summed
 * again over the points that take part alone, so that an infinite element counts where it is read and nowhere else.
 */
import * as build from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { outerReductions } from "../../patterns/contraction.js";
import { factsInside } from "../../ranges/facts.js";
import { withRange, type Facts } from "../../ranges/prove.js";
import type { Shapes } from "../offsets.js";
import type { Code } from "../program.js";
import { isNaN, type Emitter } from "../reduce.js";
import { checksOf } from "./checks.js";
import { inTermsOfQuotients, phasesOf } from "./phases.js";
import { unit, type Operand, type Term } from "./terms.js";

/** The statement's sums as they are written, where zeros stand for some of their points. */
export const sumsAgain = (
  statement: Statement,
  terms: readonly Term[],
  shapes: Shapes,
  facts: Facts,
): Expression | undefined =>
  terms.some((term) => multipliesExcluded(term, shapes, facts))
    ? build.add(...outerReductions(statement.body))
    : undefined;

/** Whether a zero that stands for a point may meet an element of the other operand. */
function multipliesExcluded(term: Term, shapes: Shapes, facts: Facts): boolean {
  const { batch, rows, columns, reduced } = term;
  const phases = phasesOf(term, facts);
  const indices = [...batch, ...rows.outer, ...columns.outer];
  const ranges = indices.map(({ name, extent }) => ({ name, lower: integer.zero, upper: extent }));
  const inside = factsInside(facts, [...ranges, ...reduced]);
  const isExcluded = (operand: Operand): boolean => {
    const { operand: resolved, quotients } = inTermsOfQuotients(operand, phases);
    const known = quotients.reduce((f, name) => withRange(f, name, {}), inside);
    return checksOf(resolved, shapes, known).length > 0;
  };
  const isAlone = [rows, columns].some((o) => o.read.tensor === unit.read.tensor);
  return !isAlone && [rows, columns].some(isExcluded);
}

/** The comment in the code. */
export const whyAgain = "a zero in the place of a point out of bounds may have met an infinity";

/** The sum as a local number; `again` where it is NaN and the condition holds. */
export function emitAgain(sum: Expression, again: Expression, emitter: Emitter, how: How = {}): Expression {
  const name = emitter.builder.name("sum");
  emitter.builder.emit({ kind: "accumulator", name, value: sum });
  return againWhereNaN(name, again, emitter, how);
}

interface How {
  readonly when?: Condition;
  /** What is made of the code that sums again. */
  readonly refine?: ((code: readonly Code[]) => readonly Code[]) | undefined;
}

/** The accumulator with `again` in the place of a NaN. */
export function againWhereNaN(
  name: string,
  again: Expression,
  { builder, value }: Emitter,
  { when = build.truth, refine = (code) => code }: How = {},
): Expression {
  const local: Expression = { kind: "parameter", name };
  const then = builder.rareBlock(() => builder.emit({ kind: "assign", name, value: value(again) }));
  const condition = build.and(isNaN(local), when);
  builder.emit({ kind: "if", condition, then: refine(then), otherwise: [], rare: whyAgain });
  return local;
}
