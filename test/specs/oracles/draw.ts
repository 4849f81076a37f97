/** Repeatable draws for the oracles' tensors. */
import { filled, grid, volume } from "./grid.js";
import type { Grid } from "./grid.js";
import type { Oracle } from "./oracle.js";

/** Uniform in [0, 1): a 32-bit counter, mixed (Murmur3's finaliser). */
export function generator(seed: number): () => number {
  let counter = seed;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
/** Real values are uniform in [-1, 1), or integers from -2 to 2, so that there are ties and sums are exact. */
const real = (shape: readonly number[], random: () => number, whole: boolean): Grid =>
  grid(
    shape,
    Float64Array.from({ length: volume(shape) }, () =>
      whole ? Math.floor(5 * random()) - 2 : 2 * random() - 1,
    ),
  );
/** The same values folded to those that are at least so much. */
const from = (drawn: Grid, least: number | undefined): Grid =>
  least === undefined ? drawn : filled(drawn.shape, (...at) => least + Math.abs(drawn.get(...at)));

export interface Drawn {
  readonly given: Record<string, Grid>;
  readonly cotangents: Record<string, Grid>;
}
/** The given tensors at these sizes, and cotangents for every output. */
export function draw(oracle: Oracle, sizes: Readonly<Record<string, number>>, whole = false): Drawn {
  const random = generator(1);
  const below = oracle.below(sizes);
  const given: Record<string, Grid> = {};
  for (const [name, shape] of Object.entries(oracle.given(sizes))) {
    const bound = below[name];
    given[name] =
      bound === undefined
        ? from(real(shape, random, whole), oracle.least?.[name])
        : grid(
            shape,
            Float64Array.from({ length: volume(shape) }, () => Math.floor(random() * bound)),
          );
  }
  const cotangents: Record<string, Grid> = {};
  for (const [name, z] of Object.entries(oracle.forward(sizes, given)))
    cotangents[`d${name}`] = real(z.shape, random, whole);
  return { given, cotangents };
}
