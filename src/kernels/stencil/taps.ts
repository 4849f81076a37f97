/** The taps of a window as lists: where each reads, and what it is multiplied by. */
import * as build from "../../notation/construct.js";
import type { Binder } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index } from "../../notation/layer.js";
import { flatPosition } from "../../calculus/positions.js";
import { unit, type Term } from "../contraction/terms.js";
import type { Emitter } from "../reduce.js";
import { pointAt, type Plane } from "./plane.js";
import type { Stencil } from "./stencil.js";
import { stencilPanel } from "./tile.js";

export const indexOf = ({ name, upper }: Binder): Index => ({ name, extent: upper });

/** The row-major position of indices in their box. */
export const flat = (indices: readonly Index[]): Int =>
  flatPosition(
    indices.map(({ name, extent }) => ({ name, lower: integer.zero, upper: extent })),
    indices.map((i) => i.extent),
  );

/** The taps in a phase, which keeps the order of the summed indices. */
export const tapsIn = ({ term, taps }: Stencil, phase: Term): readonly Index[] =>
  phase.reduced.filter((_, i) => taps.some((t) => t.name === term.reduced[i]?.name)).map(indexOf);

/** The value with the given indices at 0. */
export const atOrigin = (value: Int, indices: readonly { readonly name: string }[]): Int =>
  integer.substituteInt(value, new Map(indices.map(({ name }) => [name, integer.zero])));

/** places[tap] = how far the tap's point is from the place of its result. */
export function listPlaces(stencil: Stencil, term: Term, plane: Plane, { builder }: Emitter): void {
  const taps = tapsIn(stencil, term);
  builder.loops(taps, () => {
    const parts = stencil.slides.map(({ axis, low }, i) => {
      const subscript = term.rows.read.subscripts[axis] ?? integer.zero;
      const stride = plane.strides[i];
      if (stride) return integer.times(stride, integer.minus(subscript, atOrigin(subscript, taps)));
      const point = integer.minus(atOrigin(subscript, term.rows.outer), low);
      return pointAt(builder.named(point, "point"), plane);
    });
    const value = integer.plus(...parts);
    builder.emit({ kind: "store", buffer: stencilPanel.places, offset: flat(taps), value });
  });
}

/** weights[tap] = the other operand there, 1 where there is none. */
export function listWeights(stencil: Stencil, term: Term, { builder, value }: Emitter): void {
  const taps = tapsIn(stencil, term);
  builder.loops(taps, () => {
    const weight = term.columns.read.tensor === unit.read.tensor ? build.one : value(term.columns.read);
    builder.emit({ kind: "store", buffer: stencilPanel.weights, offset: flat(taps), value: weight });
  });
}
