/**
 * A contraction as blocked, packed loops: a block of the columns is packed for a block of the depth, the rows
 * stream past it in strips, tile by tile.
 */
import { substitute } from "../../notation/binders.js";
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { rewrite } from "../../notation/traverse.js";
import type { Facts } from "../../ranges/prove.js";
import { emitOffset, type Shapes } from "../offsets.js";
import { named, type Emitter } from "../reduce.js";
import { emitAgain, sumsAgain } from "./excluded.js";
import { decode, isPackable, preparePack } from "./pack.js";
import {
  depthInPhase,
  extentInPhase,
  inTermsOfQuotients,
  overPhases,
  phasesOf,
  resolvable,
  type Work,
} from "./phases.js";
import { total, type Operand, type Term, type TiledSums } from "./terms.js";
import { columnLane, panels, type Tile } from "./tile.js";

/** Whether the sums can be packed. */
export const isTileable = ({ terms }: TiledSums, shapes: Shapes, facts: Facts): boolean =>
  terms.every((term) => isAffine(term, [term.rows, term.columns], shapes, facts));

/** Whether the operands are read at places affine in the reduced indices, once phases have resolved what is divided. */
export function isAffine(term: Term, operands: readonly Operand[], shapes: Shapes, facts: Facts): boolean {
  if (!resolvable(term, facts)) return false;
  const phases = phasesOf(term, facts);
  return operands.every((o) => {
    const { operand, quotients } = inTermsOfQuotients(o, phases);
    const extra = quotients.map((name) => ({ name, lower: integer.zero, upper: integer.one }));
    return isPackable(operand, [...term.reduced, ...extra], shapes);
  });
}

/** One sum after the other: the first one stores, the others add to it, the last one finishes. */
export function emitContraction(
  statement: Statement,
  { terms, epilogue }: TiledSums,
  emitter: Emitter,
  shapes: Shapes,
  tile: Tile,
): void {
  const { builder, constants } = emitter;
  const { subscripts } = statement;
  const again = sumsAgain(statement, terms, shapes, builder.facts);
  terms.forEach((term, i) => {
    const isLast = i === terms.length - 1;
    const work: Work = {
      term,
      subscripts,
      adds: i > 0,
      alone: terms.length === 1,
      ...(isLast ? { epilogue, again } : { epilogue: sumAlone }),
    };
    const { rows, columns } = term;
    builder.states(extentInPhase(rows.outer, term, builder.facts), tile.rows);
    for (const at of [tile.columns, tile.block])
      builder.states(extentInPhase(columns.outer, term, builder.facts), at);
    builder.states(depthInPhase(term, builder.facts, constants), tile.depth);
    builder.loops(term.batch, () =>
      overPhases(work, builder, constants, (phase) =>
        emitBlocks(statement.tensor, phase, emitter, shapes, tile),
      ),
    );
  });
}
const sumAlone: Expression = { kind: "parameter", name: total };

const extentOf = (indices: readonly { readonly extent: Int }[]): Int =>
  integer.times(integer.one, ...indices.map((i) => i.extent));
const { variable, constant } = integer;

