/** The sizes of a called layer, solved from the shapes of what it is given. */
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";

/** An extent that is declared there, and the one that is given here. */
export interface Pair {
  readonly declared: Int;
  readonly given: Int;
}

/**
 * What each size is: an axis that is a size tells it, then those in which one is left to be found, `G*C` where `C` is known.
 * @param known sizes that are given by name
 * @param sizes all that are to be found; those that cannot be are left out of the answer
 */
export function solveSizes(
  pairs: readonly Pair[],
  known: ReadonlyMap<string, Int>,
  sizes: readonly string[],
  expanded: (value: Int) => Int,
): ReadonlyMap<string, Int> {
  const found = new Map(known);
  const unknown = sizes.filter((s) => !found.has(s));
  const solve = (plain: boolean): boolean =>
    pairs.some(({ declared, given }) => {
      const value = integer.substituteInt(declared, found);
      const [size, ...more] = unknown.filter((s) => !found.has(s) && integer.mentions(value, s));
      if (size === undefined || more.length > 0) return false;
      if (plain !== (integer.plainVariable(declared) !== undefined)) return false;
      const solution = solvedFor(value, size, given) ?? solvedFor(expanded(value), size, expanded(given));
      if (solution) found.set(size, solution);
      return solution !== undefined;
    });
  while (solve(true) || solve(false));
  return found;
}

/** The size for which a·size + b is the extent, a dividing what is left. */
function solvedFor(value: Int, size: string, extent: Int): Int | undefined {
  const parts = integer.affineIn(value, size);
  if (!parts || integer.mentions(parts.coefficient, size)) return undefined;
  const solution = integer.quotient(integer.minus(extent, parts.rest), parts.coefficient);
  const number = solution && integer.literal(solution);
  return number !== undefined && number < 1 ? undefined : solution;
}
