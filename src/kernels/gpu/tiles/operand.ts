/**
 * Four neighbouring rows (columns) of an operand at one point of the depth, zero where a point does not count. Behind
 * the last row the last one is read again: what is made of it is not stored, so no read has to be tested for it.
 */
import { isPositive, simplifyInt } from "../../../algebra/integers.js";
import * as build from "../../../notation/construct.js";
import type { Binder, Condition, Expression } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { factsInside } from "../../../ranges/facts.js";
import { checksOf, type Check } from "../../contraction/checks.js";
import { decode } from "../../contraction/pack.js";
import type { Operand } from "../../contraction/terms.js";
import { emitOffset, nameAtoms, readOf, type Shapes } from "../../offsets.js";
import type { Emitter } from "../../reduce.js";
import { extentsOf } from "../extents.js";
import { call } from "./place.js";
import { routines } from "../program.js";

export type Four = readonly Expression[];

/** An operand, and what is to be tested of its points. */
export interface Guarded {
  readonly operand: Operand;
  readonly checks: readonly Check[];
}
export const guardedOperand = (
  operand: Operand,
  reduced: readonly Binder[],
  { builder }: Emitter,
  shapes: Shapes,
): Guarded => ({
  operand,
  checks: checksOf(operand, shapes, factsInside(builder.facts, [...operand.outer, ...reduced])),
});

/** @param depth the point's reduced indices; `limit` says whether it lies inside */
export function loadFour(
  { operand, checks }: Guarded,
  first: Int,
  depth: ReadonlyMap<string, Int>,
  { builder }: Emitter,
  shapes: Shapes,
  side: "row" | "column",
  limit: Condition = build.truth,
): Four {
  const extent = extentsOf(operand.outer);
  const count = builder.named(extent, `${side}Count`);
  // a phase of a stride may have no row at all
  const behind = integer.minus(count, integer.one);
  const last = isPositive(extent, builder.facts) ? behind : integer.extremum("max", integer.zero, behind);
  return [0, 1, 2, 3].map((e): Expression => {
    const which = builder.define(
      integer.extremum("min", integer.plus(first, integer.constant(e)), last),
      side,
    );
    const at = new Map([...depth, ...decode(builder, which, operand.outer)]);
    const place = (value: Int): Int =>
      nameAtoms(builder, shapes, simplifyInt(integer.substituteInt(value, at), builder.facts));
    const there = build.and(limit, ...checks.map((c) => c.holds(place(c.value))));
    const { tensor } = operand.read;
    const offset = emitOffset(builder, shapes, tensor, operand.read.subscripts.map(place));
    const value = build.select(there, readOf(tensor, offset), build.zero);
    const name = builder.name(`${tensor}${e}`);
    builder.emit({ kind: "real", name, value });
    return { kind: "parameter", name };
  });
}

/**
 * A vector of the operand to a slot of a shared array: of four rows (columns) from the first one on, or of four points of
 * the depth of one. Zeros where it does not count; behind the last row, which a vector never straddles, the last one.
 */
export function loadVector(
  { operand, checks }: Guarded,
  { first, together }: { readonly first: Int; readonly together: 1 | 4 },
  depth: ReadonlyMap<string, Int>,
  { builder }: Emitter,
  shapes: Shapes,
  side: "row" | "column",
  limit: Condition,
  to: { readonly buffer: string; readonly slot: Int },
): void {
  const count = builder.named(extentsOf(operand.outer), `${side}Count`);
  const last = integer.minus(integer.floorDivide(count, integer.constant(together)), integer.one);
  const wanted = integer.floorDivide(first, integer.constant(together));
  const which = builder.define(integer.extremum("min", wanted, last), side);
  const at = new Map([...depth, ...decode(builder, integer.scale(which, together), operand.outer)]);
  const place = (value: Int): Int =>
    nameAtoms(builder, shapes, simplifyInt(integer.substituteInt(value, at), builder.facts));
  const { tensor, subscripts } = operand.read;
  const there = build.and(limit, ...checks.map((c) => c.holds(place(c.value))));
  const offset = emitOffset(builder, shapes, tensor, subscripts.map(place));
  const name = builder.name(`${tensor}_four`);
  const value = readOf(tensor, integer.exactDivide(offset, integer.constant(4)));
  const vector: Expression = { kind: "parameter", name };
  const store = (stored: Expression) => call(routines.storeVector, [to.buffer], [to.slot], [stored]);
  const then = [{ kind: "real", name, value } as const, store(vector)];
  builder.emit({ kind: "if", condition: there, then, otherwise: [store(build.zero)] });
}
