/**
 * Packing: a slice of an operand copied into a panel in the order in which the tile reads it. The index map is
 * applied here, and points out of bounds become zeros, so that the inner loop has neither.
 */
import { simplifyInt } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import type { Binder, Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index } from "../../notation/layer.js";
import { factsInside } from "../../ranges/facts.js";
import { assuming, proves, type Facts } from "../../ranges/prove.js";
import type { Builder } from "../block.js";
import { flatOffset, nameAtoms, type Shapes } from "../offsets.js";
import { emitOdometer, gainsOf } from "./odometer.js";
import type { Operand } from "./roles.js";

/** A quantity that must be in 0..extent-1, or >= 0, for the read to count. */
export interface Check {
  readonly name: string;
  readonly value: Int;
  readonly holds: (value: Int) => Condition;
}

/** What decides whether a point of the operand counts: its own bounds, and what else its guard says. */
export function checksOf(operand: Operand, shapes: Shapes, facts: Facts): readonly Check[] {
  const { read, guard } = operand;
  const tensor = shapes.get(read.tensor);
  const bounds = read.subscripts.flatMap((subscript, axis): (Check & { readonly condition: Condition })[] => {
    const extent = tensor?.shape[axis] ?? integer.one;
    const condition = build.within(subscript, integer.zero, extent);
    if (proves(facts, condition)) return [];
    const size = integer.plainVariable(extent)?.toLowerCase();
    const name = size && /^[a-z]$/.test(size) ? size : `${read.tensor}${axis}`;
    // an index that can only be too large, or only too small, is tested on that side alone
    const low = !proves(facts, build.nonNegative(subscript));
    const high = !proves(facts, build.below(subscript, extent));
    const holds = (value: Int): Condition =>
      build.and(
        low ? build.nonNegative(value) : build.truth,
        high ? build.below(value, extent) : build.truth,
      );
    return [{ name, value: subscript, condition, holds }];
  });
  const known = assuming(facts, build.and(...bounds.map((b) => b.condition)));
  const rest = guard.flatMap((c): Check[] => {
    if (proves(known, c)) return [];
    if (c.kind === "nonnegative")
      return [{ name: "left", value: c.value, holds: (v) => build.nonNegative(v) }];
    if (c.kind === "zero") return [{ name: "rest", value: c.value, holds: (v) => build.isZero(v) }];
    throw new Error("a guard of a contraction that is no comparison of integers");
  });
  return [...bounds, ...rest];
}

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

export interface Panel {
  readonly buffer: string;
  /** How many rows (columns) stand side by side in it. */
  readonly width: number;
  /** Where in the panel the slice begins. */
  readonly base: Int;
  /** The first row (column) of the slice, among `count`. */
  readonly first: Int;
  readonly count: Int;
}

/** panel[base + k·width + lane] = the operand at row first + lane and depth k, for k < depth. */
export function emitPack(
  builder: Builder,
  shapes: Shapes,
  operand: Operand,
  binders: readonly Binder[],
  start: readonly Int[],
  depth: Int,
  panel: Panel,
): void {
  const lane = builder.name("lane");
  builder.loop({ index: lane, from: integer.zero, to: integer.constant(panel.width) }, () => {
    // lanes past the end repeat the last row; their sums are not stored
    const wanted = integer.plus(panel.first, integer.variable(lane));
    const flat = integer.extremum("min", wanted, integer.minus(panel.count, integer.one));
    const at = decode(builder, builder.define(flat, "which"), operand.outer);
    const facts = factsInside(builder.facts, binders);
    const place = (value: Int): Int =>
      nameAtoms(builder, shapes, simplifyInt(integer.substituteInt(value, at), facts));
    const tensor = shapes.get(operand.read.tensor);
    if (!tensor) throw new Error(`no buffer ${operand.read.tensor}`);
    const placed: Operand = {
      read: { ...operand.read, subscripts: operand.read.subscripts.map(place) },
      outer: [],
      guard: operand.guard.map((c) => placeCondition(c, place)),
    };
    const checks = checksOf(placed, shapes, facts);
    const odometer = emitOdometer(builder, binders, start, [
      { name: `${operand.read.tensor}_at`, value: flatOffset(tensor, placed.read.subscripts) },
      ...checks,
    ]);
    const [offset = integer.zero, ...values] = odometer.values;
    const read: Expression = build.read(operand.read.tensor, [offset]);
    const there = build.and(...checks.map((c, i) => c.holds(values[i] ?? integer.zero)));
    const k = builder.name("k");
    builder.loop({ index: k, from: integer.zero, to: depth }, () => {
      const to = integer.plus(
        panel.base,
        integer.scale(integer.variable(k), panel.width),
        integer.variable(lane),
      );
      builder.emit({
        kind: "store",
        buffer: panel.buffer,
        offset: to,
        value: build.select(there, read, build.zero),
      });
      builder.emit(...odometer.step);
    });
  });
}

export function placeCondition(c: Condition, place: (value: Int) => Int): Condition {
  if (c.kind === "nonnegative") return build.nonNegative(place(c.value));
  return c.kind === "zero" ? build.isZero(place(c.value)) : c;
}

/** The indices of a flat row-major position: the last one is the remainder, and so on outwards. */
export function decode(builder: Builder, flat: Int, indices: readonly Index[]): ReadonlyMap<string, Int> {
  const values = new Map<string, Int>();
  let rest = flat;
  for (const [i, index] of [...indices].reverse().entries()) {
    if (i === indices.length - 1) {
      values.set(index.name, rest);
      knowRange(builder, rest, index.extent);
      break;
    }
    const outer = builder.define(integer.floorDivide(rest, index.extent), "outer");
    const value = builder.define(integer.minus(rest, integer.times(outer, index.extent)), bare(index.name));
    knowRange(builder, value, index.extent);
    values.set(index.name, value);
    rest = outer;
  }
  return values;
}
const bare = (name: string): string => name.replaceAll("'", "");

function knowRange(builder: Builder, value: Int, extent: Int): void {
  const name = integer.plainVariable(value);
  if (name !== undefined)
    builder.know(name, { lower: integer.zero, upper: integer.minus(extent, integer.one) });
}
