/**
 * Σ of a product in pairs: which factors are multiplied first, so that all steps together cost least. By subsets, as einsum's
 * path optimisers do: what a subset comes to has the indices that are still needed outside of it, and a step costs a
 * multiply-add for each point of the indices of its two sides.
 */

/** The factors by their places, in the order of steps. */
export type Path =
  | { readonly kind: "factor"; readonly at: number }
  | { readonly kind: "pair"; readonly left: Path; readonly right: Path };
export interface Found {
  readonly path: Path;
  readonly cost: number;
}
/** More factors are not put in order: the subsets double with each. */
export const mostFactors = 8;

/** @param factors the indices of each; @param kept those of the result; @param sizeOf how many points an index has */
export function cheapestPath(
  factors: readonly ReadonlySet<string>[],
  kept: ReadonlySet<string>,
  sizeOf: (index: string) => number,
): Found | undefined {
  const count = factors.length;
  if (count < 2 || count > mostFactors) return undefined;
  const all = 2 ** count - 1;
  const points = (names: ReadonlySet<string>): number =>
    [...names].reduce((product, name) => product * sizeOf(name), 1);
  /** The indices of a subset that are needed outside of it. */
  const open = (subset: number): ReadonlySet<string> => {
    const needed = new Set(kept);
    const own = new Set<string>();
    for (const [i, names] of factors.entries())
      for (const name of names) (subset & (1 << i) ? own : needed).add(name);
    return new Set([...own].filter((name) => needed.has(name)));
  };
  const best: (Found | undefined)[] = [];
  const opened: ReadonlySet<string>[] = [];
  for (let subset = 1; subset <= all; subset++) {
    const needed = open(subset);
    opened[subset] = needed;
    const alone = factors.findIndex((_, i) => subset === 1 << i);
    if (alone >= 0) {
      const own = factors[alone]!;
      // an index that is in no other factor is summed at once
      const cost = needed.size < own.size ? points(own) : 0;
      best[subset] = { path: { kind: "factor", at: alone }, cost };
      continue;
    }
    for (let left = (subset - 1) & subset; left > 0; left = (left - 1) & subset) {
      const right = subset ^ left;
      if (left < right) continue;
      const [a, b] = [best[left]!, best[right]!];
      const cost = a.cost + b.cost + points(new Set([...opened[left]!, ...opened[right]!]));
      if (cost < (best[subset]?.cost ?? Infinity))
        best[subset] = { path: { kind: "pair", left: a.path, right: b.path }, cost };
    }
  }
  return best[all];
}
