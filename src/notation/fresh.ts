/** Makes names that are not taken yet: the base itself, then with primes (indices) or numbers (tensors). */
export interface Fresh {
  readonly taken: Set<string>;
  /** An index variable: `c`, `c'`, `c''`, `c'''`… */
  readonly index: (base: string) => string;
  /** A tensor: `sum_y`, `sum_y_2`… */
  readonly tensor: (base: string) => string;
}
export function freshNames(taken: Iterable<string>): Fresh {
  const names = new Set(taken);
  const take = (candidates: (i: number) => string): string => {
    for (let i = 0; ; i++) {
      const name = candidates(i);
      if (names.has(name)) continue;
      names.add(name);
      return name;
    }
  };
  return {
    taken: names,
    index: (base) => take((i) => base + "'".repeat(i)),
    tensor: (base) => take((i) => (i === 0 ? base : `${base}_${i + 1}`)),
  };
}

/** The name without primes, as code spells it. */
export const bare = (name: string): string => name.replaceAll("'", "");
