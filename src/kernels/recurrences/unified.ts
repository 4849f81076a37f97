/** The statements of a recurrence with one name for each level's index, and the same names for what they share besides. */
import { freeNamesIn, substitute } from "../../notation/binders.js";
import { freshNames } from "../../notation/fresh.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index, Statement } from "../../notation/layer.js";
import { namesIn } from "../../notation/traverse.js";
import { indexAt, type Order } from "../../ranges/recurrences.js";

/** A loop around the steps of a recurrence. */
export interface Step {
  readonly index: string;
  readonly extent: Int;
  readonly direction: "up" | "down";
}
export interface Unified {
  /** The loops, the outermost first; a statement runs where the index lies in its own extent. */
  readonly steps: readonly Step[];
  readonly statements: readonly Statement[];
}

/** @param taken names of sizes, params and the like */
export function unified(group: readonly Statement[], order: Order, taken: Iterable<string>): Unified {
  const names = freshNames([
    ...taken,
    // an index of one statement may be called as a level is in another
    ...group.flatMap((s) => {
      const own = new Set(order.map((level) => indexAt(s, level).name));
      return [...s.indices.map((i) => i.name), ...namesIn(s.body)].filter((name) => !own.has(name));
    }),
  ]);
  const steps = order.map((level): Step => {
    const indices = group.map((s) => indexAt(s, level));
    const extent = indices
      .map((i) => i.extent)
      .reduce((a, b) => (integer.equal(a, b) ? a : integer.extremum("max", a, b)));
    return { index: names.index(indices.at(-1)!.name), extent, direction: level.direction };
  });
  const statements = group.map((s) => {
    const by = new Map(order.map((level, i) => [indexAt(s, level).name, integer.variable(steps[i]!.index)]));
    return renamed(s, by);
  });
  return { steps, statements };
}

/** The statement with other names for its indices. */
export function renamed(s: Statement, by: ReadonlyMap<string, Int>): Statement {
  const indices = s.indices.map((i): Index => {
    const value = by.get(i.name);
    return value ? { ...i, name: integer.plainVariable(value) ?? i.name } : i;
  });
  return {
    ...s,
    indices,
    subscripts: s.subscripts.map((v) => integer.substituteInt(v, by)),
    body: substitute(s.body, by),
  };
}
/** Names that stand free in a statement. */
export const freeIn = (s: Statement): ReadonlySet<string> =>
  new Set([...s.indices.map((i) => i.name), ...freeNamesIn(s.body)]);
