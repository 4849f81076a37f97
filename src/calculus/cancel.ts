/**
 * Terms that vanish through a definition: Σ(x - μ) = 0, and the shift of a softmax. Small stored adjoints are
 * written out, sums split, and each sum that has a name is called by it; kept only where everything cancels.
 */
import { restrictSums, type Supports } from "../algebra/branches.js";
import { fold, foldParts, type Definition } from "../algebra/definitions.js";
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
  readonly writeOut: (e: Expression) => Expression;
}

export function withoutVanishing(body: Expression, known: Known, trail: Trail): Expression {
  if (!holdsReduction(body) || countNodes(body) > 200) return body;
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
    (d) => keyOfExpression(fold(split, [d], known.facts)) !== keyOfExpression(split),
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

function attempt(e: Expression, { facts, supports, definitions, products, writeOut }: Known) {
  const written = expandProducts(writeOut(e), products);
  const split = simplifySums(restrictSums(splitSums(written, facts), supports), facts);
  const vanishes = (folded: Expression): boolean => build.isConstant(folded, 0);
  if (vanishes(fold(split, definitions, facts))) return { written, split, vanishes: true };
  const flat = splitSums(flattenSums(split, facts), facts);
  const parts = simplifySums(foldParts(flat, definitions, facts), facts);
  return { written, split, vanishes: vanishes(fold(parts, definitions, facts)) };
}
