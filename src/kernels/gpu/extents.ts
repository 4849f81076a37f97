/** How large a contraction is, and how many tiles it has, in terms of sizes alone. */
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Facts } from "../../ranges/prove.js";
import type { PlanConstants } from "../constants.js";
import { extentInPhase } from "../contraction/phases.js";
import type { Operand, Term } from "../contraction/terms.js";

/** epilogue(term + term + …): all run over the rows and columns of the first, which alone may have phases, if it is alone. */
export interface Contraction {
  readonly term: Term;
  readonly others: readonly Term[];
  readonly epilogue: Expression;
}
export interface Extents {
  readonly rowTiles: Int;
  readonly columnTiles: Int;
}

export const extentsOf = (indices: readonly { readonly extent: Int }[]): Int =>
  integer.times(integer.one, ...indices.map((i) => i.extent));

/** How many points a term sums over; those of all phases. */
export const depthOf = (term: Term): Int => extentsOf(term.reduced.map((b) => ({ extent: b.upper })));

/** Rows and columns of one phase, at most. */
export function sizeOf(term: Term, facts: Facts): { rows: Int; columns: Int } {
  const outer = ({ outer }: Operand): Int => extentInPhase(outer, term, facts);
  return { rows: outer(term.rows), columns: outer(term.columns) };
}

/** Tiles of `size` rows and columns. */
export function tilesOf(term: Term, size: number, facts: Facts, constants: PlanConstants): Extents {
  const { rows, columns } = sizeOf(term, facts);
  const tiles = (count: Int, base: string): Int => {
    const whole = integer.ceilDivide(count, integer.constant(size));
    return integer.literal(whole) === undefined ? constants.value(whole, base) : whole;
  };
  return { rowTiles: tiles(rows, `rowTilesOf${size}`), columnTiles: tiles(columns, `columnTilesOf${size}`) };
}
