/**
 * Statements as tiled sums: each sum is a contraction of two bare reads (patterns/contraction.ts), over a box, with the
 * conditions of each operand apart. Subscripts may be affine: a convolution and its gradients are contractions whose
 * operands are read through an index map.
 */
import { extremeOver, simplifyCondition } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import { conjuncts } from "../../notation/construct.js";
import type { Binder, Condition, Expression, Read, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index, Statement } from "../../notation/layer.js";
import { holdsReduction, mapChildren, namesIn, namesInCondition } from "../../notation/traverse.js";
import { contractionIn, isBare, outerReductions } from "../../patterns/contraction.js";
import { divisionsToBinders } from "../../patterns/equalities.js";
import { insideStatement, type Scope } from "../../patterns/scope.js";
import { fromZero } from "../../calculus/positions.js";
import { factsInside } from "../../ranges/facts.js";
import { provesNonNegative, type Facts } from "../../ranges/prove.js";

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
/** epilogue(term + term + …) */
export interface TiledSums {
  readonly terms: readonly Term[];
  /** What is stored, with the parameter `total` for the sum. */
  readonly epilogue: Expression;
}
export const total = "total";

/** The statement as sums that can be tiled; undefined where one cannot, or where they are not simply added. */
export function tiledSumsOf(statement: Statement, scope: Scope): TiledSums | undefined {
  const sums = sumsOf(statement, scope);
  return sums && hasSides(sums) ? sums : undefined;
}

/** Whether both operands of every product have output indices of their own. */
export const hasSides = ({ terms }: TiledSums): boolean =>
  terms.every((t) => t.rows.outer.length > 0 && t.columns.outer.length > 0);

/**
 * The same where an operand may have no output index of its own (a depthwise convolution's kernel), or be missing (the
 * sum in an average).
 */
export function sumsOf(statement: Statement, scope: Scope): TiledSums | undefined {
  const sums = outerReductions(statement.body);
  const places: Expression[] = [];
  const epilogue = withoutSums(statement.body, places);
  if (sums.length === 0 || places.length > 1) return undefined;
  const terms = sums.flatMap((sum) => termOf(statement, sum, scope) ?? []);
  return terms.length === sums.length ? { terms, epilogue } : undefined;
}

/** The body with `total` in the place of its outermost reductions, those of one sum together. */
function withoutSums(e: Expression, places: Expression[]): Expression {
  const parameter: Expression = { kind: "parameter", name: total };
  if (e.kind === "reduction") {
    places.push(e);
    return parameter;
  }
  if (!holdsReduction(e)) return e;
  if (e.kind !== "add") return mapChildren(e, { expression: (part) => withoutSums(part, places) });
  const rest = e.terms.filter((part) => part.kind !== "reduction");
  if (rest.length < e.terms.length) places.push(e);
  return build.add(
    ...(rest.length < e.terms.length ? [parameter] : []),
    ...rest.map((part) => withoutSums(part, places)),
  );
}

function termOf(statement: Statement, reduction: Reduction, scope: Scope): Term | undefined {
  const whole = withoutDivisions(reduction, insideStatement(scope, statement));
  const sum = fromZero(whole, (b) => !dependsOn([b.lower], [...statement.indices, ...whole.binders]));
  const { body } = sum;
  const isProduct = body.kind === "multiply" && body.factors.length === 2;
  if (sum.name !== "sum" || !(isProduct || body.kind === "read")) return undefined;
  const box = boxed(statement.indices, sum, scope.facts);
  if (box && body.kind === "read") return loneTerm(statement, sum, body, box, scope);
  const contraction = box && contractionIn({ ...sum, binders: box.binders }, statement);
  if (!contraction) return undefined;
  const { left, right, leftReduced, rightReduced, broadcast } = contraction;
  const { binders } = box;
  if (!isBare(left) || !isBare(right)) return undefined;
  if ([...leftReduced, ...rightReduced, ...broadcast].length > 0) return undefined;
  if (binders.length > contraction.reduced.length) return undefined;
  const named = (names: readonly string[]): readonly Index[] =>
    statement.indices.filter((i) => names.includes(i.name));
  const [batch, rows, columns] = [contraction.batch, contraction.row, contraction.column].map(named) as [
    readonly Index[],
    readonly Index[],
    readonly Index[],
  ];
  const conditions = conditionsOf(sum, box, scope);
  const common = [...batch, ...binders].map((i) => i.name);
  const split = splitGuards(conditions, common, rows, columns);
  if (!split) return undefined;
  const one = { read: left.read, outer: rows, guard: split[0] };
  const other = { read: right.read, outer: columns, guard: split[1] };
  // the side with fewer output indices is packed whole, the other streams past it
  return columns.length <= rows.length
    ? { batch, reduced: binders, rows: one, columns: other }
    : { batch, reduced: binders, rows: other, columns: one };
}

/** The other operand of a sum over one alone. */
export const unit: Operand = { read: build.read("1", []), outer: [], guard: [] };

function loneTerm(
  { indices }: Statement,
  sum: Reduction,
  read: Read,
  box: Box,
  scope: Scope,
): Term | undefined {
  const names = namesIn(read);
  if (![...indices, ...box.binders].every((i) => names.has(i.name))) return undefined;
  const rows: Operand = { read, outer: indices, guard: conditionsOf(sum, box, scope) };
  return { batch: [], reduced: box.binders, rows, columns: unit };
}

const conditionsOf = (
  { guard }: Reduction,
  { binders, guards }: Box,
  { facts }: Scope,
): readonly Condition[] =>
  conjuncts(simplifyCondition(build.and(guard, ...guards), factsInside(facts, binders)));

/** Σ_p dz[p]·x[(p - r)/d] as Σ_h dz[d·h + r]·x[h]: a sum over places that come out even needs no phases. */
function withoutDivisions(sum: Reduction, scope: Scope): Reduction {
  const next = divisionsToBinders(sum, scope);
  return next ? withoutDivisions(next, scope) : sum;
}

/** Ranges from 0, and what else bounds them. */
interface Box {
  readonly binders: readonly Binder[];
  readonly guards: readonly Condition[];
}

/** Ranges that depend on other indices become guards over their whole box, where that lies above 0. */
function boxed(indices: readonly Index[], sum: Reduction, facts: Facts): Box | undefined {
  const ranges = indices.map((i) => ({ name: i.name, lower: integer.zero, upper: i.extent }));
  const scope = [...ranges, ...sum.binders];
  const guards: Condition[] = [];
  const binders: Binder[] = [];
  for (const b of sum.binders) {
    const others = scope.filter((o) => o.name !== b.name);
    const [lower, upper] = [
      extremeOver(b.lower, "lower", others, facts),
      extremeOver(b.upper, "upper", others, facts),
    ];
    if (!lower || !upper || dependsOn([lower, upper], scope) || !provesNonNegative(facts, lower))
      return undefined;
    if (dependsOn([b.lower, b.upper], scope) || b.lower.monomials.length > 0)
      guards.push(build.within(integer.variable(b.name), b.lower, b.upper));
    // the number of points is a product of extents: two negative ones must not make one
    const extent = provesNonNegative(facts, upper) ? upper : integer.extremum("max", integer.zero, upper);
    binders.push({ ...b, lower: integer.zero, upper: extent });
  }
  return { binders, guards };
}

const dependsOn = (values: readonly Int[], names: readonly { readonly name: string }[]): boolean =>
  names.some(({ name }) => values.some((v) => integer.mentions(v, name)));

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
