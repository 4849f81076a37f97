/**
 * Windows: reductions of which neighbouring results read neighbouring elements, or every few. A depthwise convolution,
 * pooling, and the data gradients of both, in which a stride has phases.
 */
import { simplifyCondition } from "../../../algebra/integers.js";
import { renameApart } from "../../../notation/binders.js";
import * as build from "../../../notation/construct.js";
import { conjuncts } from "../../../notation/construct.js";
import type { Binder, Expression, Read, Reduction } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Index, Statement } from "../../../notation/layer.js";
import { holdsReduction, readsIn, rewrite, walk } from "../../../notation/traverse.js";
import { outerReductions } from "../../../patterns/contraction.js";
import { factsInside } from "../../../ranges/facts.js";
import { isAffine } from "../../contraction/emit.js";
import { phasesOf } from "../../contraction/phases.js";
import { total, unit, type Term } from "../../contraction/terms.js";
import type { Surroundings } from "../../lower.js";
import { accumulators } from "../../reduce.js";
import type { Piece } from "../../schedule.js";
import { guardElements } from "../guards.js";
import { namesOfKernel } from "../lower.js";

export interface Window {
  readonly statement: Statement;
  /** None where each result is made of one place: a gradient of windows side by side. */
  readonly reduction?: Reduction;
  /** What is stored, with the parameter `total` for the reduction. */
  readonly epilogue: Expression;
  /** The read that slides, with what else decides at which points the reduction's body counts. */
  readonly term: Term;
  /** Whether few results reduce much: the gradient of a depthwise kernel. */
  readonly isLong: boolean;
  /** Of a position: the statement that wants the best value itself. */
  readonly best?: Statement | undefined;
}

/** A statement, or a max and its position, as a window; undefined where it is none. */
export function windowOf({ statements, extreme }: Piece, around: Surroundings): Window | undefined {
  const [first, other] = statements;
  const whole = extreme?.[1] ?? (other ? undefined : first);
  if (!whole) return undefined;
  const statement = namedApart(guardElements(whole, around.shapes), around);
  const [reduction, more] = outerReductions(statement.body);
  if (more) return undefined;
  return reduction ? reducing(statement, reduction, extreme?.[0], around) : spreading(statement);
}

/** Loops run over the binders under the names that these have: none may stand for something else in the kernel. */
function namedApart(statement: Statement, around: Surroundings): Statement {
  const taken = new Set(namesOfKernel(statement, around));
  const body = rewrite(statement.body, (e) => (e.kind === "reduction" ? renameApart(e, taken) : e));
  return { ...statement, body };
}

function reducing(
  statement: Statement,
  reduction: Reduction,
  best: Statement | undefined,
  { scope, shapes }: Surroundings,
): Window | undefined {
  const { body, indices } = statement;
  const { binders, name } = reduction;
  if (!accumulators[name] || !isFlat(reduction.body)) return undefined;
  if (!binders.every((b) => isWhole(b, [...indices, ...binders]))) return undefined;
  const reads = readsIn(reduction.body);
  // a window placed by an index tensor may lie anywhere: whoever computes it must look at each value first
  if (reads.some((r) => r.subscripts.some(integer.holdsElement))) return undefined;
  const read = reads.find((r) => slides(r, indices, binders));
  const facts = factsInside(scope.facts, [...indices, ...binders]);
  const conditions = conjuncts(simplifyCondition(reduction.guard, facts));
  // what is asked of values, not of places: which point of a window was the greatest
  const tests = conditions.filter((c) => c.kind === "zero" && integer.holdsElement(c.value));
  const guard = conditions.filter((c) => !tests.includes(c));
  if (!read || !guard.every((c) => c.kind === "nonnegative" || c.kind === "zero")) return undefined;
  if (tests.length > 0 && name !== "sum") return undefined;
  const rows = { read, outer: indices, guard };
  const term: Term = { batch: [], reduced: binders, rows, columns: unit };
  if (!isAffine(term, [rows], shapes, scope.facts)) return undefined;
  // a phase has other points, and other positions
  if (name.startsWith("arg") && phasesOf(term, scope.facts).length > 0) return undefined;
  const counted = build.select(build.and(...tests), reduction.body, build.zero);
  const epilogue = rewrite(body, (e) => (e === reduction ? { kind: "parameter", name: total } : e));
  const isLong = !isWindow(read, indices, binders);
  if (isLong && name !== "sum") return undefined;
  return { statement, reduction: { ...reduction, body: counted }, epilogue, term, isLong, best };
}

/** Results that read one element every few: y[w] = x[⌊w/2⌋]. */
function spreading(statement: Statement): Window | undefined {
  const { body, indices } = statement;
  const last = indices.at(-1);
  const read = readsIn(body).find(({ subscripts }) => {
    const atom = integer.onlyAtom(subscripts.at(-1) ?? integer.zero);
    return last && atom?.kind === "floor" && integer.mentions(atom.numerator, last.name);
  });
  if (!read || !isFlat(body)) return undefined;
  const rows = { read, outer: indices, guard: [] };
  return { statement, epilogue: body, term: { batch: [], reduced: [], rows, columns: unit }, isLong: false };
}

/** No reduction, and no question about many points, inside. */
function isFlat(body: Expression): boolean {
  let flat = !holdsReduction(body);
  walk(body, { condition: (c) => void (flat &&= c.kind !== "any" && c.kind !== "all") });
  return flat;
}

/** From 0 to what sizes alone decide. */
const isWhole = ({ lower, upper }: Binder, indices: readonly { readonly name: string }[]): boolean =>
  integer.literal(lower) === 0 && !indices.some((i) => integer.mentions(upper, i.name));

/** Whether the read slides along the output's last axis, as what is reduced moves. */
function slides({ subscripts }: Read, indices: readonly Index[], reduced: Names): boolean {
  const [last, along] = [indices.at(-1), subscripts.at(-1)];
  return last !== undefined && along !== undefined && holds(along, [last]) && holds(along, reduced);
}

/** Whether what is reduced is a window alone: in a weight's gradient it is also a batch, which moves no result. */
const isWindow = ({ subscripts }: Read, indices: Names, reduced: Names): boolean =>
  subscripts.every((s) => !holds(s, reduced) || holds(s, indices));

type Names = readonly { readonly name: string }[];
const holds = (subscript: Int, names: Names): boolean =>
  names.some((i) => integer.mentions(subscript, i.name));
