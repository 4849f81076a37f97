/**
 * A tensor's own definition as a rule: with `mu[c] = sum[n](x[n,c]) / N`, any `sum[n](x[n,c])` is `N*mu[c]`. It is what makes
 * Σ(x - μ) = 0 and Σ softmax = 1, and lets gradients use values that are at hand.
 */
import * as build from "../notation/construct.js";
import type { Expression, Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, type Statement } from "../notation/layer.js";
import { holdsReduction, rewrite, substitute, tensorsIn, walk } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import { factorsOf, isPart, powersIn, type Power } from "./powers.js";
import { hasNoPole, isNeverZero, knownInside, type Known } from "./real-signs.js";

/** T[α] = coefficient · core: how a core found elsewhere is written with T. */
export interface Definition {
  readonly statement: Statement;
  readonly coefficient: Expression;
  readonly core: Reduction;
  /** Powers in the coefficient that may be 0 or infinite: only a product that has them may be written with T. */
  readonly unsure: readonly Power[];
}

export function definitionsOf(statements: readonly Statement[], known: Known): readonly Definition[] {
  return statements.flatMap((statement) => {
    if (!hasPlainAxes(statement)) return [];
    const { body } = statement;
    const factors = body.kind === "multiply" ? body.factors : [body];
    const core = factors.find((f): f is Reduction => f.kind === "reduction" && f.name === "sum");
    if (!core) return [];
    const coefficient = build.multiply(...factors.filter((f) => f !== core));
    const here = knownInside(known, factsInside(known.facts, statement.indices));
    const unsure = [...powersIn(coefficient).values()].filter(({ base }) => !isSafeDivisor(base, here));
    return [{ statement, coefficient, core, unsure }];
  });
}

/**
 * Sizes and params that are never 0. Values of tensors are none, whatever is known of them: e^(-200) is 0 in float32,
 * and Σ F would be (e^u·Σ F)/e^u = 0/0.
 */
const isSafeDivisor = (e: Expression, known: Known): boolean =>
  tensorsIn(e).size === 0 && isNeverZero(e, known) && hasNoPole(e, known);

/** Replaces every sum that is a defined tensor's core by that tensor: Σ F = T/a where a is never 0, b·a·Σ F = b·T. */
export function fold(e: Expression, definitions: readonly Definition[]): Expression {
  if (definitions.length === 0) return e;
  return rewrite(e, (part) => {
    const factors = factorsOf(part);
    for (const sum of factors) {
      if (sum.kind !== "reduction" || sum.name !== "sum") continue;
      const others = build.multiply(...factors.filter((f) => f !== sum));
      for (const definition of definitions) {
        if (!readsAllOf(sum, definition.core)) continue;
        const by = instance(definition, sum);
        if (by && isFactorOf(definition.unsure, others, by))
          return build.multiply(others, quotient(definition, by));
      }
    }
    return part;
  });
}
/** Whether the product has all of the powers, so that dividing by them takes them away. */
function isFactorOf(powers: readonly Power[], product: Expression, by: ReadonlyMap<string, Int>): boolean {
  const present = powersIn(product);
  return powers.every(({ base, exponent }) => {
    const whole = present.get(keyOfExpression(substitute(base, by)));
    return whole !== undefined && isPart(exponent, whole.exponent);
  });
}
/** The core as the tensor over its coefficient. */
const quotient = ({ statement, coefficient }: Definition, by: ReadonlyMap<string, Int>): Expression =>
  build.divide(
    build.read(
      statement.tensor,
      statement.subscripts.map((s) => integer.substituteInt(s, by)),
    ),
    substitute(coefficient, by),
  );

/** Whether the expression reads every tensor that the pattern reads: else it cannot be an instance. */
export function readsAllOf(e: Expression, pattern: Expression): boolean {
  const reads = tensorsIn(e);
  for (const tensor of tensorsIn(pattern)) if (!reads.has(tensor)) return false;
  return true;
}

/** Statements that are one pointwise `where` or function: worth a read instead of a second evaluation. */
export const valueDefinitions = (statements: readonly Statement[]): readonly Statement[] =>
  statements.filter(
    (s) => (s.body.kind === "select" || s.body.kind === "call") && !holdsReduction(s.body) && hasPlainAxes(s),
  );

/** Replaces every expression that is a tensor's whole definition by that tensor. */
export function foldValues(e: Expression, values: readonly Statement[]): Expression {
  if (values.length === 0) return e;
  return rewrite(e, (part) => {
    if (part.kind !== "select" && part.kind !== "call") return part;
    for (const statement of values) {
      if (statement.body.kind !== part.kind || !readsAllOf(part, statement.body)) continue;
      const names = new Set(statement.indices.map((i) => i.name));
      const by = matchReads(statement.body, part, names);
      if (!by || by.size < names.size) continue;
      if (keyOfExpression(substitute(statement.body, by)) !== keyOfExpression(part)) continue;
      return build.read(
        statement.tensor,
        statement.subscripts.map((s) => integer.substituteInt(s, by)),
      );
    }
    return part;
  });
}

function instance(
  { statement, core }: Definition,
  candidate: Reduction,
): ReadonlyMap<string, Int> | undefined {
  if (core.binders.length !== candidate.binders.length) return undefined;
  const names = new Set(statement.indices.map((i) => i.name));
  const by = matchReads(core, candidate, names);
  if (!by || by.size < names.size) return undefined;
  return keyOfExpression(substitute(core, by)) === keyOfExpression(candidate) ? by : undefined;
}

/** What the pattern's free indices must be, judged by where they stand alone in its reads. */
function matchReads(
  pattern: Expression,
  candidate: Expression,
  free: ReadonlySet<string>,
): Map<string, Int> | undefined {
  const [left, right] = [readsOf(pattern), readsOf(candidate)];
  const by = new Map<string, Int>();
  for (const read of left) {
    const other = right.find(
      (r) => r.tensor === read.tensor && r.subscripts.length === read.subscripts.length,
    );
    if (!other) return undefined;
    read.subscripts.forEach((s, i) => {
      const name = integer.plainVariable(s);
      const value = other.subscripts[i];
      if (name !== undefined && free.has(name) && value && !by.has(name)) by.set(name, value);
    });
  }
  return by;
}

function readsOf(e: Expression): Read[] {
  const reads: Read[] = [];
  walk(e, {
    expression: (part) => {
      if (part.kind === "read") reads.push(part);
    },
  });
  return reads;
}
