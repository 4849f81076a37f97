/** The number of points at which a reduction's guard holds, as a formula. */
import { and, conjuncts, multiply, ofInt, one, reduction } from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { namesInCondition } from "../notation/traverse.js";
import { provesNonNegative, type Facts } from "./prove.js";

/**
 * The count as a product over groups of binders that no condition and no bound ties to those of another group:
 * a free binder contributes its extent, a group a sum of ones. Padding in two dimensions counts rows times columns.
 */
export function countOf(binders: readonly Binder[], guard: Condition, facts: Facts): Expression {
  const parts = conjuncts(guard);
  const groups = groupsOf(binders, parts);
  const extents: Int[] = [];
  const sums: Expression[] = [];
  const spoken = new Set<Condition>();
  for (const group of groups) {
    const own = parts.filter((p) => mentionsAny(namesInCondition(p), group));
    own.forEach((p) => spoken.add(p));
    const [only] = group;
    if (group.length === 1 && only && own.length === 0) extents.push(extentOf(only, facts));
    else sums.push(reduction("sum", group, one, and(...own)));
  }
  // Conditions on no binder hold for all points or for none.
  const outer = parts.filter((p) => !spoken.has(p));
  if (outer.length > 0) return reduction("sum", binders, one, guard);
  return multiply(ofInt(integer.times(integer.one, ...extents)), ...sums);
}

const mentionsAny = (names: ReadonlySet<string>, group: readonly Binder[]): boolean =>
  group.some((b) => names.has(b.name));

function extentOf({ lower, upper }: Binder, facts: Facts): Int {
  const extent = integer.minus(upper, lower);
  return provesNonNegative(facts, extent) ? extent : integer.extremum("max", integer.zero, extent);
}

/** The finest partition in which every condition and every bound stays within one group; binders keep their order. */
function groupsOf(
  binders: readonly Binder[],
  conditions: readonly Condition[],
): readonly (readonly Binder[])[] {
  const ties = [
    ...conditions.map((c) => namesInCondition(c)),
    ...binders.map((b) => integer.variablesOf(b.upper, integer.variablesOf(b.lower, new Set([b.name])))),
  ];
  let groups: readonly (readonly Binder[])[] = binders.map((b) => [b]);
  for (const names of ties) {
    const tied = groups.filter((g) => mentionsAny(names, g));
    if (tied.length < 2) continue;
    const merged = binders.filter((b) => tied.some((g) => g.includes(b)));
    groups = [...groups.filter((g) => !tied.includes(g)), merged];
  }
  return groups;
}
