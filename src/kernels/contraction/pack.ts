/**
 * Packing: a slice of an operand copied into a panel in the order in which the tile reads it. The index map is
 * applied here, and points out of bounds become zeros, so that the inner loop has neither.
 */
import { simplifyInt } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import type { Binder, Condition, Expression } from "../../notation/expression.js";
import { bare } from "../../notation/fresh.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index, Tensor } from "../../notation/layer.js";
import { factsInside } from "../../ranges/facts.js";
import type { Builder } from "../block.js";
import type { Code } from "../program.js";
import { flatOffset, nameAtoms, type Shapes } from "../offsets.js";
import { checksOf, insideEverywhere } from "./checks.js";
import { emitOdometer, gainsOf, isEven, type Odometer } from "./odometer.js";
import type { Operand } from "./terms.js";
import { panels } from "./tile.js";

/** Whether the operand can be packed by stepping: offset and guards affine in the reduced indices. */
export function isPackable(operand: Operand, binders: readonly Binder[], shapes: Shapes): boolean {
  const { read, guard } = operand;
  const affine = (value: Int): boolean => gainsOf(value, binders) !== undefined;
  return (
    shapes.has(read.tensor) &&
    read.subscripts.every(affine) &&
    guard.every((c) => (c.kind === "nonnegative" || c.kind === "zero") && affine(c.value))
  );
}

/** The depths that are packed at once: `depth` points of the binders' box in row-major order, the first at `start`. */
export interface Slice {
  readonly binders: readonly Binder[];
  readonly start: readonly Int[];
  readonly depth: Int;
}
/** Where some rows (columns) go in a panel. */
export interface Place {
  readonly buffer: string;
  /** How many there are, how far each one's lane is from the one before, and each depth in it. */
  readonly lanes: number;
  readonly length: number;
  readonly step: number;
  /** The depth in the lanes at which they begin. */
  readonly from: Int;
  /** The first one, among `count`. */
  readonly first: Int;
  readonly count: Int;
}

/**
 * Emits what is common to all rows (columns) of the slice; the result packs some of them:
 * panel[lane·length + (from + k)·step] = the operand at row first + lane and depth k, for k < depth.
 */
