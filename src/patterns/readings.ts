/**
 * Ways to read a gradient that is a contraction, as papers do: a matrix product, a convolution with zeros between the
 * elements of its data or with its kernel turned, a strided one by phases. Each is a rewrite of the formula that
 * keeps its value; what is computed is the formula itself.
 */
import { substitute, substituteCondition } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression, Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement } from "../notation/layer.js";
import { mapChildren, rewrite } from "../notation/traverse.js";
import { isPositive } from "../algebra/integers.js";
import { contractionIn, isBare, outerReductions } from "./contraction.js";
import { withoutImpliedGuards } from "./guards.js";
import type { GemmPattern, Pattern } from "./pattern.js";
import { directReads, insideReduction, insideStatement, type Scope } from "./scope.js";
import { dividend, divisorOf } from "./senses.js";
import { liveTapsIn, type LiveTaps } from "./live-taps.js";

/** The rules, each with what it says. */
export const readingRules = {
  "matrix form": "Σ_c left[i,c]·right[c,j] is a product of matrices",
  "insert zeros": "data read at every stride-th place is data with stride - 1 zeros between its elements",
  "rotate the kernel": "Σ_{r<R} F(r) = Σ_{r<R} F(R-1-r): the window runs with the data",
  "split into phases": "h = stride·⌊h/stride⌋ + φ: for each φ a convolution without a stride",
  "exchange batch and channel": "the sum runs over the batch as a convolution's runs over its channels",
} as const;
export type ReadingRule = keyof typeof readingRules;

export interface Reading {
  readonly rule: ReadingRule;
  readonly statement: Statement;
  /** The matrices, where the formula is a product of them. */
  readonly matrices?: GemmPattern;
  /** Tensors whose first two axes are exchanged. */
  readonly exchanged?: readonly string[];
  /** Output indices that fall into phases. */
  readonly phases?: readonly Phase[];
}
/** index = stride·⌊index/stride⌋ + phase. */
export interface Phase {
  readonly index: string;
  readonly stride: Int;
  readonly taps?: LiveTaps | undefined;
}

export function readingsOf(statement: Statement, pattern: Pattern, scope: Scope): readonly Reading[] {
  if ("left" in pattern) return matrixForm(statement, pattern);
  if (!("data" in pattern)) return [];
  const bare = overSums(statement, scope, withoutImpliedGuards);
  if (pattern.kind.endsWith("conv-data-gradient")) return dataGradient(bare, scope);
  if (!pattern.kind.endsWith("conv-weight-gradient")) return [];
  const spread = overSums(bare, scope, spreadBinders);
  const exchanged = [pattern.data, pattern.kernel];
  const exchange: Reading = { rule: "exchange batch and channel", statement: spread, exchanged };
  const isPlain = pattern.kind === "conv-weight-gradient" && pattern.groups === "1";
  return [...changed("insert zeros", bare, spread), ...(isPlain ? [exchange] : [])];
}

function matrixForm(statement: Statement, matrices: GemmPattern): readonly Reading[] {
  const [contraction] = outerReductions(statement.body).flatMap((sum) => contractionIn(sum, statement) ?? []);
  if (!contraction || !isBare(contraction.left) || !isBare(contraction.right)) return [];
  // a bias beside the product is added to each row
  const terms = statement.body.kind === "add" ? statement.body.terms : [statement.body];
  const whole = terms.includes(contraction.sum);
  const others = terms.filter((t) => t !== contraction.sum);
  return whole && others.every((t) => t.kind === "read")
    ? [{ rule: "matrix form", statement, matrices }]
    : [];
}

/** Zeros between the elements of dz, the kernel turned, and as it is computed: by phases. */
function dataGradient(statement: Statement, scope: Scope): readonly Reading[] {
  const spread = overSums(statement, scope, spreadReads);
  const turned = overSums(spread, scope, turnKernel);
  const phases: Phase[] = [];
  const phased = overSums(statement, scope, (e) =>
    mapReads(e, (read) => inPhases(read, e, statement, scope, phases)),
  );
  const split = changed("split into phases", statement, phased).map((r) => ({ ...r, phases }));
  return [
    ...changed("insert zeros", statement, spread),
    ...changed("rotate the kernel", spread, turned),
    ...split,
  ];
}
const changed = (rule: ReadingRule, before: Statement, after: Statement): readonly Reading[] =>
  before.body === after.body ? [] : [{ rule, statement: after }];

/** Every sum of the right-hand side rewritten. */
function overSums(
  statement: Statement,
  scope: Scope,
  change: (e: Reduction, inside: Scope) => Reduction,
): Statement {
  const inside = insideStatement(scope, statement);
  const over = (e: Expression): Expression =>
    e.kind === "reduction" && e.name === "sum" ? change(e, inside) : mapChildren(e, { expression: over });
  return { ...statement, body: over(statement.body) };
}
function mapReads(e: Reduction, change: (read: Read) => Expression): Reduction {
  const body = rewrite(e.body, (part) => (part.kind === "read" ? change(part) : part));
  return body === e.body ? e : { ...e, body };
}

const isDivided = (value: Int): boolean => dividend(value) !== value;

