/**
 * A tensor's own definition as a rule: with `mu[c] = sum[n](x[n,c]) / N`, any `sum[n](x[n,c])` is `N*mu[c]`. It is what makes
 * Σ(x - μ) = 0 and Σ softmax = 1, and lets gradients use values that are at hand.
 */
import { freeNamesIn, freeNamesInCondition, rebind, renameBinders, substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Expression, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, type Statement } from "../notation/layer.js";
import { holdsReduction, tensorsIn } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import { bindingsOf, candidatesIn, readOf, type Binding } from "./instances.js";
import { factorsOf, isPart, powersIn, type Power } from "./powers.js";
import { hasNoPole, isNeverZero, knownInside, type Known } from "./real-signs.js";
import { mentionsAny } from "./sums.js";
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

/** The definitions that a sum may be an instance of: it reads all that they read. */
const readIn = (sum: Reduction, definitions: readonly Definition[]): readonly Definition[] =>
  candidatesIn(sum, definitions, ({ core }) => core).map(({ pattern }) => pattern);

/** Replaces every sum that is a defined tensor's core by that tensor: Σ F = T/a where a is never 0, b·a·Σ F = b·T. */
export function fold(e: Expression, definitions: readonly Definition[], facts: Facts): Expression {
  if (definitions.length === 0) return e;
  return rewriteWithin(e, facts, (part, here) => {
    const factors = factorsOf(part);
    for (const sum of factors) {
      if (sum.kind !== "reduction" || sum.name !== "sum") continue;
      const beside = (): Expression => build.multiply(...factors.filter((f) => f !== sum));
      for (const { statement, coefficient, core, unsure } of readIn(sum, definitions)) {
        if (core.binders.length !== sum.binders.length) continue;
        const by = instanceOf(statement, core, underNamesOf(core, sum), here);
        if (by && isFactorOf(unsure, beside, by))
          return build.multiply(beside(), build.divide(readOf(statement, by), substitute(coefficient, by)));
      }
    }
    return part;
  });
}
/**
 * Sums of products with a defined sum in them: Σ_{ρ,σ} F(ρ, σ)·G(σ) = Σ_σ G(σ)·T(σ), where T(σ) = Σ_ρ F(ρ, σ). Used where
 * everything is to cancel: by itself it neither saves nor costs work.
 */
export const foldParts = (e: Expression, definitions: readonly Definition[], facts: Facts): Expression =>
  rewriteWithin(e, facts, (part, here) => {
    if (part.kind !== "reduction" || part.name !== "sum") return part;
    for (const { core } of readIn(part, definitions)) {
      if (core.binders.length >= part.binders.length) continue;
      for (const inner of independentParts(part, core.binders.length)) {
        const outer = part.binders.filter((b) => !inner.includes(b));
        const [within, beside] = partition(factorsOf(part.body), (f) => mentionsAny(freeNamesIn(f), inner));
        const [own, others] = partition(build.conjuncts(part.guard), (c) =>
          mentionsAny(freeNamesInCondition(c), inner),
        );
        const rest = build.and(...others);
        const sum = build.reduction("sum", inner, build.multiply(...within), build.and(...own));
        const folded = fold(sum, definitions, factsInside(here, outer, rest));
        if (folded !== sum)
          return { ...part, binders: outer, guard: rest, body: build.multiply(...beside, folded) };
      }
    }
    return part;
  });
/** So many of the binders on whose names no bound of another depends. */
function independentParts({ binders }: Reduction, count: number): readonly (readonly Binder[])[] {
  const isBound = (b: Binder): boolean =>
    binders.some((o) => [o.lower, o.upper].some((v) => integer.mentions(v, b.name)));
  const free = binders.filter((b) => !isBound(b));
  return subsets(free, count);
}
const subsets = <T>([first, ...others]: readonly T[], count: number): (readonly T[])[] => {
  if (count === 0) return [[]];
  if (first === undefined) return [];
  return [...subsets(others, count - 1).map((some) => [first, ...some]), ...subsets(others, count)];
};
function partition<T>(
  items: readonly T[],
  holds: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}

/** The sum with its binders called as the core's are, where nothing else is called so. */
function underNamesOf({ binders }: Reduction, sum: Reduction): Reduction {
  const taken = freeNamesIn(sum);
  const own = sum.binders.map((b) => b.name);
  const names = binders.map((b) => b.name);
  if (names.some((name) => taken.has(name) || own.includes(name))) return sum;
  return rebind(
    sum,
    renameBinders(sum.binders, (_, at) => names[at] ?? ""),
  );
}

/** Whether the product has all of the powers, so that dividing by them takes them away. */
function isFactorOf(powers: readonly Power[], product: () => Expression, by: Binding): boolean {
  if (powers.length === 0) return true;
  const present = powersIn(product());
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
    for (const { pattern: statement } of candidatesIn(part, values, ({ body }) => body)) {
      if (statement.body.kind !== part.kind) continue;
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
