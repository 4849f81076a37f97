/**
 * Recurrences by their definition alone: an element is computed where everything that it reads has been; what is still
 * missing is computed first, whatever the order of the points. No order is looked for, so none can be wrong.
 */
import type { Cell } from "./integers.js";
import { NoValue } from "./out-of-bounds.js";

/** A statement of a recurrence: the offset of each of its points, and what computes it. */
export interface Points {
  readonly cell: Cell<unknown>;
  readonly offsets: readonly number[];
  /** Sets the indices to those of a point. */
  readonly go: (point: number) => void;
  /** Computes the element at the indices. Throws `notYet` where an element of the recurrence is missing. */
  readonly store: () => void;
}

/** What is missing; thrown, and made once. */
export const notYet: { cell: Cell<unknown> | undefined; at: number } = { cell: undefined, at: 0 };

/** The element, where it has been computed. */
export function requireElement(cell: Cell<unknown>, at: number): void {
  if (!cell.done || cell.done[at]) return;
  [notYet.cell, notYet.at] = [cell, at];
  throw notYet;
}

/** One evaluation of all statements of a recurrence. */
export function runRecurrence(group: readonly Points[]): void {
  for (const { cell } of group) cell.done = new Uint8Array(cell.data.length);
  const places = group.map(({ offsets }) => new Map(offsets.map((offset, point) => [offset, point])));
  // as in the text, point by point; the longest statement's points are one after the other those of all
  const longest = Math.max(...group.map(({ offsets }) => offsets.length));
  for (let i = 0; i < longest; i++)
    for (const [which, { offsets }] of group.entries()) {
      const first = Math.floor((i * offsets.length) / longest);
      const last = Math.floor(((i + 1) * offsets.length) / longest);
      for (let point = first; point < last; point++) complete(which, point, group, places);
    }
  for (const { cell } of group) cell.done = undefined;
}

/** Computes a point, and before it what it waits for. */
function complete(
  which: number,
  point: number,
  group: readonly Points[],
  places: readonly ReadonlyMap<number, number>[],
): void {
  const waiting = [{ which, point }];
  const isWaiting = new Set([`${which} ${point}`]);
  while (waiting.length > 0) {
    const top = waiting.at(-1)!;
    const { cell, offsets, go, store } = group[top.which]!;
    const at = offsets[top.point]!;
    if (!cell.done![at]) {
      go(top.point);
      try {
        store();
        cell.done![at] = 1;
      } catch (error) {
        if (error !== notYet) throw error;
        const other = group.findIndex((member) => member.cell === notYet.cell);
        const missing = places[other]?.get(notYet.at);
        const key = `${other} ${missing}`;
        if (missing === undefined || isWaiting.has(key))
          throw new NoValue(`an element of ${cell.name} waits for itself`, { cause: error });
        isWaiting.add(key);
        waiting.push({ which: other, point: missing });
        continue;
      }
    }
    isWaiting.delete(`${top.which} ${top.point}`);
    waiting.pop();
  }
}
