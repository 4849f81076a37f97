/**
 * A tensor's own definition as a rule: with `mu[c] = sum[n](x[n,c]) / N`, any `sum[n](x[n,c])` is `N*mu[c]`. It is what makes
 * Σ(x - μ) = 0 and Σ softmax = 1, and lets gradients use values that are at hand.
 */
import * as build from "../notation/construct.js";
import type { Expression, Reduction } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, type Statement } from "../notation/layer.js";
import { holdsReduction, substitute } from "../notation/traverse.js";
import type { Facts } from "../ranges/prove.js";
import { bindingsOf, readOf, readsAllOf, type Binding } from "./instances.js";
import { rewriteWithin } from "./within.js";

/** T[α] = coefficient · core: how a core found elsewhere is written with T. */
export interface Definition {
  readonly statement: Statement;
  readonly coefficient: Expression;
  readonly core: Reduction;
}

export function definitionsOf(statements: readonly Statement[]): readonly Definition[] {
  return statements.flatMap((statement) => {
    if (!hasPlainAxes(statement)) return [];
    const { body } = statement;
    const factors = body.kind === "multiply" ? body.factors : [body];
    const core = factors.find((f): f is Reduction => f.kind === "reduction" && f.name === "sum");
    if (!core) return [];
    const coefficient = build.multiply(...factors.filter((f) => f !== core));
    return [{ statement, coefficient, core }];
  });
}

/** Replaces every sum that is a defined tensor's core by that tensor. */
export function fold(e: Expression, definitions: readonly Definition[], facts: Facts): Expression {
  if (definitions.length === 0) return e;
  return rewriteWithin(e, facts, (part, here) => {
    if (part.kind !== "reduction" || part.name !== "sum") return part;
    for (const { statement, coefficient, core } of definitions) {
      if (core.binders.length !== part.binders.length || !readsAllOf(part, core)) continue;
      const by = instanceOf(statement, core, part, here);
      if (by) return build.divide(readOf(statement, by), substitute(coefficient, by));
    }
    return part;
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
