/**
 * A tensor's own definition as a rule: with `mu[c] = sum[n](x[n,c]) / N`, any `sum[n](x[n,c])` is `N*mu[c]`. It is what makes
 * Σ(x - μ) = 0 and Σ softmax = 1, and lets gradients use values that are at hand.
 */
import { substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Expression, Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, type Statement } from "../notation/layer.js";
import { holdsReduction, rewrite, tensorsIn, walk } from "../notation/traverse.js";

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
export function fold(e: Expression, definitions: readonly Definition[]): Expression {
  if (definitions.length === 0) return e;
  return rewrite(e, (part) => {
    if (part.kind !== "reduction" || part.name !== "sum") return part;
    for (const definition of definitions) {
      if (!readsAllOf(part, definition.core)) continue;
      const found = instance(definition, part);
      if (found) return found;
    }
    return part;
  });
}

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
  { statement, coefficient, core }: Definition,
  candidate: Reduction,
): Expression | undefined {
  if (core.binders.length !== candidate.binders.length) return undefined;
  const names = new Set(statement.indices.map((i) => i.name));
  const by = matchReads(core, candidate, names);
  if (!by || by.size < names.size) return undefined;
  if (keyOfExpression(substitute(core, by)) !== keyOfExpression(candidate)) return undefined;
  const read = build.read(
    statement.tensor,
    statement.subscripts.map((s) => integer.substituteInt(s, by)),
  );
  return build.divide(read, substitute(coefficient, by));
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
