/**
 * Neighbouring rows (columns) of an operand at one point of the depth, zero where a point does not count. Behind the
 * last row the last one is read again: what is made of it is not stored, so no read has to be tested for it.
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
export function loadNeighbours(
  guarded: Guarded,
  { first, together }: { readonly first: Int; readonly together: number },
  depth: ReadonlyMap<string, Int>,
  { builder }: Emitter,
  shapes: Shapes,
  side: "row" | "column",
  limit: Condition = build.truth,
): readonly Expression[] {
  const { outer } = guarded.operand;
  const extent = extentsOf(outer);
  const count = builder.named(extent, `${side}Count`);
  // a phase of a stride may have no row at all
  const behind = integer.minus(count, integer.one);
  const last = isPositive(extent, builder.facts) ? behind : integer.extremum("max", integer.zero, behind);
  return Array.from({ length: together }, (_, e): Expression => {
    const which = builder.define(
      integer.extremum("min", integer.plus(first, integer.constant(e)), last),
      side,
    );
    const at = new Map([...depth, ...decode(builder, which, outer)]);
    const { tensor } = guarded.operand.read;
    const { there, offset } = elementAt(guarded, at, builder, shapes);
    const value = build.select(build.and(limit, there), readOf(tensor, offset), build.zero);
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
  guarded: Guarded,
  { first, together }: { readonly first: Int; readonly together: 1 | 4 },
  depth: ReadonlyMap<string, Int>,
  { builder }: Emitter,
  shapes: Shapes,
  side: "row" | "column",
  limit: Condition,
  to: { readonly buffer: string; readonly slot: Int },
): void {
  const { read, outer } = guarded.operand;
  const count = builder.named(extentsOf(outer), `${side}Count`);
  const last = integer.minus(integer.floorDivide(count, integer.constant(together)), integer.one);
  const wanted = integer.floorDivide(first, integer.constant(together));
  const which = builder.define(integer.extremum("min", wanted, last), side);
  const at = new Map([...depth, ...decode(builder, integer.scale(which, together), outer)]);
  const { there, offset } = elementAt(guarded, at, builder, shapes);
  const name = builder.name(`${read.tensor}_four`);
  const value = readOf(read.tensor, integer.exactDivide(offset, integer.constant(4)));
  const vector: Expression = { kind: "parameter", name };
  const store = (stored: Expression) => call(routines.storeVector, [to.buffer], [to.slot], [stored]);
  const then = [{ kind: "real", name, value } as const, store(vector)];
  builder.emit({ kind: "if", condition: build.and(limit, there), then, otherwise: [store(build.zero)] });
}

/** Where the operand's element lies at a point, and whether it counts. A coordinate that is tested has a name: `h` of x[n, c, h, w]. */
function elementAt(
  { operand, checks }: Guarded,
  point: ReadonlyMap<string, Int>,
  builder: Emitter["builder"],
  shapes: Shapes,
): { readonly there: Condition; readonly offset: Int } {
  const { tensor, subscripts } = operand.read;
  const place = (value: Int): Int => {
    const check = checks.find((c) => integer.equal(c.value, value));
    const placed = nameAtoms(
      builder,
      shapes,
      simplifyInt(integer.substituteInt(value, point), builder.facts),
    );
    const isCoordinate = check && subscripts.some((s) => integer.equal(s, value));
    return isCoordinate ? builder.named(placed, check.name) : placed;
  };
  return {
    there: build.and(...checks.map((c) => c.holds(place(c.value)))),
    offset: emitOffset(builder, shapes, tensor, subscripts.map(place)),
  };
}
