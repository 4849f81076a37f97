/** Two formulas with several readings each: those combinations that fit. */
import { type Fits, printShape, sameShape, type Value } from "../terms/value.js";
import type { Scope } from "../context/scope.js";
import { Misfit } from "../document/unreadable.js";

type Combine = (a: Value, b: Value, fits: Fits) => readonly (Value | undefined)[];

/** Every left reading with every right one. Made-up sizes of a definition give way only where nothing fits without. */
export function pairs(
  lefts: readonly Value[],
  rights: readonly Value[],
  combine: Combine,
  at: number,
  says: string,
  scope?: Scope,
): readonly Value[] {
  const all = lefts.flatMap((a) => rights.map((b) => [a, b] as const));
  const context = scope?.context;
  const settled: Fits = context
    ? (a, b) => sameShape([context.settled(a)], [context.settled(b)])
    : (a, b) => sameShape([a], [b]);
  const found = all.flatMap(([a, b]) => combine(a, b, settled)).filter((value) => value !== undefined);
  if (found.length > 0) return found;
  if (context && scope.introduces)
    for (const [a, b] of all) {
      const made = combine(a, b, (x, y) => context.fits(x, y)).find((value) => value !== undefined);
      if (made) return [made];
    }
  throw new Misfit(
    `${printShape(lefts[0]?.shape ?? [])} and ${printShape(rights[0]?.shape ?? [])} ${says}`,
    at,
  );
}