export function preparePack(
  builder: Builder,
  shapes: Shapes,
  given: Operand,
  whole: Slice,
): (place: Place) => void {
  const tensor = shapes.get(given.read.tensor);
  if (!tensor) throw new Error(`no buffer ${given.read.tensor}`);
  const { operand, slice } = apartFromCode(given, whole);
  const { binders, start, depth } = slice;
  const k = builder.name("k");
  const offsetAt = `${tensor.name}_at`;
  const way = wayOf(tensor, operand, binders);
  const tabled = way !== undefined && !isEven(binders, way);
  if (tabled) emitSteps(builder, tensor, way, slice);
  /** The operand of the row (column) `place.first + lane`. Lanes past the end repeat the last one; their sums are not stored. */
  const laneOf = (place: Place, lane: Int): Operand => {
    const wanted = integer.plus(place.first, lane);
    const flat = integer.extremum("min", wanted, integer.minus(place.count, integer.one));
    const at = decode(builder, builder.define(flat, "which"), operand.outer);
    const facts = factsInside(builder.facts, binders);
    const placed = (value: Int): Int =>
      nameAtoms(builder, shapes, simplifyInt(integer.substituteInt(value, at), facts));
    return {
      read: { ...operand.read, subscripts: operand.read.subscripts.map(placed) },
      outer: [],
      guard: operand.guard.map((c) => placeCondition(c, placed)),
    };
  };
  const origin = new Map(binders.map((b) => [b.name, integer.zero]));
  /** Where the operand's slice would begin if it began at the first depth of all. */
  const firstOf = ({ read }: Operand): Int => {
    const offset = integer.substituteInt(flatOffset(tensor, read.subscripts), origin);
    return builder.named(simplifyInt(offset, factsInside(builder.facts, binders)), offsetAt);
  };
  const laneAt = (place: Place, lane: Int): Int =>
    builder.named(
      integer.plus(integer.scale(place.from, place.step), integer.scale(lane, place.length)),
      "to",
    );
  const inLane = (to: Int, place: Place): Int =>
    integer.plus(to, integer.scale(integer.variable(k), place.step));

  /** All lanes at a depth, then the next one: what lies side by side in memory is read together. */
  const packTogether = (place: Place, along: Way): void => {
    const lanes = Array.from({ length: place.lanes }, (_, lane) => {
      const at = integer.constant(lane);
      return { from: firstOf(laneOf(place, at)), to: laneAt(place, at) };
    });
    const walked = tabled ? undefined : emitWay(builder, tensor, along, slice);
    const step = walked?.values[0] ?? integer.element(panels.steps, [integer.variable(k)]);
    builder.loop({ index: k, from: integer.zero, to: depth }, () =>
      builder.emit(
        ...lanes.map(({ from, to }): Code => {
          const value = build.read(tensor.name, [integer.plus(from, step)]);
          return { kind: "store", buffer: place.buffer, offset: inLane(to, place), value };
        }),
        ...(walked?.step ?? []),
      ),
    );
  };

  const together = way && liesSideBySide(tensor, operand, way) && isInside(operand, binders, shapes, builder);
  return (place) => {
    // more lanes would be longer code than they are worth
    if (together && place.lanes <= mostTogether) return packTogether(place, way);
    const lane = builder.name("lane");
    builder.loop({ index: lane, from: integer.zero, to: integer.constant(place.lanes) }, () => {
      const own = laneOf(place, integer.variable(lane));
      const facts = factsInside(builder.facts, binders);
      const checks = checksOf(own, shapes, facts);
      const offset = flatOffset(tensor, own.read.subscripts);
      const to = laneAt(place, integer.variable(lane));
      const copy = (read: Expression, step: readonly Code[]): void =>
        builder.loop({ index: k, from: integer.zero, to: depth }, () => {
          const at = inLane(to, place);
          builder.emit({ kind: "store", buffer: place.buffer, offset: at, value: read }, ...step);
        });
      const copyTested = (): void => {
        const odometer = emitOdometer(builder, binders, start, [
          { name: offsetAt, value: offset },
          ...checks,
        ]);
        const [from = integer.zero, ...values] = odometer.values;
        const there = build.and(...checks.map((c, i) => c.holds(values[i] ?? integer.zero)));
        copy(build.select(there, build.read(tensor.name, [from]), build.zero), odometer.step);
      };
      const copyPlain = (): void => {
        if (!tabled) {
          const { step, values } = emitOdometer(builder, binders, start, [{ name: offsetAt, value: offset }]);
          return copy(build.read(tensor.name, [values[0] ?? integer.zero]), step);
        }
        const from = integer.plus(firstOf(own), integer.element(panels.steps, [integer.variable(k)]));
        copy(build.read(tensor.name, [from]), []);
      };
      if (checks.length === 0) return copyPlain();
      const inside = insideEverywhere(checks, binders, facts);
      if (!inside) return copyTested();
      builder.emit({
        kind: "if",
        condition: inside,
        then: builder.block(copyPlain),
        otherwise: builder.block(copyTested),
      });
    });
  };
}

/**
 * Reduced indices with a prime more than any other has. They stand in subscripts into which a row's indices are put, by the
 * names that code has for them: `n` for n', which must not be taken for a reduced n. No name of code has a prime.
 */
function apartFromCode(operand: Operand, slice: Slice): { operand: Operand; slice: Slice } {
  const names = new Set([...operand.outer, ...slice.binders].map((i) => i.name));
  // a batch's indices too
  for (const subscript of operand.read.subscripts) integer.variablesOf(subscript, names);
  const by = new Map<string, string>();
  for (const { name } of slice.binders) {
    let primed = `${name}'`;
    while (names.has(primed)) primed += "'";
    names.add(primed);
    by.set(name, primed);
  }
  const to = new Map([...by].map(([from, primed]) => [from, integer.variable(primed)]));
  const value = (v: Int): Int => integer.substituteInt(v, to);
  return {
    operand: {
      ...operand,
      read: { ...operand.read, subscripts: operand.read.subscripts.map(value) },
      guard: operand.guard.map((c) => placeCondition(c, value)),
    },
    slice: { ...slice, binders: slice.binders.map((b) => ({ ...b, name: by.get(b.name) ?? b.name })) },
  };
}

