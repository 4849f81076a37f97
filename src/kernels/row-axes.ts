/**
 * Which statements run over the same rows: along which axis of each member's tensor the outer indices lie. The rows
 * of y[n, c, l] are its n where means are m[n], and its c where they are m[c].
 */
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement } from "../notation/layer.js";
import { readsIn, walk } from "../notation/traverse.js";

export interface Rows {
  /** The indices that the members share; each keeps its own names for them. */
  readonly outer: readonly Index[];
  /** For each member's tensor the axes of the outer indices, in their order. */
  readonly axes: ReadonlyMap<string, readonly number[]>;
}
export interface RowGroup extends Rows {
  readonly members: readonly Statement[];
  /** Members' tensors that are read outside the group, or are results. */
  readonly stored: ReadonlySet<string>;
}

/** The member's own names for the outer indices. */
export const outerIndices = ({ indices, tensor }: Statement, { axes }: Rows): readonly Index[] =>
  (axes.get(tensor) ?? []).flatMap((axis) => indices[axis] ?? []);
/** What belongs to the other axes of the tensor. */
export const boxOf = <T>(all: readonly T[], tensor: string, { axes }: Rows): readonly T[] =>
  all.filter((_, axis) => !axes.get(tensor)?.includes(axis));

/** The members' rows; undefined where they do not run over the same outer indices point by point. */
export function rowsOf(members: readonly Statement[]): Rows | undefined {
  const ranks = members.map((m) => m.subscripts.length);
  const rank = Math.min(...ranks);
  const shortest = members[ranks.indexOf(rank)];
  if (!shortest) return undefined;
  if (!members.every((m) => m.subscripts.every((s, i) => integer.plainVariable(s) === m.indices[i]?.name)))
    return undefined;
  const rows: Rows = { outer: shortest.indices, axes: axesOf(members, shortest) };
  return members.every((m) => fits(m, rows)) ? rows : undefined;
}

/** From the shortest member along the reads from one to another; the first axes where no read says it. */
function axesOf(members: readonly Statement[], shortest: Statement): ReadonlyMap<string, readonly number[]> {
  const axes = new Map([[shortest.tensor, shortest.indices.map((_, i) => i)]]);
  const links = members.flatMap((m) =>
    readsIn(m.body)
      .filter(({ tensor }) => members.some((other) => other.tensor === tensor))
      .map(({ tensor, subscripts }) => ({ reader: m, tensor, names: subscripts.map(integer.plainVariable) })),
  );
  for (let grew = true; grew;) {
    const before = axes.size;
    for (const { reader, tensor, names } of links) {
      const own = reader.indices.map((i) => i.name);
      const [of, by] = [axes.get(tensor), axes.get(reader.tensor)];
      const found =
        of && !by
          ? of.map((axis) => own.indexOf(names[axis] ?? ""))
          : by && !of
            ? by.map((axis) => names.indexOf(own[axis]))
            : [];
      // of v[n, n] one axis would be both
      const isApart = new Set(found).size === found.length && !found.includes(-1);
      if (found.length > 0 && isApart) axes.set(of ? reader.tensor : tensor, found);
    }
    grew = axes.size > before;
  }
  for (const m of members)
    if (!axes.has(m.tensor))
      axes.set(
        m.tensor,
        shortest.indices.map((_, i) => i),
      );
  return axes;
}

/** Same extents; every read of the group's tensors at the member's own row; neighbours in memory in one row. */
function fits(m: Statement, rows: Rows): boolean {
  const own = outerIndices(m, rows);
  const axes = rows.axes.get(m.tensor) ?? [];
  if (!rows.outer.every((o, i) => integer.equal(o.extent, own[i]?.extent ?? integer.zero))) return false;
  const areFirst = axes.every((axis, i) => axis === i);
  if (!areFirst && axes.includes(m.subscripts.length - 1)) return false;
  let stays = true;
  const int = (value: Int): void =>
    integer.eachAtom(value, (atom) => {
      if (atom.kind === "element" && rows.axes.has(atom.tensor)) stays = false;
    });
  walk(m.body, { int });
  return (
    stays &&
    readsIn(m.body).every(({ tensor, subscripts }) => {
      const of = rows.axes.get(tensor);
      return (
        !of || of.every((axis, i) => integer.plainVariable(subscripts[axis] ?? integer.zero) === own[i]?.name)
      );
    })
  );
}
