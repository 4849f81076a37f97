/**
 * Terms that vanish through a definition: Σ(x - μ) = 0, and the shift of a softmax. Small stored adjoints are
 * written out, sums split, and each sum that has a name is called by it; kept only where everything cancels.
 */
import { restrictSums, type Supports } from "../algebra/branches.js";
import { fold, foldParts, type Definition } from "../algebra/definitions.js";
import { readsAllOf } from "../algebra/instances.js";
import { expandProducts, type ProductDefinition } from "../algebra/products.js";
import { flattenSums, simplifySums, splitSums } from "../algebra/sums.js";
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { holdsReduction, countNodes, walk } from "../notation/traverse.js";
import type { Facts } from "../ranges/prove.js";
import type { Trail } from "./trail.js";

export interface Known {
  readonly facts: Facts;
  readonly supports: Supports;
  readonly definitions: readonly Definition[];
  readonly products: readonly ProductDefinition[];
  /** Stored adjoints written out. */
  readonly writeOut: (e: Expression, depth: number) => Expression;
  /** Whether it is the derivative with respect to a maximum or minimum. */
  readonly isExtreme: boolean;
}

/** Formulas of more nodes are not tried. */
const mostNodes = 200;

export function withoutVanishing(body: Expression, known: Known, trail: Trail): Expression {
  if (!holdsReduction(body) || countNodes(body) > mostNodes) return body;
  const whole = attempt(body, known);
  const terms = body.kind === "add" ? body.terms : [body];
  // all terms together may vanish, or some each on its own
  const tried = whole.vanishes
    ? [{ term: body, ...whole }]
    : body.kind === "add"
      ? terms.map((term) => ({ term, ...attempt(term, known) }))
      : [];
  if (!tried.some((t) => t.vanishes)) return body;
  const all = (of: (t: (typeof tried)[number]) => Expression): Expression =>
    build.add(...tried.map((t) => (t.vanishes ? of(t) : t.term)));
  trail.record(
    "write out definitions",
    all((t) => t.written),
  );
  trail.record(
    "split sums",
    all((t) => t.split),
  );
  const split = all((t) => t.split);
  const because = known.definitions.filter(
    (d) =>
      readsAllOf(split, d.core) && keyOfExpression(fold(split, [d], known.facts)) !== keyOfExpression(split),
  );
  return trail.record(
    "terms that vanish",
    all(() => build.zero),
    { because: because.map((d) => d.statement), vanishing: vanishingSums(body, known) },
  );
}

/** Σ(x - μ): the sums in a formula that are 0, each on its own. */
function vanishingSums(body: Expression, known: Known): readonly Expression[] {
  const found = new Map<string, Expression>();
  walk(body, {
    expression: (e) => {
      if (e.kind === "reduction" && e.name === "sum" && attempt(e, known).vanishes)
        found.set(keyOfExpression(e), e);
    },
  });
  return [...found.values()];
}

interface Attempt {
  readonly written: Expression;
  readonly split: Expression;
  readonly vanishes: boolean;
}
function attempt(e: Expression, known: Known): Attempt {
  const { facts, definitions, isExtreme } = known;
  const written = writtenOut(e, 0, known);
  const near = { written, split: splitOf(written, known) };
  if (isZero(fold(near.split, definitions, facts))) return { ...near, vanishes: true };
  for (const depth of isExtreme ? [1, 3] : []) {
    const written = writtenOut(e, depth, known);
    if (countNodes(written) > mostNodes) break;
    const far = { written, split: splitOf(written, known) };
    const flat = splitSums(flattenSums(far.split, facts), facts);
    const parts = simplifySums(foldParts(flat, definitions, facts), facts);
    if (isZero(fold(parts, definitions, facts))) return { ...far, vanishes: true };
  }
  return { ...near, vanishes: false };
}
const isZero = (e: Expression): boolean => build.isConstant(e, 0);

/** Stored adjoints written out, and what they read so many times; products that have names too. */
const writtenOut = (e: Expression, depth: number, { products, writeOut }: Known): Expression =>
  expandProducts(writeOut(e, depth), products);
const splitOf = (e: Expression, { facts, supports }: Known): Expression =>
  simplifySums(restrictSums(splitSums(e, facts), supports), facts);
