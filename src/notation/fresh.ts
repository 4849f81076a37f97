/** Makes names that are not taken yet: the base itself, then with primes (indices) or numbers (everything else). */
export interface Fresh {
  readonly taken: Set<string>;
  /** An index variable: `c`, `c'`, `c''`, `c'''`… */
  readonly index: (base: string) => string;
  /** A tensor: `sum_y`, `sum_y_2`… */
  readonly tensor: (base: string) => string;
  /** A local of a kernel: `sum`, `sum_2`… */
  readonly local: (base: string) => string;
}
export function freshNames(names: Iterable<string>): Fresh {
  const taken = new Set(names);
  const numbered = (base: string): string => take(taken, (i) => (i === 0 ? base : `${base}_${i + 1}`));
  return {
    taken,
    index: (base) => take(taken, (i) => base + "'".repeat(i)),
    tensor: numbered,
    local: numbered,
  };
}

/** The first of the spellings that is not taken, and is from now on. */
export function take(taken: Set<string>, spelling: (i: number) => string): string {
  for (let i = 0; ; i++) {
    const name = spelling(i);
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** The name without primes, as code spells it. */
export const bare = (name: string): string => name.replaceAll("'", "");
