/**
 * Products that are a tensor at hand: with `y[n,c] = u[n,c] / t[n]`, the product `dy[n,c] * u[n,c] / t[n]` is
 * `dy[n,c] * y[n,c]`. Gradients then use results instead of computing them again.
 */
import { freeNamesIn, renameApart, substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Expression, Read } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, indicesAt, type Statement } from "../notation/layer.js";
import { holdsReduction, rewrite, walk } from "../notation/traverse.js";
import type { Facts } from "../ranges/prove.js";
import { readsAllOf } from "./definitions.js";
import { sum } from "./sums.js";
import { rewriteWithin } from "./within.js";

interface Power {
  readonly base: Expression;
  readonly exponent: number;
}
/** T[α] = Π base^exponent, at least two of them. */
export interface ProductDefinition {
  readonly statement: Statement;
  readonly powers: readonly Power[];
}

export function productDefinitions(statements: readonly Statement[]): readonly ProductDefinition[] {
  return statements.flatMap((statement) => {
    const { body } = statement;
    if (body.kind !== "multiply" || holdsReduction(body) || !hasPlainAxes(statement)) return [];
    const powers = body.factors.map(powerOf);
    const plain = powers.every((p) => p !== undefined) && !body.factors.some((f) => f.kind === "constant");
    return plain && powers.length > 1 ? [{ statement, powers: powers.filter((p) => p !== undefined) }] : [];
  });
}

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
    for (const definition of definitions)
      if (product.kind === "multiply" && readsAllOf(product, definition.statement.body))
        product =
          divideOut(product.factors, definition) ??
          divideInside(product.factors, definition, here) ??
          product;
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
  const divided = all.kind === "multiply" ? divideOut(all.factors, definition) : undefined;
  return divided && sum(inner.binders, inner.guard, divided, facts);
}

/** Reads of product-defined tensors written out. */
export function expandProducts(e: Expression, definitions: readonly ProductDefinition[]): Expression {
  const byName = new Map(definitions.map((d) => [d.statement.tensor, d.statement]));
  if (byName.size === 0) return e;
  return rewrite(e, (part) => {
    const statement = part.kind === "read" ? byName.get(part.tensor) : undefined;
    if (part.kind !== "read" || !statement) return part;
    return substitute(statement.body, indicesAt(statement, part.subscripts));
  });
}

function powerOf(factor: Expression): Power | undefined {
  if (factor.kind !== "raise") return { base: factor, exponent: 1 };
  if (factor.exponent.kind !== "constant") return undefined;
  return { base: factor.base, exponent: build.valueOf(factor.exponent) };
}

function divideOut(
  factors: readonly Expression[],
  { statement, powers }: ProductDefinition,
): Expression | undefined {
  const by = bindings(statement, powers, factors);
  if (!by) return undefined;
  const wanted = new Map(powers.map((p) => [keyOfExpression(substitute(p.base, by)), p.exponent]));
  const rest: Expression[] = [];
  for (const factor of factors) {
    const power = powerOf(factor);
    const key = power && keyOfExpression(power.base);
    const exponent = key === undefined ? undefined : wanted.get(key);
    if (!power || key === undefined || exponent === undefined) {
      rest.push(factor);
      continue;
    }
    const left = power.exponent / exponent;
    if (!(left >= 1)) return undefined;
    wanted.delete(key);
    rest.push(build.raise(power.base, build.rational(power.exponent - exponent)));
  }
  if (wanted.size > 0) return undefined;
  const subscripts = statement.subscripts.map((s) => integer.substituteInt(s, by));
  return build.multiply(...rest, build.read(statement.tensor, subscripts));
}

/** What the definition's indices are in the product: read off the factors that it names. */
function bindings(
  statement: Statement,
  powers: readonly Power[],
  factors: readonly Expression[],
): Map<string, Int> | undefined {
  const free = new Set(statement.indices.map((i) => i.name));
  const by = new Map<string, Int>();
  const reads = factors.flatMap(readsOf);
  for (const pattern of powers.flatMap((p) => readsOf(p.base))) {
    const found = reads.find((r) => r.tensor === pattern.tensor);
    if (!found) return undefined;
    pattern.subscripts.forEach((s, i) => {
      const name = integer.plainVariable(s);
      const value = found.subscripts[i];
      if (name !== undefined && free.has(name) && value && !by.has(name)) by.set(name, value);
    });
  }
  return by.size === free.size ? by : undefined;
}

function readsOf(e: Expression): readonly Read[] {
  const reads: Read[] = [];
  walk(e, {
    enter: (part) => part.kind !== "reduction",
    expression: (part) => {
      if (part.kind === "read") reads.push(part);
    },
  });
  return reads;
}
