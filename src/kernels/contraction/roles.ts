/**
 * A product of two reads under a sum, and what each index is to it: batch (both operands and the output), row
 * (left and output), column (right and output), reduced (both operands). Subscripts may be affine: a convolution
 * and its gradients are contractions whose operands are read through an index map.
 */
import { extremeOver, simplifyCondition } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import { conjuncts } from "../../notation/construct.js";
import type { Binder, Condition, Expression, Read, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Index, Statement } from "../../notation/layer.js";
import { holdsReduction, mapChildren, namesInCondition } from "../../notation/traverse.js";
import { factsInside } from "../../ranges/facts.js";
import type { Facts } from "../../ranges/prove.js";

/** One side: how it is read, and at which points the read counts. */
export interface Operand {
  readonly read: Read;
  /** Its indices in the output, the last one fastest. */
  readonly outer: readonly Index[];
  readonly guard: readonly Condition[];
}
export interface Term {
  readonly batch: readonly Index[];
  readonly reduced: readonly Binder[];
  readonly rows: Operand;
  readonly columns: Operand;
}
export interface Contraction {
  readonly term: Term;
  /** What is stored, with the parameter `total` for the sum. */
  readonly epilogue: Expression;
}
export const total = "total";

/** The statement as a contraction; undefined where it is none, or where an index map is not of the form. */
export function contractionOf(statement: Statement, facts: Facts): Contraction | undefined {
  const sums: Reduction[] = [];
  const epilogue = withoutSums(statement.body, sums);
  const [sum] = sums;
  if (!sum || sums.length > 1) return undefined;
  const term = termOf(statement, sum, facts);
  return term && { term, epilogue };
}

/** The body with its outermost reductions taken out. */
function withoutSums(e: Expression, sums: Reduction[]): Expression {
  if (e.kind === "reduction") {
    sums.push(e);
    return { kind: "parameter", name: total };
  }
  return holdsReduction(e) ? mapChildren(e, { expression: (part) => withoutSums(part, sums) }) : e;
}

function termOf(statement: Statement, sum: Reduction, facts: Facts): Term | undefined {
  if (sum.name !== "sum" || sum.body.kind !== "multiply" || sum.body.factors.length !== 2) return undefined;
  const [left, right] = sum.body.factors;
  if (left?.kind !== "read" || right?.kind !== "read") return undefined;
  const box = boxed(statement.indices, sum, facts);
  if (!box) return undefined;
  const { binders, guards } = box;
  const inside = factsInside(facts, binders);
  const conditions = conjuncts(simplifyCondition(build.and(sum.guard, ...guards), inside));
  const used = [namesOf(left), namesOf(right)] as const;
  const uses = (name: string) => used.map((names) => names.has(name));
  if (binders.some((b) => !uses(b.name).every(Boolean) || b.lower.monomials.length > 0)) return undefined;
  const pick = (inLeft: boolean, inRight: boolean): readonly Index[] =>
    statement.indices.filter((i) => uses(i.name)[0] === inLeft && uses(i.name)[1] === inRight);
  const [batch, rows, columns] = [pick(true, true), pick(true, false), pick(false, true)];
  if (rows.length === 0 || columns.length === 0 || pick(false, false).length > 0) return undefined;
  const common = [...batch, ...binders].map((i) => i.name);
  const split = splitGuards(conditions, common, rows, columns);
  if (!split) return undefined;
  const one = { read: left, outer: rows, guard: split[0] };
  const other = { read: right, outer: columns, guard: split[1] };
  // the side with fewer output indices is packed whole, the other streams past it
  return columns.length <= rows.length
    ? { batch, reduced: binders, rows: one, columns: other }
    : { batch, reduced: binders, rows: other, columns: one };
}

/** Ranges that depend on output indices become guards over their whole box. */
function boxed(indices: readonly Index[], sum: Reduction, facts: Facts) {
  const ranges = indices.map((i) => ({ name: i.name, lower: integer.zero, upper: i.extent }));
  const guards: Condition[] = [];
  const names = new Set([...indices, ...sum.binders].map((i) => i.name));
  const depends = (b: Binder): boolean =>
    [b.lower, b.upper].some((v) => [...integer.variablesOf(v)].some((n) => names.has(n)));
  const scope = [...ranges, ...sum.binders];
  const binders = sum.binders.map((b) => {
    if (!depends(b) && b.lower.monomials.length === 0) return b;
    guards.push(build.within(integer.variable(b.name), b.lower, b.upper));
    const upper = extremeOver(
      b.upper,
      "upper",
      scope.filter((o) => o.name !== b.name),
      facts,
    );
    return { ...b, lower: integer.zero, upper: upper ?? b.upper };
  });
  return binders.some(depends) ? undefined : { binders, guards };
}

function splitGuards(
  conditions: readonly Condition[],
  common: readonly string[],
  rows: readonly Index[],
  columns: readonly Index[],
): readonly [Condition[], Condition[]] | undefined {
  const [left, right]: [Condition[], Condition[]] = [[], []];
  const indices = new Set([...common, ...rows.map((i) => i.name), ...columns.map((i) => i.name)]);
  for (const c of conditions) {
    const names = [...namesInCondition(c)].filter((n) => indices.has(n));
    const within = (own: readonly Index[]): boolean =>
      names.every((n) => common.includes(n) || own.some((i) => i.name === n));
    if (within(rows)) left.push(c);
    else if (within(columns)) right.push(c);
    else return undefined;
  }
  return [left, right];
}

function namesOf(read: Read): Set<string> {
  const names = new Set<string>();
  for (const s of read.subscripts) integer.variablesOf(s, names);
  return names;
}
