/**
 * Sums along the steps whose terms are products of what is new and what is old, as sums of running sums:
 *
 *     Σ_{s <= t, n, m} q(t, n)·w(t, s)·F(s, n, m) = Σ_n q(t, n)·S(t, n),   S(t, n) = Σ_{s <= t} w(t, s)·Σ_m F(s, n, m)
 *
 * so that work grows with the length: a scan of T·N steps in the place of T² terms.
 */
import { freeNamesIn, renameApart } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Expression, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Index } from "../notation/layer.js";
import { factsInside, isNeverEmpty } from "../ranges/facts.js";
import { presence, type Scope } from "../ranges/presence.js";

export interface Separated {
  /** S, over the statement's indices and these axes. */
  readonly running: Reduction;
  readonly axes: readonly Index[];
  /** What is made of S; undefined where it is all. */
  readonly around?: (running: Expression) => Expression;
}

/** @param along the binder of the steps that came before, s, and the step t: an index of the statement, or a binder too */
export function separated(
  whole: Reduction,
  [steps, t]: readonly [steps: Binder, t: string],
  indices: readonly Index[],
  scope: Scope,
): Separated | undefined {
  const s = steps.name;
  const flat = flattened(whole, s, t);
  const others = flat.binders.filter((b) => b !== steps);
  const factors = flat.body.kind === "multiply" ? flat.body.factors : [flat.body];
  if (flat.name !== "sum" || flat.guard.kind !== "truth") return undefined;
  const facts = factsInside(scope.facts, [...indices, ...flat.binders]);
  const there = presence(flat.body, { ...scope, facts });
  if (there.kind !== "truth" || !there.value) return undefined;

  const namesOf = new Map(factors.map((f) => [f, freeNamesIn(f)]));
  const mentions = (f: Expression, name: string): boolean => namesOf.get(f)!.has(name);
  const weights = factors.filter((f) => mentions(f, s) && mentions(f, t));
  const recent = factors.filter((f) => !mentions(f, s) && mentions(f, t));
  // what a weight or a factor of the step depends on is an axis of S; over the others S sums
  const isAxis = (b: Binder): boolean =>
    b.name === t || [...weights, ...recent].some((f) => mentions(f, b.name));
  const summed = others.filter((b) => !isAxis(b));
  const kept = others.filter(isAxis);
  if (!kept.every((b) => isBox(b, [...indices, ...flat.binders]))) return undefined;
  const isOld = (f: Expression): boolean => mentions(f, s) || summed.some((b) => mentions(f, b.name));
  const old = factors.filter((f) => isOld(f) && !weights.includes(f));
  const outside = factors.filter((f) => !isOld(f));
  if (outside.length === 0 && others.length === 0) return undefined;
  // a sum of ones is no running sum
  if (old.length === 0 && weights.length === 0) return undefined;
  // Σ over no points is 0, and must not become 0·∞, nor have a derivative by what stands outside
  const around = factsInside(scope.facts, [...indices, ...kept]);
  if (outside.length > 0 && !isNeverEmpty(summed, factsInside(around, [steps]))) return undefined;
  const isThere = isNeverEmpty([steps], around) ? build.truth : build.below(steps.lower, steps.upper);

  const body = build.multiply(...old);
  const element = summed.length > 0 ? build.reduction("sum", summed, body) : body;
  const used = new Set([t, ...[...weights, ...old].flatMap((f) => [...namesOf.get(f)!])]);
  return {
    running: build.reduction("sum", [steps], build.multiply(...weights, element)),
    axes: kept.filter((b) => used.has(b.name)).map((b) => ({ name: b.name, extent: b.upper })),
    ...(outside.length + kept.length > 0 && {
      around: (running: Expression) => {
        const product =
          outside.length > 0
            ? build.select(isThere, build.multiply(...outside, running), build.zero)
            : running;
        return kept.length > 0 ? build.reduction("sum", kept, product) : product;
      },
    }),
  };
}

/** Sums inside the product that hold old and new together: Σ_s (Σ_d q(t, d)·k(s, d))·v(s) = Σ_{s,d} q(t, d)·k(s, d)·v(s). */
function flattened(e: Reduction, s: string, t: string): Reduction {
  const factors = e.body.kind === "multiply" ? e.body.factors : [e.body];
  const nested = factors.find((f): f is Reduction => {
    const free = f.kind === "reduction" && f.name === "sum" && f.guard.kind === "truth" && freeNamesIn(f);
    return free && free.has(s) && free.has(t);
  });
  if (!nested) return e;
  const taken = new Set([...e.binders.map((b) => b.name), ...freeNamesIn(e.body)]);
  const own = renameApart(nested, taken);
  const rest = factors.filter((f) => f !== nested);
  const flat = { ...e, binders: [...e.binders, ...own.binders], body: build.multiply(...rest, own.body) };
  return flattened(flat, s, t);
}

/** Whether the binder runs from 0 to an end that depends on nothing around it. */
export const isBox = ({ lower, upper }: Binder, around: readonly { readonly name: string }[]): boolean =>
  integer.literal(lower) === 0 && !around.some(({ name }) => integer.mentions(upper, name));
