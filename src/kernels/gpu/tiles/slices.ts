/** Tiles of a workgroup: slices of both operands in shared memory, one after the other, and their product. */
import * as build from "../../../notation/construct.js";
import type { Binder } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { decode } from "../../contraction/pack.js";
import type { Operand } from "../../contraction/terms.js";
import { flatOffset, type Shapes } from "../../offsets.js";
import type { Emitter } from "../../reduce.js";
import { depthOf } from "../extents.js";
import { guardedOperand, loadNeighbours, loadVector, type Guarded } from "./operand.js";
import { call, lane, ownArrays, type Place } from "./place.js";
import { routines } from "../program.js";
import { vectorOf, type Layout } from "./vector-operands.js";

const { constant, variable } = integer;

/** The part of the depth that a workgroup has. */
export interface Part {
  readonly part: string;
  readonly depth: Int;
}

/**
 * Each thread puts four elements of each operand in the slice, which is `side` deep. They are four rows at one point
 * of the depth: slot k·side + r has rows 4r to 4r + 3. Vectors along the depth are four points of one row: slot
 * (4k + i)·side + r has points 4k to 4k + 3 of row 4r + i.
 */
export function emitSlices(
  { work, rowTile, columnTile }: Place,
  side: number,
  inVectors: boolean,
  part: Part | undefined,
  emitter: Emitter,
  shapes: Shapes,
): void {
  const { builder } = emitter;
  const { rows, columns, reduced } = work.term;
  const { tileRows, tileColumns } = ownArrays(shapes);
  const split = (by: number, names: readonly [string, string]): readonly [Int, Int] => {
    const slow = builder.define(integer.floorDivide(variable(lane), constant(by)), names[0]);
    const fast = builder.define(integer.modulo(variable(lane), constant(by)), names[1]);
    const know = (half: Int, extent: number): void =>
      builder.know(integer.plainVariable(half) ?? "", { lower: integer.zero, upper: constant(extent - 1) });
    know(slow, (side * side) / by);
    know(fast, by);
    return [slow, fast];
  };
  const [laneRow, laneColumn] = split(side, ["laneRow", "laneColumn"]);
  const depth = builder.named(depthOf(work.term), "depth");
  const from = part ? builder.define(integer.times(variable(part.part), part.depth), "from") : integer.zero;
  const to = part
    ? builder.define(integer.extremum("min", depth, integer.plus(from, part.depth)), "to")
    : depth;
  const k0 = builder.name("k0");
  const layout = (operand: Operand): Layout | undefined =>
    inVectors ? vectorOf(operand, reduced, shapes, builder.facts)?.layout : undefined;
  const layouts = { row: layout(rows), column: layout(columns) };
  const pointAt = (k: Int) => {
    const point = builder.define(integer.plus(variable(k0), k), "k");
    const at = decode(
      builder,
      point,
      reduced.map((b) => ({ name: b.name, extent: b.upper })),
    );
    return { at, inside: build.below(point, to) };
  };
  const load = (operand: Guarded, which: "row" | "column", tile: Int, buffer: string): void => {
    const start = integer.scale(tile, 4 * side);
    if (layouts[which] === "depth") {
      // neighbouring threads read neighbouring vectors
      const [row, k] = split(side / 4, ["laneOutput", "laneDepth"]);
      const { at, inside } = pointAt(integer.scale(k, 4));
      const lanes = integer.plus(integer.scale(k, 4), integer.modulo(row, constant(4)));
      const slot = integer.plus(integer.scale(lanes, side), integer.floorDivide(row, constant(4)));
      const which4 = { first: integer.plus(start, row), together: 1 } as const;
      const place = { buffer, slot: builder.define(slot, "slot") };
      return loadVector(operand, which4, at, emitter, shapes, which, inside, place);
    }
    // neighbouring threads read neighbouring elements
    const alongDepth = layouts[which] === undefined && runsAlong(operand.operand, reduced, shapes);
    const [k, four] = alongDepth ? [laneColumn, laneRow] : [laneRow, laneColumn];
    const { at, inside } = pointAt(k);
    const first = integer.plus(start, integer.scale(four, 4));
    const slot = (): Int => builder.define(integer.plus(integer.scale(k, side), four), "slot");
    const neighbours = { first, together: 4 } as const;
    if (layouts[which] === "outputs")
      return loadVector(operand, neighbours, at, emitter, shapes, which, inside, { buffer, slot: slot() });
    const values = loadNeighbours(operand, neighbours, at, emitter, shapes, which, inside);
    builder.emit(call(routines.storeVector, [buffer], [slot()], values));
  };
  builder.states(part ? part.depth : depthOf(work.term), side);
  builder.loop({ index: k0, from, to, step: constant(side) }, () => {
    load(guardedOperand(rows, reduced, emitter, shapes), "row", rowTile, tileRows);
    load(guardedOperand(columns, reduced, emitter, shapes), "column", columnTile, tileColumns);
    builder.emit(call(routines.barrier));
    const multiply = multiplyOf(layouts.row === "depth", layouts.column === "depth");
    builder.emit(call(multiply, [tileRows, tileColumns], [laneRow, laneColumn, constant(side)]));
    builder.emit(call(routines.barrier));
  });
}

function multiplyOf(deepRows: boolean, deepColumns: boolean): string {
  if (deepRows) return deepColumns ? routines.multiplyDeep : routines.multiplyDeepRows;
  return deepColumns ? routines.multiplyDeepColumns : routines.multiplyShared;
}

/** Whether the operand's elements are neighbours along the last reduced index, not along its own last one. */
function runsAlong({ read }: Operand, reduced: readonly Binder[], shapes: Shapes): boolean {
  const [tensor, last] = [shapes.get(read.tensor), reduced.at(-1)];
  if (!tensor || !last) return false;
  const parts = integer.affineIn(flatOffset(tensor, read.subscripts), last.name);
  return parts !== undefined && Math.abs(integer.literal(parts.coefficient) ?? 0) === 1;
}
