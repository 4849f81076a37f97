/**
 * A tensor's own definition as a rule: with `mu[c] = sum[n](x[n,c]) / N`, any `sum[n](x[n,c])` is `N*mu[c]`. It is what makes
 * Σ(x - μ) = 0 and Σ softmax = 1, and lets gradients use values that are at hand.
 */
import { substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Expression, Reduction } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, type Statement } from "../notation/layer.js";
import { holdsReduction, tensorsIn } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import { bindingsOf, readOf, readsAllOf, type Binding } from "./instances.js";
import { factorsOf, isPart, powersIn, type Power } from "./powers.js";
import { hasNoPole, isNeverZero, knownInside, type Known } from "./real-signs.js";
import { rewriteWithin } from "./within.js";

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
export function fold(e: Expression, definitions: readonly Definition[], facts: Facts): Expression {
  if (definitions.length === 0) return e;
  return rewriteWithin(e, facts, (part, here) => {
    const factors = factorsOf(part);
    for (const sum of factors) {
      if (sum.kind !== "reduction" || sum.name !== "sum") continue;
      const others = build.multiply(...factors.filter((f) => f !== sum));
      for (const { statement, coefficient, core, unsure } of definitions) {
        if (core.binders.length !== sum.binders.length || !readsAllOf(sum, core)) continue;
        const by = instanceOf(statement, core, sum, here);
        if (by && isFactorOf(unsure, others, by))
          return build.multiply(others, build.divide(readOf(statement, by), substitute(coefficient, by)));
      }
    }
    return part;
  });
}
/** Whether the product has all of the powers, so that dividing by them takes them away. */
function isFactorOf(powers: readonly Power[], product: Expression, by: Binding): boolean {
  const present = powersIn(product);
  return powers.every(({ base, exponent }) => {
    const whole = present.get(keyOfExpression(substitute(base, by)));
    return whole !== undefined && isPart(exponent, whole.exponent);
  });
}

/** Statements that are one pointwise `where` or function: worth a read instead of a second evaluation. */
export const valueDefinitions = (statements: readonly Statement[]): readonly Statement[] =>
  statements.filter(
    (s) => (s.body.kind === "select" || s.body.kind === "call") && !holdsReduction(s.body) && hasPlainAxes(s),
  );

/** Replaces every expression that is a tensor's whole definition by that tensor. */
export function foldValues(e: Expression, values: readonly Statement[], facts: Facts): Expression {
  if (values.length === 0) return e;
  return rewriteWithin(e, facts, (part, here) => {
    if (part.kind !== "select" && part.kind !== "call") return part;
    for (const statement of values) {
      if (statement.body.kind !== part.kind || !readsAllOf(part, statement.body)) continue;
      const by = instanceOf(statement, statement.body, part, here);
      if (by) return readOf(statement, by);
    }
    return part;
  });
}

/** The binding under which the pattern, a part of the statement's formula, is the candidate. */
function instanceOf(
  statement: Statement,
  pattern: Expression,
  candidate: Expression,
  facts: Facts,
): Binding | undefined {
  const key = keyOfExpression(candidate);
  for (const by of bindingsOf(statement, pattern, candidate, facts))
    if (keyOfExpression(substitute(pattern, by)) === key) return by;
  return undefined;
}
