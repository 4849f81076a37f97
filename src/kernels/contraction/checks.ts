/** Which points of an operand count: what is tested while it is packed, and when no test is needed. */
import { extremeOver } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import type { Binder, Condition } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { assuming, proves, type Facts } from "../../ranges/prove.js";
import type { Shapes } from "../offsets.js";
import { unit, type Operand } from "./terms.js";

/** A quantity that must be in 0..extent-1, or >= 0, for the read to count. */
export interface Check {
  readonly name: string;
  readonly value: Int;
  readonly holds: (value: Int) => Condition;
  /** When it holds for all values from the least to the greatest; undefined where that is for none. */
  readonly within?: (least: Int, most: Int) => Condition;
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
    const within = (least: Int, most: Int): Condition =>
      build.and(low ? build.nonNegative(least) : build.truth, high ? build.below(most, extent) : build.truth);
    return [{ name, value: subscript, condition, within, holds: (value) => within(value, value) }];
  });
  const known = assuming(facts, build.and(...bounds.map((b) => b.condition)));
  const rest = guard.flatMap((c): Check[] => {
    if (proves(known, c)) return [];
    if (c.kind === "nonnegative")
      return [
        {
          name: "left",
          value: c.value,
          holds: (v) => build.nonNegative(v),
          within: (v) => build.nonNegative(v),
        },
      ];
    if (c.kind === "zero") return [{ name: "rest", value: c.value, holds: build.isZero }];
    throw new Error("a guard of a contraction that is no comparison of integers");
  });
  return [...bounds, ...rest];
}

/**
 * The same of a read that may stand in a branch, or in a pad: it is out of bounds at points that count, and then
 * bounds nothing. The guard alone decides.
 */
export function checksOfWindow(operand: Operand, shapes: Shapes, facts: Facts): readonly Check[] {
  const { read, guard } = operand;
  const shape = shapes.get(read.tensor)?.shape ?? [];
  const inBounds = read.subscripts.map((s, axis) =>
    build.within(s, integer.zero, shape[axis] ?? integer.one),
  );
  const counts = proves(assuming(facts, build.and(...guard)), build.and(...inBounds));
  return checksOf(counts ? operand : { ...operand, read: unit.read }, shapes, facts);
}

/** When every check holds wherever the binders are: at their least and their greatest values. */
export function insideEverywhere(
  checks: readonly Check[],
  binders: readonly Binder[],
  facts: Facts,
): Condition | undefined {
  const ends = checks.map(({ value, within }) => {
    const [least, most] = [
      extremeOver(value, "lower", binders, facts),
      extremeOver(value, "upper", binders, facts),
    ];
    return least && most && within?.(least, most);
  });
  return ends.includes(undefined) ? undefined : build.and(...ends.flatMap((c) => c ?? []));
}
