/** Choosing at random. */
import type { Random } from "../../src/verify/random.js";

export class Draw {
  private readonly random: Random;
  constructor(random: Random) {
    this.random = random;
  }
  /** 0..below-1 */
  integer = (below: number): number => this.random.integer(below);
  /** Whether something happens that happens in one of `times`. */
  oneIn = (times: number): boolean => this.random.integer(times) === 0;
  pick = <T>(items: readonly T[]): T => {
    const item = items[this.random.integer(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  };
  /** Makers with weights; the first chosen that makes something. */
  weighted<T>(choices: readonly (readonly [weight: number, make: () => T | undefined])[]): T | undefined {
    const left = [...choices];
    while (left.length > 0) {
      let at = this.random.uniform() * left.reduce((sum, [weight]) => sum + weight, 0);
      const chosen = Math.max(
        0,
        left.findIndex(([weight]) => (at -= weight) < 0),
      );
      const made = left.splice(chosen, 1)[0]?.[1]();
      if (made !== undefined) return made;
    }
    return undefined;
  }
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.random.integer(rest.length), 1)[0] as T);
  }
}
