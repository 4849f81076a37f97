/**
 * A contraction as blocked, packed loops: a block of the columns is packed for a block of the depth, the rows
 * stream past it tile by tile.
 */
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { rewrite, substitute } from "../../notation/traverse.js";
import type { Facts } from "../../ranges/prove.js";
import { emitOffset, type Shapes } from "../offsets.js";
import type { Emitter } from "../reduce.js";
import { decode, emitPack, isPackable } from "./pack.js";
import { isDivisibility, overPhases, resolvable, type Work } from "./phases.js";
import { total, type Contraction } from "./roles.js";
import { multiplyTile, packedColumns, packedDepth, tileColumns, tileRows } from "./tile.js";

/** The plan's panels: packed rows, packed columns, and one tile of sums. */
export const panels = { rows: "packedRows", columns: "packedColumns", tile: "tileSums" } as const;

/** Whether the contraction can be packed. */
export function isTileable({ term }: Contraction, shapes: Shapes, facts: Facts): boolean {
  if (!resolvable(term, facts)) return false;
  // divisibilities are resolved before packing; what is left must be affine
  return [term.rows, term.columns].every((o) => {
    const subscripts = o.read.subscripts.map((s) =>
      integer.mapAtoms(s, (atom) => (atom.kind === "exact" ? atom.numerator : undefined)),
    );
    return isPackable(
      { ...o, read: { ...o.read, subscripts }, guard: o.guard.filter((c) => !isDivisibility(c)) },
      term.reduced,
      shapes,
    );
  });
}

export function emitContraction(
  statement: Statement,
  { term, epilogue }: Contraction,
  emitter: Emitter,
  shapes: Shapes,
): void {
  const { builder, constants } = emitter;
  builder.loops(term.batch, () =>
    overPhases({ term, subscripts: statement.subscripts, epilogue }, builder, constants, (work) =>
      emitBlocks(statement.tensor, work, emitter, shapes),
    ),
  );
}

const extentOf = (indices: readonly { readonly extent: Int }[]): Int =>
  integer.times(integer.one, ...indices.map((i) => i.extent));
const { variable, constant } = integer;

function emitBlocks(tensor: string, work: Work, emitter: Emitter, shapes: Shapes): void {
  const { builder } = emitter;
  const { rows, columns, reduced } = work.term;
  const rowCount = builder.named(extentOf(rows.outer), "rowCount");
  const columnCount = builder.named(extentOf(columns.outer), "columnCount");
  const fullDepth = builder.named(extentOf(reduced.map((b) => ({ extent: b.upper }))), "fullDepth");
  const [c0, k0, i0, j0] = ["c0", "k0", "i0", "j0"].map((n) => builder.name(n)) as [
    string,
    string,
    string,
    string,
  ];
  const rest = (count: Int, from: string, most: number, base: string): Int =>
    builder.define(integer.extremum("min", constant(most), integer.minus(count, variable(from))), base);

  const loop = (index: string, to: Int, step: number, fill: () => void): void =>
    builder.loop({ index, from: integer.zero, to, step: constant(step) }, fill);
  loop(c0, columnCount, packedColumns, () => {
    const width = rest(columnCount, c0, packedColumns, "width");
    // at least one block, so that a sum over no points is written as 0
    loop(k0, integer.extremum("max", fullDepth, integer.one), packedDepth, () => {
      const depth = rest(fullDepth, k0, packedDepth, "depth");
      const at = decode(
        builder,
        variable(k0),
        reduced.map((b) => ({ name: `${b.name}Start`, extent: b.upper })),
      );
      const start = reduced.map((b) => at.get(`${b.name}Start`) ?? integer.zero);
      const j = builder.name("j");
      loop(j, width, tileColumns, () =>
        emitPack(builder, shapes, columns, reduced, start, depth, {
          buffer: panels.columns,
          width: tileColumns,
          base: builder.define(integer.times(variable(j), depth), "panel"),
          first: integer.plus(variable(c0), variable(j)),
          count: columnCount,
        }),
      );
      loop(i0, rowCount, tileRows, () => {
        emitPack(builder, shapes, rows, reduced, start, depth, {
          buffer: panels.rows,
          width: tileRows,
          base: integer.zero,
          first: variable(i0),
          count: rowCount,
        });
        loop(j0, width, tileColumns, () => {
          builder.emit({
            kind: "call",
            routine: multiplyTile.name,
            buffers: [panels.rows, panels.columns, panels.tile],
            integers: [integer.times(variable(j0), depth), depth],
          });
          emitStores(tensor, work, emitter, shapes, {
            row: { from: variable(i0), count: rowCount },
            column: { from: integer.plus(variable(c0), variable(j0)), count: columnCount },
            first: variable(k0),
            last: integer.minus(integer.plus(variable(k0), constant(packedDepth)), fullDepth),
          });
        });
      });
    });
  });
}

interface Place {
  readonly from: Int;
  readonly count: Int;
}
interface TilePlace {
  readonly row: Place;
  readonly column: Place;
  /** 0 in the first block of the depth. */
  readonly first: Int;
  /** Not negative in the last block. */
  readonly last: Int;
}

/** Adds the tile to what earlier blocks of the depth have stored; the last block applies the epilogue. */
function emitStores(tensor: string, work: Work, emitter: Emitter, shapes: Shapes, place: TilePlace): void {
  const { builder } = emitter;
  const end = ({ from, count }: Place, most: number): Int =>
    builder.define(integer.extremum("min", integer.plus(from, constant(most)), count), "end");
  const [row, column] = [builder.name("row"), builder.name("column")];
  const rowEnd = end(place.row, tileRows);
  const columnEnd = end(place.column, tileColumns);
  builder.loop({ index: row, from: place.row.from, to: rowEnd }, () => {
    const rowAt = decode(builder, variable(row), work.term.rows.outer);
    builder.loop({ index: column, from: place.column.from, to: columnEnd }, () => {
      const at = new Map([...rowAt, ...decode(builder, variable(column), work.term.columns.outer)]);
      const subscripts = work.subscripts.map((s) => integer.substituteInt(s, at));
      const offset = emitOffset(builder, shapes, tensor, subscripts);
      const lane = integer.plus(
        integer.scale(integer.minus(variable(row), place.row.from), tileColumns),
        integer.minus(variable(column), place.column.from),
      );
      const tile = build.read(panels.tile, [lane]);
      const sum = build.select(
        build.isZero(place.first),
        tile,
        build.add(build.read(tensor, [offset]), tile),
      );
      builder.emit({ kind: "store", buffer: tensor, offset, value: finished(sum, work, at, place, emitter) });
    });
  });
}

function finished(
  sum: Expression,
  work: Work,
  at: ReadonlyMap<string, Int>,
  place: TilePlace,
  { builder, value }: Emitter,
): Expression {
  const plain = work.epilogue.kind === "parameter" && work.epilogue.name === total;
  if (plain) return sum;
  const name = builder.name("sum");
  builder.emit({ kind: "real", name, value: sum });
  const parameter: Expression = { kind: "parameter", name };
  const epilogue = rewrite(substitute(work.epilogue, at), (e) =>
    e.kind === "parameter" && e.name === total ? parameter : e,
  );
  return build.select(build.nonNegative(place.last), value(epilogue), parameter);
}