const mostTogether = 3;

/** What an operand's offset gains with each reduced index. */
type Way = readonly Int[];
/** The way through the depths, where it is the same for all rows. */
function wayOf(tensor: Tensor, { read, outer }: Operand, binders: readonly Binder[]): Way | undefined {
  const gains = gainsOf(flatOffset(tensor, read.subscripts), binders);
  const differ = gains?.some((gain) => outer.some((i) => integer.mentions(gain, i.name)));
  return differ ? undefined : gains;
}

/** Whether neighbouring rows are neighbours in memory, and neighbouring depths are not. */
function liesSideBySide(tensor: Tensor, { read, outer }: Operand, way: Way): boolean {
  const last = outer.at(-1);
  const gain = last && integer.affineIn(flatOffset(tensor, read.subscripts), last.name)?.coefficient;
  const isOne = (value: Int | undefined): boolean => value !== undefined && integer.literal(value) === 1;
  return isOne(gain) && !isOne(way.at(-1));
}

/** Whether every point of the operand counts. */
function isInside(operand: Operand, binders: readonly Binder[], shapes: Shapes, { facts }: Builder): boolean {
  const ranges = operand.outer.map(({ name, extent }) => ({ name, lower: integer.zero, upper: extent }));
  return checksOf(operand, shapes, factsInside(facts, [...ranges, ...binders])).length === 0;
}

/** How far the depth at hand is from the first of all, as a counter. */
const emitWay = (builder: Builder, tensor: Tensor, way: Way, { binders, start }: Slice): Odometer => {
  const value = integer.plus(
    ...way.map((gain, i) => integer.times(gain, integer.variable(binders[i]?.name ?? ""))),
  );
  return emitOdometer(builder, binders, start, [{ name: `${tensor.name}_step`, value }]);
};

/** Where the reduced indices are more than one stride apart, the way to each depth is walked once: steps[k] = offset(k) - offset(0). */
function emitSteps(builder: Builder, tensor: Tensor, way: Way, slice: Slice): void {
  const { step, values } = emitWay(builder, tensor, way, slice);
  const k = builder.name("k");
  builder.loop({ index: k, from: integer.zero, to: slice.depth }, () =>
    builder.emit(
      { kind: "store", buffer: panels.steps, offset: integer.variable(k), value: values[0] ?? integer.zero },
      ...step,
    ),
  );
}

export function placeCondition(c: Condition, place: (value: Int) => Int): Condition {
  if (c.kind === "nonnegative") return build.nonNegative(place(c.value));
  return c.kind === "zero" ? build.isZero(place(c.value)) : c;
}

/** The indices of a flat row-major position: the last one is the remainder, and so on outwards. What is left of n, p, q is `np`, then n. */
export function decode(builder: Builder, flat: Int, indices: readonly Index[]): ReadonlyMap<string, Int> {
  const values = new Map<string, Int>();
  let rest = flat;
  for (const [i, index] of [...indices].reverse().entries()) {
    if (i === indices.length - 1) {
      values.set(index.name, rest);
      knowRange(builder, rest, index.extent);
      break;
    }
    const left = indices.slice(0, -1 - i).map(({ name }) => bare(name));
    const isShort = left.length === 1 || left.every((name) => name.length === 1);
    const outer = builder.define(integer.floorDivide(rest, index.extent), isShort ? left.join("") : "outer");
    const value = builder.define(integer.minus(rest, integer.times(outer, index.extent)), bare(index.name));
    knowRange(builder, value, index.extent);
    values.set(index.name, value);
    rest = outer;
  }
  return values;
}

function knowRange(builder: Builder, value: Int, extent: Int): void {
  const name = integer.plainVariable(value);
  if (name !== undefined)
    builder.know(name, { lower: integer.zero, upper: integer.minus(extent, integer.one) });
}
