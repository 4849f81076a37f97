/** What stands in the way of a folder's files, in words. */
import { join } from "node:path";
import type { Conflict } from "./plan.js";

const mostShown = 20;

/** @param place what messages call the folder */
export function describeConflict(conflicts: readonly Conflict[], place: string): string {
  const lines = conflicts.map(({ path, why }) => `  ${join(place, path)} ${why}`);
  const more = lines.length > mostShown ? [`  … and ${lines.length - mostShown} more`] : [];
  return [
    `nothing was written: ${conflicts.length === 1 ? "this is" : "these are"} not leibniz's to replace`,
    ...lines.slice(0, mostShown),
    ...more,
    `  move ${conflicts.length === 1 ? "it" : "them"} away or delete ${conflicts.length === 1 ? "it" : "them"}, or write to another folder`,
  ].join("\n");
}

/** Files that were ours to remove and stay. */
export const describeLeft = (left: readonly string[], place: string): readonly string[] =>
  left.map((path) => `${join(place, path)} is not needed any more; it was changed by hand, and stays`);
