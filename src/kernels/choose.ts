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
import { sumsOf, type TiledSums } from "./contraction/terms.js";
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
import { emitRows } from "./rows.js";
import { emitStencil } from "./stencil/emit.js";
import { planeOf } from "./stencil/plane.js";
import { stencilOf, type Stencil } from "./stencil/stencil.js";
import { capacity, lanes } from "./stencil/tile.js";
import { emitWindows } from "./sweep/emit.js";
import { sweepOf, type Sweep } from "./sweep/sweep.js";
import { unroll } from "./unroll.js";

/** Makes the kernel of a statement or of several that share their loops, or the two that sizes choose from. */
export function lowerPiece(source: KernelSource, around: Surroundings): Lowered {
  const { piece } = source;
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
    if (!sweep) return tiled();
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

/** A loop nest, made faster; rows and extremes have their own. */
function lowerPlain(source: KernelSource, around: Surroundings): Lowered {
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
          return unroll(vectors(hoistInvariants(code, fresh)), around.layer, fresh, states);
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
