import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Grid } from "./oracles/grid.js";

export type Sizes = Readonly<Record<string, number>>;

/** The text of a standard layer. */
export const textOf = (layer: string): string =>
  readFileSync(new URL(`../../specs/${layer}.layer`, import.meta.url), "utf8");

/** Every element within `tolerance`, measured against the greatest element expected (at least 1). */
export function expectClose(
  found: ArrayLike<number> | undefined,
  expected: Grid | undefined,
  tolerance: number,
  what: string,
): void {
  if (!found || !expected) throw new Error(`${what} is missing`);
  expect(found.length, `the length of ${what}`).toBe(expected.data.length);
  const scale = Math.max(1, ...expected.data.map(Math.abs));
  const worst = expected.data.reduce(
    (error, value, i) => Math.max(error, Math.abs((found[i] ?? Number.NaN) - value) / scale),
    0,
  );
  expect(worst, `the error of ${what}`).toBeLessThanOrEqual(tolerance);
}
