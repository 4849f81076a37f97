/** One order for binders, factors and terms, and one name for each index. */
import { substitute, substituteCondition } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfCondition, keyOfExpression } from "../notation/key.js";
import { rewrite } from "../notation/traverse.js";

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The binders in the order of their use, whatever their names; a binder whose bounds need another comes after it. */
export function orderBinders(e: Reduction): Reduction {
  if (e.binders.length < 2) return e;
  const names = e.binders.map((b) => b.name);
  // each round a binder's place is told by where it stands, the others known by the round before
  let colours = new Map(names.map((name) => [name, "?"]));
  for (let round = 0; round < 3; round++) {
    const next = new Map(names.map((name) => [name, placeOf(name, e, colours)]));
    const ranks = [...new Set(next.values())].toSorted(compareText);
    colours = new Map(names.map((name) => [name, `?${ranks.indexOf(next.get(name)!)}`]));
    if (ranks.length === names.length) break;
  }
  const rank = (b: Binder): number => Number((colours.get(b.name) ?? "?0").slice(1));
  return { ...e, binders: inDependence(e.binders.toSorted((a, b) => rank(a) - rank(b))) };
}

/** The reduction as one binder sees it: itself `!`, the others by their colours. */
function placeOf(name: string, e: Reduction, colours: ReadonlyMap<string, string>): string {
  const by = new Map<string, Int>(
    [...colours].map(([other, colour]) => [other, integer.variable(other === name ? "!" : colour)]),
  );
  const binder = e.binders.find((b) => b.name === name)!;
  const bound = (value: Int): string => integer.keyOf(integer.substituteInt(value, by));
  const guard = keyOfCondition(substituteCondition(e.guard, by));
  return [
    keyOfExpression(substitute(e.body, by)),
    guard,
    `${bound(binder.lower)}..${bound(binder.upper)}`,
  ].join(";");
}

function inDependence(binders: readonly Binder[]): readonly Binder[] {
  const left = [...binders];
  const ordered: Binder[] = [];
  while (left.length > 0) {
    const needs = (b: Binder, other: Binder): boolean =>
      integer.mentions(b.lower, other.name) || integer.mentions(b.upper, other.name);
    const at = left.findIndex((b) => !left.some((other) => other !== b && needs(b, other)));
    ordered.push(...left.splice(Math.max(at, 0), 1));
  }
  return ordered;
}

/** Terms and factors by their keys; constants stay in front. */
export const orderParts = (e: Expression): Expression =>
  rewrite(e, (part) => {
    if (part.kind === "add") return { kind: "add", terms: part.terms.toSorted(byKey) };
    if (part.kind !== "multiply") return part;
    const constants = part.factors.filter((f) => f.kind === "constant");
    const others = part.factors.filter((f) => f.kind !== "constant");
    return { kind: "multiply", factors: [...constants, ...others.toSorted(byKey)] };
  });
const byKey = (a: Expression, b: Expression): number => compareText(keyOfExpression(a), keyOfExpression(b));

/** Conditions' parts by their keys. */
export function orderGuard(guard: Condition): Condition {
  const parts = build.conjuncts(guard).toSorted((a, b) => compareText(keyOfCondition(a), keyOfCondition(b)));
  return build.and(...parts);
}
