/** Where a tile's sums lie, and what they are of. */
import type { Expression } from "../../../notation/expression.js";
import type { Int } from "../../../notation/integer.js";
import type { Work } from "../../contraction/phases.js";
import type { Shapes } from "../../offsets.js";
import type { Code } from "../../program.js";
import { ownName } from "../pack.js";

/** A thread's number in its workgroup. */
export const lane = "lane";
/** The arrays of a kernel's own. */
export const ownArrays = (shapes: Shapes) => ({
  sums: ownName("sums", shapes),
  tileRows: ownName("tileRows", shapes),
  tileColumns: ownName("tileColumns", shapes),
});

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
