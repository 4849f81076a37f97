/** Contractions: products of two operands under a sum, and what each index is to them. */
import { freeNamesIn } from "../notation/binders.js";
import type { Condition, Expression, Read, Reduction } from "../notation/expression.js";
import * as build from "../notation/construct.js";
import * as integer from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";
import { mapChildren, namesInCondition } from "../notation/traverse.js";
import { directReads } from "./scope.js";

/** One side of a contraction: a read, possibly with other factors that depend on no more indices than it does. */
export interface Operand {
  /** The tensor of its leading read. */
  readonly tensor: string;
  readonly read: Read;
  /** All its factors, the one that holds the leading read first. */
  readonly factors: readonly Expression[];
  /** Indices, outer and reduced, that it depends on. */
  readonly indices: ReadonlySet<string>;
}

/**
 * Σ left · right. Its indices by where they stand:
 *
 *            | left and right | left only   | right only   | neither
 *     output | batch          | row         | column       | broadcast
 *     summed | reduced        | leftReduced | rightReduced | (counted only)
 */
export interface Contraction {
  /** The sum itself, a node of the statement's body: what stands around it there is the epilogue. */
  readonly sum: Reduction;
  readonly left: Operand;
  readonly right: Operand;
  readonly batch: readonly string[];
  readonly row: readonly string[];
  readonly column: readonly string[];
  readonly broadcast: readonly string[];
  readonly reduced: readonly string[];
  readonly leftReduced: readonly string[];
  readonly rightReduced: readonly string[];
}

/** The reductions of an expression that stand in no other. */
export function outerReductions(e: Expression): readonly Reduction[] {
  if (e.kind === "reduction") return [e];
  const found: Reduction[] = [];
  mapChildren(e, { expression: (part) => (found.push(...outerReductions(part)), part) });
  return found;
}

/**
 * A sum as a contraction; undefined where its factors do not part into two operands. The right operand is the one with
 * the last output index, so that the output's rows are the left one's; an operand without output indices is the right one.
 */
export function contractionIn(sum: Reduction, statement: Statement): Contraction | undefined {
  if (sum.name !== "sum") return undefined;
  const outer = outputOrder(statement);
  const pair = operandsOf(sum, new Set([...outer, ...sum.binders.map((b) => b.name)]));
  if (!pair) return undefined;
  const [a, b] = pair;
  const last = outer.findLast((name) => a.indices.has(name) !== b.indices.has(name));
  const aIsRight = last !== undefined && a.indices.has(last);
  const alone = outer.every((name) => !(aIsRight ? b : a).indices.has(name));
  const [left, right] = aIsRight === alone ? [a, b] : [b, a];
  const among = (names: readonly string[], inLeft: boolean, inRight: boolean): readonly string[] =>
    names.filter((name) => left.indices.has(name) === inLeft && right.indices.has(name) === inRight);
  const bound = sum.binders.map((binder) => binder.name);
  return {
    sum,
    left,
    right,
    batch: among(outer, true, true),
    row: among(outer, true, false),
    column: among(outer, false, true),
    broadcast: among(outer, false, false),
    reduced: among(bound, true, true),
    leftReduced: among(bound, true, false),
    rightReduced: among(bound, false, true),
  };
}

/** Output indices in the order of the output's axes. */
export const outputOrder = ({ subscripts, indices }: Statement): readonly string[] => [
  ...new Set(
    subscripts.flatMap((s) => {
      const names = integer.variablesOf(s);
      return indices.map((i) => i.name).filter((name) => names.has(name));
    }),
  ),
];

/** A factor and the indices it depends on. A condition counts as a factor 0 or 1. */
interface Factor {
  readonly expression: Expression;
  readonly reads: readonly Read[];
  readonly indices: ReadonlySet<string>;
}

function factorsOf(e: Expression, names: ReadonlySet<string>): readonly Factor[] {
  if (e.kind === "multiply") return e.factors.flatMap((f) => factorsOf(f, names));
  if (e.kind === "select" && build.isConstant(e.whenFalse, 0))
    return [indicator(e.condition, names), ...factorsOf(e.whenTrue, names)];
  const indices = new Set([...freeNamesIn(e)].filter((name) => names.has(name)));
  return [{ expression: e, reads: directReads(e), indices }];
}
function indicator(condition: Condition, names: ReadonlySet<string>): Factor {
  const indices = new Set([...namesInCondition(condition)].filter((name) => names.has(name)));
  return { expression: build.select(condition, build.one, build.zero), reads: [], indices };
}

/** The factors as two operands: two of them lead, each other one depends on no more indices than its leader. */
function operandsOf(sum: Reduction, names: ReadonlySet<string>): readonly [Operand, Operand] | undefined {
  const factors = factorsOf(sum.body, names).filter((f) => f.indices.size > 0);
  const leaders = factors.filter((f) => f.reads.length > 0);
  let best: { size: number; pair: readonly [Operand, Operand] } | undefined;
  for (const [i, a] of leaders.entries())
    for (const b of leaders.slice(i + 1)) {
      const others = factors.filter((f) => f !== a && f !== b);
      const [ofA, rest] = [others.filter((f) => isWithin(f, a)), others.filter((f) => !isWithin(f, a))];
      if (!rest.every((f) => isWithin(f, b))) continue;
      const size = a.indices.size + b.indices.size;
      const [left, right] = [operand(a, ofA), operand(b, rest)];
      if (left && right && size > (best?.size ?? 0)) best = { size, pair: [left, right] };
    }
  return best?.pair;
}
const isWithin = (f: Factor, leader: Factor): boolean =>
  [...f.indices].every((name) => leader.indices.has(name));
function operand(leader: Factor, others: readonly Factor[]): Operand | undefined {
  const [read] = leader.reads.toSorted((a, b) => b.subscripts.length - a.subscripts.length);
  return (
    read && {
      tensor: read.tensor,
      read,
      factors: [leader, ...others].map((f) => f.expression),
      indices: leader.indices,
    }
  );
}

/** Whether the operand is nothing but its read. */
export const isBare = ({ factors: [only, ...others] }: Operand): boolean =>
  only?.kind === "read" && others.length === 0;
