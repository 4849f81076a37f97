/**
 * Which kernel computes a statement: tiles where a packed element serves many columns, a stencil where few, a sweep for
 * windows that are no products, a loop nest for the rest. Where sizes decide, both are made and the plan chooses.
 */
import * as build from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";
import type { Facts } from "../ranges/prove.js";
import { emitContraction } from "./contraction/emit.js";
import { sumsOf, type Operand, type TiledSums } from "./contraction/terms.js";
import { hoistInvariants } from "./invariants.js";
import {
  kernelOf,
  lowerExtreme,
  lowerStatement,
  tiledIn,
  type KernelSource,
  type Lowered,
  type Surroundings,
} from "./lower.js";
import type { Emitter } from "./reduce.js";
import { emitLanes, type Lanes } from "./recurrences/lanes.js";
import { emitRows } from "./rows.js";
import { emitStencil } from "./stencil/emit.js";
import { planeOf } from "./stencil/plane.js";
import { stencilOf, type Stencil } from "./stencil/stencil.js";
import { capacity, lanes } from "./stencil/tile.js";
import { emitWindows } from "./sweep/emit.js";
import { sweepOf, type Sweep } from "./sweep/sweep.js";
import { unroll } from "./unroll.js";

/** Makes the kernel of a statement or of several that share their loops, or the two that sizes choose from. */
export function lowerPiece(source: KernelSource, around: Surroundings, lanes?: Lanes): Lowered {
  const { piece } = source;
  if (lanes) return lowerLanes(source, lanes, around);
  const { scope, shapes } = around;
  const [statement] = piece.statements;
  const [best, position] = piece.extreme ?? [];
  const alone = piece.statements.length === 1 ? statement : position;
  const plain = (suffix = "") => lowerPlain({ ...source, name: source.name + suffix }, around);
  if (!alone) return plain();
  const sums = sumsOf(alone, scope);
  const tiles = sums && tiledIn(sums, around);
  const sweep = sweepOf(alone, around.layer);
  const stencil = sums && stencilOf(alone, sums, shapes, scope.facts);
  const special = (suffix: string, emit: (emitter: Emitter) => void) =>
    kernelOf({ ...source, name: source.name + suffix }, around, emit);
  const slide = (found: Stencil, suffix: string) =>
    special(suffix, (emitter) => emitStencil(alone, found, emitter, shapes));
  const byRow = (found: Sweep, suffix: string) =>
    special(suffix, (emitter) => emitWindows(alone, found, emitter, shapes, best));
  const fits = stencil ? fitsPanels(stencil, scope.facts) : build.falsehood;
  if (tiles) {
    const tiled = () =>
      special("", (emitter) => emitContraction(alone, tiles, emitter, shapes, around.machine.tile));
    if (!sweep)
      return choice(tiled, smallProducts(tiles), () =>
        lowerPlain({ ...source, name: `${source.name}ByPoint` }, around, true),
      );
    const few = fewColumns(tiles, sweep);
    return stencil
      ? choice(tiled, build.and(few, fits), () => slide(stencil, "ByRow"))
      : choice(tiled, few, () => byRow(sweep, "ByRow"));
  }
  if (!stencil) return sweep ? byRow(sweep, "") : plain();
  const slid = () => slide(stencil, "");
  if (sweep) return choice(slid, build.not(fits), () => byRow(sweep, "ByRow"));
  // a weight's gradient: its rows are as short as the window
  return choice(slid, build.or(shortRows(alone), build.not(fits)), () => plain("ByPoint"));
}

/** A recurrence whose lanes keep to themselves. */
function lowerLanes(source: KernelSource, lanes: Lanes, around: Surroundings): Lowered {
  return kernelOf(
    { ...source, taken: [...lanes.outer, ...lanes.inner, ...lanes.steps.map((s) => ({ name: s.index }))] },
    around,
    (emitter) => emitLanes(lanes, emitter, around.shapes, false),
    (code, builder) => hoistInvariants(code, (base) => builder.name(base)),
  );
}

/** A loop nest, made faster; rows and extremes have their own. `products`: it sums products of two. */
function lowerPlain(source: KernelSource, around: Surroundings, products = false): Lowered {
  const { piece } = source;
  return kernelOf(
    source,
    around,
    (emitter) => {
      if (piece.group) emitRows(piece.group, emitter, around.shapes);
      else if (piece.extreme) lowerExtreme(piece.extreme, emitter, around.shapes);
      else for (const s of piece.statements) lowerStatement(s, emitter, around);
    },
    // windows have loops of their own design
    piece.extreme
      ? undefined
      : (code, builder, vectors) => {
          const fresh = (base: string): string => builder.name(base);
          const states = (extent: Int, at: number): void => builder.states(extent, at);
          const four = products && !around.machine.vectors;
          return unroll(vectors(hoistInvariants(code, fresh)), around.layer, {
            fresh,
            states,
            products: four,
          });
        },
  );
}

/** The one kernel, but the other where the condition holds. */
function choice(one: () => Lowered, when: Condition, other: () => Lowered): Lowered {
  if (when.kind === "truth") return when.value ? other() : one();
  const [kept, instead] = [one(), other()];
  return {
    kernel: kept.kernel,
    instead: { when, kernel: instead.kernel },
    scratch: [...kept.scratch, ...instead.scratch],
  };
}

/**
 * Too few rows or columns to pay for packing them, or too few of both: of R rows and C columns R + C are packed for each R·C that are
 * multiplied, and what stands around a tile is as long for the smallest.
 */
function smallProducts({ terms }: TiledSums): Condition {
  const extentOf = ({ outer }: Operand): Int => integer.times(integer.one, ...outer.map((i) => i.extent));
  const isFew = (extent: Int, most: number): Condition => build.atMost(extent, integer.constant(most));
  return build.and(
    ...terms.map((term) => {
      const [rows, columns] = [extentOf(term.rows), extentOf(term.columns)];
      return build.or(isFew(rows, 3), isFew(columns, 3), isFew(integer.times(rows, columns), 16));
    }),
  );
}

/** Fewer columns than pay for packing the rows: each packed element would be used as many times only. */
function fewColumns({ terms }: TiledSums, { along }: Sweep): Condition {
  const [term] = terms;
  if (!term?.rows.outer.includes(along)) return build.falsehood;
  const columns = term.columns.outer.map((i) => i.extent);
  return build.below(integer.times(integer.one, ...columns), integer.constant(8));
}

/** Whether the stencil's plane and its lists of taps fit in their panels. */
function fitsPanels(stencil: Stencil, facts: Facts): Condition {
  const taps = integer.times(integer.one, ...stencil.taps.map((t) => t.upper));
  const most = integer.constant(capacity);
  return build.and(build.atMost(planeOf(stencil, facts).extent, most), build.atMost(taps, most));
}

/** Rows that fill less than half of a stencil's lanes. */
const shortRows = ({ indices }: Statement): Condition =>
  build.below(indices.at(-1)?.extent ?? integer.one, integer.constant(lanes / 2 + 1));
