/**
 * The copy of a plane. Along its fastest axis, where results go on by a step a, points fall apart by their remainder:
 * point v stands at (v mod a)·length + ⌊v/a⌋, so neighbouring results read neighbouring points whatever the stride.
 */
import { simplifyInt } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Facts } from "../../ranges/prove.js";
import type { Builder } from "../block.js";
import { phasesOf } from "../contraction/phases.js";
import { axisName, emitOffset, readOf, type Shapes } from "../offsets.js";
import type { Emitter } from "../reduce.js";
import type { Slide, Stencil } from "./stencil.js";
import { lanes, stencilPanel } from "./tile.js";

const { constant, variable } = integer;

export interface Plane {
  /** How far neighbouring results are apart in the operand. */
  readonly step: Int;
  /** Points of one remainder. */
  readonly length: Int;
  /** Points from one value of a slid axis to the next, but for the fastest one. */
  readonly strides: readonly Int[];
  readonly extent: Int;
}

export function planeOf(stencil: Stencil, facts: Facts): Plane {
  const step = stepOf(stencil, facts);
  const spans = stencil.slides.map(({ low, high }) => integer.plus(high, integer.negate(low), integer.one));
  const most = integer.ceilDivide(spans.at(-1) ?? integer.one, step);
  // the last results of a row are summed with points past its end
  const length = simplifyInt(integer.plus(most, integer.constant(lanes - 1)), facts);
  const strides: Int[] = [];
  let extent = integer.times(step, length);
  for (const span of spans.slice(0, -1).reverse()) {
    strides.unshift(extent);
    extent = simplifyInt(integer.times(extent, span), facts);
  }
  return { step, length, strides, extent };
}

/** In a phase of a strided gradient neighbouring results read neighbouring points. */
function stepOf({ term, moving, slides }: Stencil, facts: Facts): Int {
  const along = moving.at(-1)?.name ?? "";
  if (phasesOf(term, facts).some((p) => p.index.name === along)) return integer.one;
  const subscript = term.rows.read.subscripts[slides.at(-1)?.axis ?? 0] ?? integer.zero;
  return integer.affineIn(subscript, along)?.coefficient ?? integer.one;
}

/** The plane with its measures named, and its margins set to 0: they are not written again. */
export function clearPlane(plane: Plane, { builder, constants }: Emitter): Plane {
  const fixed = (value: Int, base: string): Int =>
    integer.plainVariable(value) === undefined && integer.literal(value) === undefined
      ? constants.value(value, base)
      : value;
  const at = builder.name("at");
  const extent = fixed(plane.extent, "planeSize");
  builder.loop({ index: at, from: integer.zero, to: extent }, () =>
    builder.emit({
      kind: "store",
      buffer: stencilPanel.plane,
      offset: integer.variable(at),
      value: build.zero,
    }),
  );
  const strides = plane.strides.map((s) => fixed(s, "planeStride"));
  return { step: plane.step, length: fixed(plane.length, "rowLength"), strides, extent };
}

/** Copies the points in bounds that some tap reads. */
export function fillPlane(stencil: Stencil, plane: Plane, builder: Builder, shapes: Shapes): void {
  const { read } = stencil.term.rows;
  const tensor = shapes.get(read.tensor);
  const fastest = stencil.slides.at(-1);
  if (!tensor || !fastest) throw new Error(`no plane of ${read.tensor}`);
  const subscripts = [...read.subscripts];
  /** The range of an axis in bounds, under a name of its own. */
  const range = ({ axis, low, high }: Slide) => {
    const name = builder.name(axisName(tensor, axis));
    const end = integer.extremum("min", tensor.shape[axis] ?? integer.one, integer.plus(high, integer.one));
    const start = integer.extremum("max", integer.zero, low);
    const [from, to] = [start, end].map((value) => simplifyInt(value, builder.facts)) as [Int, Int];
    return { name, from: builder.named(from, `${name}From`), to: builder.named(to, `${name}To`) };
  };
  const overRows = (slides: readonly Slide[], at: Int, fill: (at: Int) => void): void => {
    const [slide, ...inner] = slides;
    const stride = plane.strides[stencil.slides.length - 1 - slides.length];
    if (!slide || !stride) return fill(at);
    const { name, from, to } = range(slide);
    const value = integer.variable(name);
    subscripts[slide.axis] = value;
    const row = integer.plus(at, integer.times(stride, integer.minus(value, slide.low)));
    builder.loop({ index: name, from, to }, () => overRows(inner, row, fill));
  };
  const copy = (index: string, from: Int, to: Int, start: Int): void => {
    // four points a step: the rows are short, and their loops' ends cost as much as a few points
    const count = integer.extremum("max", integer.zero, integer.minus(to, from));
    builder.states(count, unrolled);
    const whole = integer.minus(to, integer.modulo(count, constant(unrolled)));
    const rest = builder.named(simplifyInt(whole, builder.facts), `${index}Rest`);
    overRows(stencil.slides.slice(0, -1), start, (at) => {
      const row = builder.named(at, "plane_at");
      const run = (name: string, first: Int, end: Int, width: number): void =>
        builder.loop({ index: name, from: first, to: end, step: constant(width) }, () => {
          copyPoints(row, variable(name), width);
        });
      run(index, from, rest, unrolled);
      run(builder.name(index), rest, to, 1);
    });
  };
  const { name, from, to } = range(fastest);
  /** The subscript of the point that stands at `at` of its row. */
  let place = (at: Int): Int => at;
  const apart = integer.times(plane.step, ...tensor.shape.slice(fastest.axis + 1));
  const copyPoints = (row: Int, at: Int, count: number): void => {
    subscripts[fastest.axis] = place(at);
    const offset = emitOffset(builder, shapes, tensor.name, subscripts);
    for (let i = 0; i < count; i++) {
      const value = readOf(tensor.name, integer.plus(offset, integer.scale(apart, i)));
      const to = integer.plus(row, at, constant(i));
      builder.emit({ kind: "store", buffer: stencilPanel.plane, offset: to, value });
    }
  };
  if (integer.literal(plane.step) === 1) return copy(name, from, to, integer.negate(fastest.low));
  // the points first, first + a, first + 2a, …
  const offset = builder.name(`${name}Offset`);
  const offsets = integer.extremum("min", plane.step, tensor.shape[fastest.axis] ?? integer.one);
  builder.loop({ index: offset, from: integer.zero, to: simplifyInt(offsets, builder.facts) }, () => {
    const first = builder.define(integer.plus(from, integer.variable(offset)), `${name}First`);
    const start = builder.define(pointAt(integer.minus(first, fastest.low), plane), "start");
    const count = integer.ceilDivide(integer.minus(to, first), plane.step);
    place = (at) => integer.plus(first, integer.times(plane.step, at));
    copy(name, integer.zero, builder.define(count, `${name}Count`), start);
  });
}

/** How many points of a row are copied at a step. */
const unrolled = 4;

/** Where the point `value`, counted from the row's first, stands in its row. */
export const pointAt = (value: Int, { step, length }: Plane): Int =>
  integer.literal(step) === 1
    ? value
    : integer.plus(integer.times(integer.modulo(value, step), length), integer.floorDivide(value, step));
