/**
 * A contraction as tiles of 4 × 4 sums a thread, or 8 × 8. In a workgroup of side × side threads these make a tile of 4·side
 * rows and columns: a slice of each operand, `side` deep, is put in shared memory by its index map (points out of bounds
 * as zeros), then each thread multiplies. Without a workgroup each thread reads its own rows and columns.
 */
import { extentsOf, type Contraction, type Extents } from "../extents.js";
import { substitute } from "../../../notation/binders.js";
import * as build from "../../../notation/construct.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Index, Statement } from "../../../notation/layer.js";
import { rewrite } from "../../../notation/traverse.js";
import { emitAgain, sumsAgain } from "../../contraction/excluded.js";
import { decode } from "../../contraction/pack.js";
import { overPhases } from "../../contraction/phases.js";
import { total } from "../../contraction/terms.js";
import { byItself, emitOffset, type Shapes } from "../../offsets.js";
import type { Code } from "../../program.js";
import { named, type Emitter } from "../../reduce.js";
import { emitDirect, type Block, type Order } from "./direct.js";
import { call, lane, ownArrays, type Place } from "./place.js";
import { routines, type Threads } from "../program.js";
import { emitSlices } from "./slices.js";
import type { ThreadBuilder } from "../thread.js";
import { readByLane } from "../vectors.js";

const { constant, variable, zero } = integer;
export interface Tiling {
  /** Threads of a workgroup in each direction; without it there is none. */
  readonly side?: number;
  /** Without a workgroup. */
  readonly block?: Block;
  readonly order?: Order;
  /** The tensors that are read as vectors of four. */
  readonly vectors?: ReadonlySet<string> | undefined;
  /** The depth falls into parts, each stored by itself: how many, where, and how deep they are in each term. */
  readonly split?: { readonly count: Int; readonly buffer: string; readonly depths: readonly Int[] };
}

export function emitTiles(
  statement: Statement,
  { term, others, epilogue }: Contraction,
  tiling: Tiling,
  extents: Extents,
  builder: ThreadBuilder,
  emitter: Emitter,
  shapes: Shapes,
): Threads {
  const { constants } = emitter;
  const { side, block = 4, order = "channels", split, vectors } = tiling;
  const { sums, tileRows, tileColumns } = ownArrays(shapes);
  const rowTile = builder.name("rowTile");
  const columnTile = builder.name("columnTile");
  const part = split && builder.name("part");
  const again = split ? undefined : sumsAgain(statement, [term, ...others], shapes, builder.facts);
  builder.enter(term.batch);
  builder.asBox(() =>
    overPhases(
      { term, subscripts: statement.subscripts, adds: false, epilogue, again },
      builder,
      constants,
      (work) => {
        builder.closeBox();
        if (split && part !== undefined) builder.enter([{ name: part, extent: split.count }]);
        builder.enter([
          { name: rowTile, extent: extents.rowTiles },
          { name: columnTile, extent: extents.columnTiles },
        ]);
        if (side !== undefined) builder.know(lane, { lower: integer.zero, upper: constant(side * side - 1) });
        builder.emit(call(routines.start, [], [constant(block)]));
        const place = { work, rowTile: variable(rowTile), columnTile: variable(columnTile) };
        const own = split && part !== undefined ? { ...split, part } : undefined;
        for (const [i, each] of [work.term, ...others].entries()) {
          const at = { ...place, work: { ...work, term: each } };
          if (side === undefined) emitDirect(at, block, order, emitter, shapes);
          else {
            const slice = own && { part: own.part, depth: own.depths[i] ?? zero };
            emitSlices(at, side, vectors !== undefined, slice, emitter, shapes);
          }
        }
        builder.emit(call(routines.collect, [sums], [constant(block)]));
        emitStores(statement.tensor, place, { side, block, vectors }, own, emitter, shapes);
      },
    ),
  );
  const box = builder.box ?? [];
  // as many sums a workgroup whatever the block: on a CPU one workgroup is one core's
  if (side === undefined) return { kind: "points", box, size: 1024 / block ** 2 };
  const shared = [tileRows, tileColumns].map((name) => ({
    name,
    type: "vector" as const,
    length: side * side,
  }));
  return { kind: "groups", box, size: side * side, lane, shared };
}

/** The part of the depth that a workgroup has, and where its sums go. */
interface Part {
  readonly part: string;
  readonly buffer: string;
}

interface Sides extends Pick<Tiling, "vectors"> {
  readonly side: number | undefined;
  readonly block: Block;
}

/** The thread's sums, those that lie inside, through the epilogue to their places. */
function emitStores(
  tensor: string,
  { work, rowTile, columnTile }: Place,
  { side = 1, block, vectors }: Sides,
  part: Part | undefined,
  emitter: Emitter,
  shapes: Shapes,
): void {
  const { builder, value } = emitter;
  const { rows, columns } = work.term;
  const { sums } = ownArrays(shapes);
  const size = block * side;
  const own = (index: "laneRow" | "laneColumn"): Int => {
    if (side === 1) return integer.zero;
    const half =
      index === "laneRow"
        ? integer.floorDivide(variable(lane), constant(side))
        : integer.modulo(variable(lane), constant(side));
    return integer.scale(builder.define(half, index), block);
  };
  const first = {
    row: integer.plus(integer.scale(rowTile, size), own("laneRow")),
    column: integer.plus(integer.scale(columnTile, size), own("laneColumn")),
  };
  const end = (from: Int, outer: readonly Index[], base: string): Int => {
    const count = builder.named(extentsOf(outer), `${base}Count`);
    return builder.define(integer.extremum("min", constant(block), integer.minus(count, from)), `${base}s`);
  };
  const [i, j] = [builder.name("i"), builder.name("j")];
  const rowEnd = end(first.row, rows.outer, "row");
  const columnEnd = end(first.column, columns.outer, "column");
  builder.loop({ index: i, from: integer.zero, to: rowEnd }, () => {
    const row = builder.define(integer.plus(first.row, variable(i)), "row");
    const rowAt = decode(builder, row, rows.outer);
    builder.loop({ index: j, from: integer.zero, to: columnEnd }, () => {
      const column = builder.define(integer.plus(first.column, variable(j)), "column");
      const at = new Map([...rowAt, ...decode(builder, column, columns.outer)]);
      const subscripts = work.subscripts.map((s) => integer.substituteInt(s, at));
      const offset = emitOffset(builder, part ? byItself(shapes, tensor) : shapes, tensor, subscripts);
      const sum = build.read(sums, [integer.plus(integer.scale(variable(i), block), variable(j))]);
      if (part) {
        const start = integer.times(variable(part.part), lengthOf(tensor, shapes));
        builder.emit({ kind: "store", buffer: part.buffer, offset: integer.plus(start, offset), value: sum });
        return;
      }
      const { epilogue, again } = work;
      const refine = vectors && ((code: readonly Code[]) => readByLane(code, vectors));
      const exact = again ? emitAgain(sum, substitute(again, at), emitter, { refine }) : sum;
      const plain = epilogue.kind === "parameter" && epilogue.name === total;
      if (plain) return builder.emit({ kind: "store", buffer: tensor, offset, value: exact });
      const whole = named(exact, "sum", builder);
      const finished = rewrite(substitute(epilogue, at), (e) =>
        e.kind === "parameter" && e.name === total ? whole : e,
      );
      builder.emit({ kind: "store", buffer: tensor, offset, value: value(finished) });
    });
  });
}

export const lengthOf = (tensor: string, shapes: Shapes): Int =>
  integer.times(integer.one, ...(shapes.get(tensor)?.shape ?? []));
