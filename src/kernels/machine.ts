/** What a target's machine is best at, as far as kernels are built for it. */
import type { FunctionName } from "../primitives/index.js";
import { scalarTile, vectorTile, type Tile } from "./contraction/tile.js";

/** Functions that are computed for four numbers at once where there are vectors. */
export const vectorFunctions = [
  ...(["exp", "log", "sqrt", "abs", "tanh", "sigmoid", "softplus", "relu", "erf", "gelu", "square"] as const),
  ...(["min", "max", "floor", "ceil", "round"] as const),
] as const satisfies readonly FunctionName[];
export type VectorFunction = (typeof vectorFunctions)[number];

export interface Machine {
  /** What contractions are multiplied by. */
  readonly tile: Tile;
  /** The functions of vectors of four float32; undefined where there are no vectors. */
  readonly vectors?: ReadonlySet<string>;
}
/** One number at a time, in float64. */
export const scalarMachine: Machine = { tile: scalarTile };
export const vectorMachine: Machine = { tile: vectorTile, vectors: new Set<string>(vectorFunctions) };
