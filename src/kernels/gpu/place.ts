/** Where a tile's sums lie, and what they are of. */
import type { Expression } from "../../notation/expression.js";
import type { Int } from "../../notation/integer.js";
import type { Work } from "../contraction/phases.js";
import type { Code } from "../program.js";

export interface Place {
  readonly work: Work;
  readonly rowTile: Int;
  readonly columnTile: Int;
}

export const call = (
  routine: string,
  buffers: readonly string[] = [],
  integers: readonly Int[] = [],
  reals: readonly Expression[] = [],
): Code => ({ kind: "call", routine, buffers, integers, reals });
