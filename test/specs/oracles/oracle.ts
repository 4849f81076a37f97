/** What a layer should compute, written by hand: the textbook's forward pass and the textbook's gradients. */
import type { Grid } from "./grid.js";

export interface Oracle {
  readonly layer: string;
  /** Sizes and params to try. */
  readonly cases: readonly Readonly<Record<string, number>>[];
  /** Shapes of the tensors that the caller gives. */
  readonly given: (sizes: Readonly<Record<string, number>>) => Readonly<Record<string, readonly number[]>>;
  /** For integer tensors: their values are drawn from 0..bound-1. */
  readonly below: (sizes: Readonly<Record<string, number>>) => Readonly<Record<string, number>>;
  /** Real tensors whose values are drawn from this least value on: variances, counts. */
  readonly least?: Readonly<Record<string, number>>;
  /** Given tensors → outputs. */
  readonly forward: (
    sizes: Readonly<Record<string, number>>,
    tensors: Readonly<Record<string, Grid>>,
  ) => Readonly<Record<string, Grid>>;
  /** Given tensors and cotangents (`dz`) → gradients (`dx`). */
  readonly backward: (
    sizes: Readonly<Record<string, number>>,
    tensors: Readonly<Record<string, Grid>>,
  ) => Readonly<Record<string, Grid>>;
}

/** The same with the names of sizes, tensors and outputs checked by the compiler. */
interface Typed<S extends string, T extends string, Z extends string> {
  readonly layer: string;
  readonly cases: readonly Readonly<Record<S, number>>[];
  readonly given: (sizes: Readonly<Record<S, number>>) => Readonly<Record<T, readonly number[]>>;
  readonly below?: (sizes: Readonly<Record<S, number>>) => Readonly<Partial<Record<T, number>>>;
  readonly least?: Readonly<Partial<Record<T, number>>>;
  readonly forward: (
    sizes: Readonly<Record<S, number>>,
    tensors: Readonly<Record<T, Grid>>,
  ) => Readonly<Record<Z, Grid>>;
  readonly backward: (
    sizes: Readonly<Record<S, number>>,
    tensors: Readonly<Record<T | `d${Z}`, Grid>>,
  ) => Readonly<Record<`d${string}`, Grid>>;
}
export const oracle = <S extends string, T extends string, Z extends string>(typed: Typed<S, T, Z>): Oracle =>
  ({ below: () => ({}), ...typed }) as unknown as Oracle;
