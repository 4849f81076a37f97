/**
 * Products that are a tensor at hand: with `y[n,c] = u[n,c] / t[n]`, the product `dy[n,c] * u[n,c] / t[n]` is
 * `dy[n,c] * y[n,c]`. Gradients then use results instead of computing them again.
 */
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, indicesAt, type Statement } from "../notation/layer.js";
import { holdsReduction, rewrite, substitute } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import { bindingsOf, readOf, readsAllOf, type Binding } from "./instances.js";
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
    const powers = powersIn(body);
    return powers ? [{ statement, powers }] : [];
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
          divideOut(product.factors, definition, here) ??
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
  const inner = factors.find((f) => f.kind === "reduction" && f.name === "sum");
  if (inner?.kind !== "reduction") return undefined;
  const outer = factors.filter((f) => f !== inner);
  const all = build.multiply(...outer, inner.body);
  const inside = factsInside(facts, inner.binders, inner.guard);
  const divided = all.kind === "multiply" ? divideOut(all.factors, definition, inside) : undefined;
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

/** The factors of a product as powers of numbers' exponents; undefined where one is none, or a constant. */
function powersIn(product: Expression): readonly Power[] | undefined {
  const factors = product.kind === "multiply" ? product.factors : [product];
  const powers = factors.map((f) => (f.kind === "constant" ? undefined : powerOf(f)));
  return powers.every((p) => p !== undefined) ? powers : undefined;
}
function powerOf(factor: Expression): Power | undefined {
  if (factor.kind !== "raise") return { base: factor, exponent: 1 };
  if (factor.exponent.kind !== "constant") return undefined;
  return { base: factor.base, exponent: build.valueOf(factor.exponent) };
}

function divideOut(
  factors: readonly Expression[],
  { statement, powers }: ProductDefinition,
  facts: Facts,
): Expression | undefined {
  // reads in sums stand at other points than the product
  const plain = build.multiply(...factors.filter((f) => !holdsReduction(f)));
  for (const by of bindingsOf(statement, statement.body, plain, facts)) {
    const rest = quotient(factors, powers, by);
    if (rest) return build.multiply(...rest, readOf(statement, by));
  }
  return undefined;
}

/** The factors without the powers at an instance; undefined where one of these is not among them. */
function quotient(
  factors: readonly Expression[],
  powers: readonly Power[],
  by: Binding,
): readonly Expression[] | undefined {
  // s[0]·s[j] is s[0]² at j = 0
  const product = build.multiply(
    ...powers.map((p) => build.raise(substitute(p.base, by), build.rational(p.exponent))),
  );
  const instance = powersIn(product);
  if (!instance) return undefined;
  const wanted = new Map(instance.map((p) => [keyOfExpression(p.base), p.exponent]));
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
  return wanted.size > 0 ? undefined : rest;
}