/** T[e/d] = where(d | e, T[⌊e/d⌋], 0): T with d - 1 zeros between its elements, read at e. */
const spreadReads = (e: Reduction): Reduction =>
  mapReads(e, (read) => {
    if (!read.subscripts.some(isDivided)) return read;
    const whole = read.subscripts.filter(isDivided).map((s) => build.divides(divisorOf(s), dividend(s)));
    const subscripts = read.subscripts.map((s) => integer.floorDivide(dividend(s), divisorOf(s)));
    return build.select(build.and(...whole), { ...read, subscripts }, build.zero);
  });

/** Σ_p dz[p]·x[s·p + …] = Σ_u where(s | u, dz[u/s], 0)·x[u + …]. */
function spreadBinders(e: Reduction, scope: Scope): Reduction {
  const inside = insideReduction(scope, e);
  return e.binders.reduce((sum, binder) => {
    const step = stepOf(sum, binder, inside);
    return step ? spreadBinder(sum, binder, step) : sum;
  }, e);
}
/** The stride with which a read walks while another stands still. */
function stepOf(e: Reduction, { name, lower }: Binder, { facts }: Scope): Int | undefined {
  if (integer.literal(lower) !== 0) return undefined;
  const steps = directReads(e.body).flatMap((read) =>
    read.subscripts.flatMap((s) => integer.affineIn(s, name)?.coefficient ?? []),
  );
  const strides = steps.filter((s) => integer.literal(s) === undefined || (integer.literal(s) ?? 0) > 1);
  const [stride] = strides;
  const plain = steps.some((s) => integer.literal(s) === 1);
  return stride && plain && strides.every((s) => integer.equal(s, stride)) && isPositive(stride, facts)
    ? stride
    : undefined;
}
function spreadBinder(e: Reduction, binder: Binder, stride: Int): Reduction {
  const u = integer.variable(binder.name);
  const last = integer.times(integer.minus(binder.upper, integer.one), stride);
  const binders = e.binders.map((b) => (b === binder ? { ...b, upper: integer.plus(last, integer.one) } : b));
  const body = rewrite(e.body, (part) => {
    if (part.kind !== "read") return part;
    const own = part.subscripts.filter((s) => integer.plainVariable(s) === binder.name);
    const by = new Map([[binder.name, integer.floorDivide(u, stride)]]);
    const subscripts = part.subscripts.map((s) => {
      const parts = integer.affineIn(s, binder.name);
      if (parts && integer.equal(parts.coefficient, stride)) return integer.plus(parts.rest, u);
      return integer.substituteInt(s, by);
    });
    const read: Read = { ...part, subscripts };
    return own.length > 0 ? joined(build.divides(stride, u), read) : read;
  });
  return { ...e, binders, body: rewrite(body, nested) };
}
const joined = (condition: Condition, read: Expression): Expression =>
  build.select(condition, read, build.zero);
/** where(a, where(b, F, 0), 0) = where(a and b, F, 0). */
const nested = (e: Expression): Expression =>
  e.kind === "select" &&
  e.whenTrue.kind === "select" &&
  [e, e.whenTrue].every((s) => build.isConstant(s.whenFalse, 0))
    ? build.select(build.and(e.condition, e.whenTrue.condition), e.whenTrue.whenTrue, build.zero)
    : e;

/** Σ_{r<R} F(r) = Σ_{r<R} F(R-1-r) for each index that runs against the data. */
function turnKernel(e: Reduction, scope: Scope): Reduction {
  const inside = insideReduction(scope, e);
  return e.binders.reduce((sum, binder) => {
    if (integer.literal(binder.lower) !== 0 || !runsBackwards(sum, binder, inside)) return sum;
    const turned = integer.minus(integer.minus(binder.upper, integer.one), integer.variable(binder.name));
    const by = new Map([[binder.name, turned]]);
    return { ...sum, guard: substituteCondition(sum.guard, by), body: substitute(sum.body, by) };
  }, e);
}
const runsBackwards = (e: Reduction, { name }: Binder, { facts }: Scope): boolean =>
  directReads(e.body).some((read) =>
    read.subscripts.some((s) => {
      const floor = s.monomials.flatMap((m) => m.factors).find((f) => f.kind === "floor");
      const value = floor?.kind === "floor" ? floor.numerator : dividend(s);
      const coefficient = integer.affineIn(value, name)?.coefficient;
      const outer = [...integer.variablesOf(value)].length > 1;
      return coefficient !== undefined && outer && isPositive(integer.negate(coefficient), facts);
    }),
  );

/** (h + e)/d = ⌊h/d⌋ + (mod(h, d) + e)/d. */
function inPhases(read: Read, e: Reduction, { indices }: Statement, scope: Scope, found: Phase[]): Read {
  if (!read.subscripts.some(isDivided)) return read;
  const subscripts = read.subscripts.map((s) => {
    if (!isDivided(s)) return s;
    const [value, stride] = [dividend(s), divisorOf(s)];
    const unit = ({ name }: Index): boolean =>
      integer.literal(integer.affineIn(value, name)?.coefficient ?? integer.zero) === 1;
    const index = indices.find(unit);
    if (!index || !isPositive(stride, scope.facts)) return s;
    if (!found.some((phase) => phase.index === index.name))
      found.push({ index: index.name, stride, taps: liveTapsIn(e, value, index.name, stride) });
    const h = integer.variable(index.name);
    const rest = integer.plus(integer.modulo(h, stride), integer.minus(value, h));
    return integer.plus(integer.floorDivide(h, stride), integer.exactDivide(rest, stride));
  });
  return { ...read, subscripts };
}
