/**
 * Products that are a tensor at hand: with `y[n,c] = u[n,c] / t[n]`, the product `dy[n,c] * u[n,c] / t[n]` is
 * `dy[n,c] * y[n,c]`. Gradients then use results instead of computing them again.
 */
import { freeNamesIn, renameApart, substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Expression, Multiply } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, indicesAt, type Statement } from "../notation/layer.js";
import { onceFor } from "../notation/once.js";
import { holdsReduction, rewrite } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import { bindingsOf, candidatesIn, readOf, type Candidate } from "./instances.js";
import { factorsOf, isPart, powerOf, powersIn } from "./powers.js";
import { sum } from "./sums.js";
import { rewriteWithin } from "./within.js";

/** T[α] = a product of reads, functions and powers of them. */
export interface ProductDefinition {
  readonly statement: Statement;
}

export const productDefinitions = (statements: readonly Statement[]): readonly ProductDefinition[] =>
  statements.flatMap((statement) => {
    const { body } = statement;
    const isPlain = body.kind === "multiply" && !holdsReduction(body) && hasPlainAxes(statement);
    return isPlain && !hasConstant(body) ? [{ statement }] : [];
  });
const hasConstant = (product: Expression): boolean => factorsOf(product).some((f) => f.kind === "constant");

const bodyOf = ({ statement }: ProductDefinition): Expression => statement.body;

/** Every product rewritten with the first definitions that divide it. */
export function foldProducts(
  e: Expression,
  definitions: readonly ProductDefinition[],
  facts: Facts,
): Expression {
  if (definitions.length === 0) return e;
  return rewriteWithin(e, facts, (part, here) => {
    if (part.kind !== "multiply") return part;
    let product: Expression = part;
    // what is divided out is read from then on: later definitions may be of it
    for (let from = 0; product.kind === "multiply";) {
      const { factors }: Multiply = product;
      const found: readonly Candidate<ProductDefinition>[] = candidatesIn(product, definitions, bodyOf);
      const next = found.find(({ at }) => at >= from);
      if (!next) break;
      product =
        divideOut(factors, next.pattern, here) ?? divideInside(factors, next.pattern, here) ?? product;
      from = next.at + 1;
    }
    return product;
  });
}

/** a·Σ F, where a·F has the product: a goes back under the sum. */
function divideInside(
  factors: readonly Expression[],
  definition: ProductDefinition,
  facts: Facts,
): Expression | undefined {
  const found = factors.find((f) => f.kind === "reduction" && f.name === "sum");
  if (found?.kind !== "reduction") return undefined;
  const outer = factors.filter((f) => f !== found);
  const inner = renameApart(found, freeNamesIn(build.multiply(...outer)));
  const all = build.multiply(...outer, inner.body);
  const inside = factsInside(facts, inner.binders, inner.guard);
  const divided = all.kind === "multiply" ? divideOut(all.factors, definition, inside) : undefined;
  return divided && sum(inner.binders, inner.guard, divided, facts);
}

/** Reads of product-defined tensors written out. */
export function expandProducts(e: Expression, definitions: readonly ProductDefinition[]): Expression {
  if (definitions.length === 0) return e;
  const byName = statementsBy(definitions);
  return rewrite(e, (part) => {
    const statement = part.kind === "read" ? byName.get(part.tensor) : undefined;
    if (part.kind !== "read" || !statement) return part;
    return substitute(statement.body, indicesAt(statement, part.subscripts));
  });
}

const statementsBy = onceFor(
  (definitions: readonly ProductDefinition[]): ReadonlyMap<string, Statement> =>
    new Map(definitions.map((d) => [d.statement.tensor, d.statement])),
);

function divideOut(
  factors: readonly Expression[],
  { statement }: ProductDefinition,
  facts: Facts,
): Expression | undefined {
  // reads in sums stand at other points than the product
  const plain = build.multiply(...factors.filter((f) => !holdsReduction(f)));
  for (const by of bindingsOf(statement, statement.body, plain, facts)) {
    const rest = quotient(factors, substitute(statement.body, by));
    if (rest) return build.multiply(...rest, readOf(statement, by));
  }
  return undefined;
}

/** The factors without those of the divisor, s[0]² where s[0]·s[j] is read at j = 0; undefined where they are not among them. */
function quotient(factors: readonly Expression[], divisor: Expression): readonly Expression[] | undefined {
  if (hasConstant(divisor)) return undefined;
  const wanted = new Map([...powersIn(divisor)].map(([key, { exponent }]) => [key, exponent]));
  const rest: Expression[] = [];
  for (const factor of factors) {
    const { base, exponent } = powerOf(factor);
    const key = keyOfExpression(base);
    const part = wanted.get(key);
    if (part === undefined) {
      rest.push(factor);
      continue;
    }
    if (!isPart(part, exponent)) return undefined;
    wanted.delete(key);
    rest.push(build.raise(base, build.rational(exponent - part)));
  }
  return wanted.size > 0 ? undefined : rest;
}