function emitBlocks(tensor: string, work: Work, emitter: Emitter, shapes: Shapes, tile: Tile): void {
  const { builder } = emitter;
  const { rows, columns, reduced } = work.term;
  const rowCount = builder.named(extentOf(rows.outer), "rowCount");
  const columnCount = builder.named(extentOf(columns.outer), "columnCount");
  const fullDepth = builder.named(extentOf(reduced.map((b) => ({ extent: b.upper }))), "fullDepth");
  const [c0, k0, i0] = ["c0", "k0", "i0"].map((n) => builder.name(n)) as [string, string, string];
  const rest = (count: Int, from: string, most: number, base: string): Int =>
    builder.define(integer.extremum("min", constant(most), integer.minus(count, variable(from))), base);
  const loop = (index: string, to: Int, step: number, fill: () => void, parallel?: boolean): void =>
    builder.loop({ index, from: integer.zero, to, step: constant(step), parallel }, fill);
  const tileLoop = (tiles: Int, fill: (tile: Int) => void): void => {
    const index = builder.name("tile");
    loop(index, tiles, 1, () => fill(variable(index)));
  };

  loop(c0, columnCount, tile.block, () => {
    const width = rest(columnCount, c0, tile.block, "width");
    const tiles = builder.define(integer.ceilDivide(width, constant(tile.columns)), "tiles");
    // at least one block, so that a sum over no points is written as 0
    loop(k0, integer.extremum("max", fullDepth, integer.one), tile.depth, () => {
      const depth = rest(fullDepth, k0, tile.depth, "depth");
      const startAt = decode(
        builder,
        variable(k0),
        reduced.map((b) => ({ name: `${b.name}Start`, extent: b.upper })),
      );
      const start = reduced.map((b) => startAt.get(`${b.name}Start`) ?? integer.zero);
      const slice = { binders: reduced, start, depth };
      const packColumns = preparePack(builder, shapes, columns, slice);
      tileLoop(tiles, (at) =>
        packColumns({
          buffer: panels.columns,
          lanes: tile.columns,
          ...(tile.sideBySide ? { length: 1, step: tile.columns } : { length: columnLane(tile), step: 1 }),
          from: builder.define(integer.times(at, depth), "from"),
          first: integer.plus(variable(c0), integer.scale(at, tile.columns)),
          count: columnCount,
        }),
      );
      const packRows = preparePack(builder, shapes, rows, slice);
      loop(
        i0,
        rowCount,
        tile.rows,
        () => {
          packRows({
            buffer: panels.rows,
            lanes: tile.rows,
            length: tile.depth,
            step: 1,
            from: integer.zero,
            first: variable(i0),
            count: rowCount,
          });
          tileLoop(tiles, (at) =>
            builder.emit({
              kind: "call",
              routine: tile.routine.name,
              integers: [integer.times(at, depth), depth, integer.scale(at, tile.columns)],
            }),
          );
          emitStores(tensor, work, emitter, shapes, tile, {
            row: { from: variable(i0), count: rowCount },
            column: { from: variable(c0), count: width },
            first: variable(k0),
            last: integer.minus(integer.plus(variable(k0), constant(tile.depth)), fullDepth),
          });
        },
        work.alone,
      );
    });
  });
}

interface StripPlace {
  /** The strip's first row, of how many in all. */
  readonly row: { readonly from: Int; readonly count: Int };
  /** Its first column, and how many it has. */
  readonly column: { readonly from: Int; readonly count: Int };
  /** 0 in the first block of the depth. */
  readonly first: Int;
  /** Not negative in the last block. */
  readonly last: Int;
}

/** Adds a strip of sums to what earlier blocks of the depth have stored; the last block applies the epilogue. */
function emitStores(
  tensor: string,
  work: Work,
  emitter: Emitter,
  shapes: Shapes,
  tile: Tile,
  place: StripPlace,
): void {
  const { builder } = emitter;
  const [row, column] = [builder.name("row"), builder.name("column")];
  const stripEnd = integer.plus(place.row.from, constant(tile.rows));
  const rowEnd = builder.define(integer.extremum("min", stripEnd, place.row.count), "rowEnd");
  const columnEnd = builder.define(integer.plus(place.column.from, place.column.count), "columnEnd");
  builder.loop({ index: row, from: place.row.from, to: rowEnd }, () => {
    const rowAt = decode(builder, variable(row), work.term.rows.outer);
    const lane = integer.scale(integer.minus(variable(row), place.row.from), tile.block);
    const sums = builder.define(integer.minus(lane, place.column.from), "sums_at");
    builder.loop({ index: column, from: place.column.from, to: columnEnd }, () => {
      const at = new Map([...rowAt, ...decode(builder, variable(column), work.term.columns.outer)]);
      const subscripts = work.subscripts.map((s) => integer.substituteInt(s, at));
      const offset = emitOffset(builder, shapes, tensor, subscripts);
      const strip = build.read(panels.sums, [integer.plus(sums, variable(column))]);
      const added = build.add(build.read(tensor, [offset]), strip);
      const sum = work.adds ? added : build.select(build.isZero(place.first), strip, added);
      builder.emit({ kind: "store", buffer: tensor, offset, value: finished(sum, work, at, place, emitter) });
    });
  });
}

function finished(
  sum: Expression,
  work: Work,
  at: ReadonlyMap<string, Int>,
  place: StripPlace,
  emitter: Emitter,
): Expression {
  const { builder, value } = emitter;
  const { epilogue, again } = work;
  const isLast = build.nonNegative(place.last);
  if (again) sum = emitAgain(sum, substitute(again, at), emitter, { when: isLast });
  if (epilogue.kind === "parameter" && epilogue.name === total) return sum;
  const number = named(sum, "sum", builder);
  const whole = rewrite(substitute(epilogue, at), (e) =>
    e.kind === "parameter" && e.name === total ? number : e,
  );
  return build.select(isLast, value(whole), number);
}
