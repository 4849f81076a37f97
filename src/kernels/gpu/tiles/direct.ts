/** Tiles without a workgroup: each thread reads its own rows and columns, four or eight, at every point of the depth. */
import * as build from "../../../notation/construct.js";
import type { Binder, Condition } from "../../../notation/expression.js";
import { bare } from "../../../notation/fresh.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Term } from "../../contraction/terms.js";
import type { Shapes } from "../../offsets.js";
import type { Emitter } from "../../reduce.js";
import { guardedOperand, loadNeighbours } from "./operand.js";
import { call, type Place } from "./place.js";
import { routines } from "../program.js";

const { constant, variable, zero } = integer;
/** So many points of the depth make a turn of an unrolled loop: what a turn costs besides is paid once. */
const turns = { 4: 4, 8: 2 };
/** What the innermost loop of a convolution runs along. */
export type Order = "channels" | "window";
/** Rows and columns of sums that a thread has. */
export type Block = 4 | 8;

type Point = ReadonlyMap<string, Int>;

export function emitDirect(
  { work, rowTile, columnTile }: Place,
  block: Block,
  order: Order,
  emitter: Emitter,
  shapes: Shapes,
): void {
  const { builder } = emitter;
  const turn = turns[block];
  const { term } = work;
  const rows = guardedOperand(term.rows, term.reduced, emitter, shapes);
  const columns = guardedOperand(term.columns, term.reduced, emitter, shapes);
  const neighbours = (tile: Int) => ({ first: integer.scale(tile, block), together: block });
  const multiply = (points: readonly Point[]): void => {
    const factors = points.flatMap((at) => [
      ...loadNeighbours(rows, neighbours(rowTile), at, emitter, shapes, "row"),
      ...loadNeighbours(columns, neighbours(columnTile), at, emitter, shapes, "column"),
    ]);
    builder.emit(call(routines.multiplyVectors, [], [constant(block)], factors));
  };
  /** A loop that takes `step` points at a turn. */
  const along = (binder: Binder, at: Point, from: Int, to: Int, step: number): void => {
    const index = builder.name(binder.name);
    builder.loop({ index, from, to, step: constant(step) }, () => {
      const point = (k: number): Point => {
        const value = builder.named(integer.plus(variable(index), constant(k)), binder.name);
        const name = integer.plainVariable(value) ?? index;
        builder.know(name, { lower: from, upper: integer.minus(to, integer.one) });
        return new Map([...at, [binder.name, value]]);
      };
      multiply(Array.from({ length: step }, (_, k) => point(k)));
    });
  };
  const nest = ([binder, ...inner]: readonly Binder[], at: Point): void => {
    if (!binder) return multiply([at]);
    const to = integer.substituteInt(binder.upper, at);
    if (integer.literal(to) === 1) return nest(inner, new Map([...at, [binder.name, zero]]));
    if (inner.length === 0 && unrolls(term)) {
      builder.states(to, turn);
      const whole = builder.named(
        integer.scale(integer.floorDivide(to, constant(turn)), turn),
        `${bare(binder.name)}End`,
      );
      along(binder, at, zero, whole, turn);
      if (!integer.equal(whole, to)) along(binder, at, whole, to, 1);
      return;
    }
    const index = builder.name(binder.name);
    const filled = () => nest(inner, new Map([...at, [binder.name, variable(index)]]));
    builder.loop({ index, from: zero, to }, filled);
  };
  nest(order === "channels" ? channelsInside(term, shapes) : term.reduced, new Map());
}

/** Whether no subscript combines the index with others: no window moves with it. */
const isPlain = ({ rows, columns }: Term, { name }: Binder): boolean =>
  [rows.read, columns.read].every(({ subscripts }) =>
    subscripts.every((s) => !integer.mentions(s, name) || integer.plainVariable(s) === name),
  );

/** Matrix products: where a window moves, the tests of every read weigh more than the turns; three channels would be a rest alone. */
const unrolls = (term: Term): boolean => term.reduced.every((b) => isPlain(term, b));

/**
 * A weight's taps are walked outside of the channels, so that their bounds are tested seldom. Other sums keep the order of
 * their indices, in which the last one runs along a tensor.
 */
function channelsInside(term: Term, shapes: Shapes): readonly Binder[] {
  const { rows, columns, reduced } = term;
  if (![rows.read, columns.read].some((r) => shapes.get(r.tensor)?.role === "weight")) return reduced;
  return [...reduced.filter((b) => !isPlain(term, b)), ...reduced.filter((b) => isPlain(term, b))];
}

/** For which sizes the window's rows are longer than there are channels: then they are the innermost loop. */
export function hasFewChannels(term: Term, shapes: Shapes): Condition {
  const [channels, window] = [channelsInside(term, shapes).at(-1), term.reduced.at(-1)];
  return channels && window && channels !== window
    ? build.below(channels.upper, window.upper)
    : build.falsehood;
}
