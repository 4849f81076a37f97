/** Statements as contractions that tiles can compute, facing the way their results lie in memory. */
import * as integer from "../../../notation/integer.js";
import type { Index, Statement } from "../../../notation/layer.js";
import { isTileable } from "../../contraction/emit.js";
import { phasesOf } from "../../contraction/phases.js";
import { tiledSumsOf, type Operand, type Term } from "../../contraction/terms.js";
import type { Surroundings } from "../../lower.js";
import type { Contraction } from "../extents.js";

/** The statement as contractions whose operands are read by affine maps; undefined where it is none, or they do not fit together. */
export function tileable(statement: Statement, { scope, shapes }: Surroundings): Contraction | undefined {
  const sums = tiledSumsOf(statement, scope);
  const [first, ...more] = sums?.terms ?? [];
  const term = first && facing(first, statement);
  if (!sums || !term || !isTileable(sums, shapes, scope.facts)) return undefined;
  // what an index tensor says is tested at every read
  const reads = (o: Operand): boolean => o.read.subscripts.some((s) => integer.holdsElement(s));
  if (sums.terms.some((t) => reads(t.rows) || reads(t.columns))) return undefined;
  // phases give the rows other names
  if (more.length > 0 && sums.terms.some((t) => phasesOf(t, scope.facts).length > 0)) return undefined;
  const others = more.flatMap((other) => alongside(term, other) ?? []);
  return others.length === more.length ? { term, others, epilogue: sums.epilogue } : undefined;
}

/** The term with the result's last index among its columns: neighbouring threads store neighbouring elements. */
function facing(term: Term, { subscripts }: Statement): Term {
  const last = integer.plainVariable(
    subscripts.findLast((s) => integer.literal(s) === undefined) ?? integer.zero,
  );
  const { rows, columns } = term;
  return rows.outer.some((i) => i.name === last) ? { ...term, rows: columns, columns: rows } : term;
}

/** The second term with the rows and columns of the first. */
function alongside(first: Term, second: Term): Term | undefined {
  const same = (a: readonly Index[], b: readonly Index[]): boolean =>
    a.length === b.length && a.every((i, at) => i.name === b[at]?.name);
  const { rows, columns } = second;
  const turned = same(rows.outer, first.columns.outer) ? { ...second, rows: columns, columns: rows } : second;
  const fits =
    same(turned.batch, first.batch) &&
    same(turned.rows.outer, first.rows.outer) &&
    same(turned.columns.outer, first.columns.outer);
  return fits ? turned : undefined;
}
