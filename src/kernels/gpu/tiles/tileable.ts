/** Statements as contractions that tiles can compute, facing the way their results lie in memory. */
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Index, Statement } from "../../../notation/layer.js";
import { substituteCondition } from "../../../notation/traverse.js";
import type { Facts } from "../../../ranges/prove.js";
import { isTileable } from "../../contraction/emit.js";
import { phasesOf } from "../../contraction/phases.js";
import { tiledSumsOf, type Operand, type Term } from "../../contraction/terms.js";
import type { Surroundings } from "../../lower.js";
import type { Contraction } from "../extents.js";

/** The statement as contractions whose operands are read by affine maps; undefined where it is none, or they do not fit together. */
export function tileable(statement: Statement, { scope, shapes }: Surroundings): Contraction | undefined {
  const sums = tiledSumsOf(statement, scope);
  const [first, ...more] = sums?.terms ?? [];
  const term = first && facing(withoutPoints(first, scope.facts), statement);
  if (!sums || !term || !isTileable(sums, shapes, scope.facts)) return undefined;
  // what an index tensor says is tested at every read
  const reads = (o: Operand): boolean => o.read.subscripts.some((s) => integer.holdsElement(s));
  if (sums.terms.some((t) => reads(t.rows) || reads(t.columns))) return undefined;
  // phases give the rows other names
  if (more.length > 0 && sums.terms.some((t) => phasesOf(t, scope.facts).length > 0)) return undefined;
  const others = more.flatMap((other) => alongside(term, other) ?? []);
  return others.length === more.length ? { term, others, epilogue: sums.epilogue } : undefined;
}

/** Indices of one value are 0 where operands are read: a window of one tap moves nowhere. */
function withoutPoints(term: Term, facts: Facts): Term {
  if (phasesOf(term, facts).length > 0) return term;
  const isPoint = (extent: Int): boolean => integer.literal(extent) === 1;
  const points = [
    ...term.reduced.filter((b) => isPoint(b.upper)),
    ...[...term.rows.outer, ...term.columns.outer].filter((i) => isPoint(i.extent)),
  ];
  const at = new Map(points.map(({ name }) => [name, integer.zero]));
  const operand = ({ read, outer, guard }: Operand): Operand => ({
    read: { ...read, subscripts: read.subscripts.map((s) => integer.substituteInt(s, at)) },
    outer,
    guard: guard.map((c) => substituteCondition(c, at)),
  });
  const reduced = term.reduced.filter((b) => !isPoint(b.upper));
  return { ...term, reduced, rows: operand(term.rows), columns: operand(term.columns) };
}

/** The term with the result's last index among its columns: neighbouring threads store neighbouring elements. */
function facing(term: Term, { subscripts }: Statement): Term {
  const last = integer.plainVariable(subscripts.at(-1) ?? integer.zero);
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
