/**
 * Sums of products as `torch.einsum`: each factor, or those that vary together, is a tensor over its own indices alone, so
 * that the box of all indices is never filled.
 */
import { freeNamesIn, freeNamesInCondition } from "../../notation/binders.js";
import * as build from "../../notation/construct.js";
import { conjuncts } from "../../notation/construct.js";
import type { Condition, Expression, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import { keyOfCondition } from "../../notation/key.js";
import { atom, productOf } from "../code/term.js";
import { tensorIn, type Context } from "./context.js";
import { mayBlowUp } from "./danger.js";
import { realValue } from "./expressions.js";
import { extentText, standing } from "./integers.js";
import { alone, arranged } from "./axes.js";
import { operandOf, partsOf, supportOf, type Group } from "./operands.js";
import { insideBinders } from "./reductions.js";
import { holdsAll, madeOf, type Value } from "./value.js";

/** The sum as a contraction; undefined where one factor has all the indices, or a mask might meet what is not finite. */
export function contractionValue(e: Reduction, around: Context): Value | undefined {
  if (around.held.length > 0) return undefined;
  const { context, ranges } = insideBinders(e.binders, around);
  const { box } = context;
  const { conditions, factors } = partsOf(e.body);
  const guards = [...conjuncts(e.guard), ...ranges, ...conditions];
  if (guards.length > 0 && factors.some(mayBlowUp)) return undefined;
  const isFixed = (f: Expression): boolean => supportOf(freeNamesIn(f), box).size === 0;
  const groups = grouped(
    factors.filter((f) => !isFixed(f)),
    guards,
    context,
  );
  const union = new Set(groups.flatMap((g) => [...g.support]));
  if (groups.length < 2 || !e.binders.every((b) => union.has(b.name))) return undefined;
  if (union.size > letters.length) return undefined;

  const letterOf = lettersFor(box.inOrder(union));
  const operands = groups.map((g) => {
    const { term, axes } = operandOf(g, context);
    const names = axes.flat();
    return { names, text: arranged(term, axes, alone(names), extentText(context)).text };
  });
  const kept = around.box.inOrder(union);
  const spelled = (names: readonly string[]): string => names.map((n) => letterOf.get(n)).join("");
  const formula = `"${operands.map((o) => spelled(o.names)).join(",")}->${spelled(kept)}"`;
  const sum = `torch.einsum(${[formula, ...operands.map((o) => o.text)].join(", ")})`;
  const value = standing(atom(sum), alone(kept), around);
  const fixed = factors.filter(isFixed);
  if (fixed.length === 0) return value;
  const scale = realValue(build.multiply(...fixed), around);
  return madeOf([scale, value], productOf([scale.term, value.term]));
}

function grouped(
  factors: readonly Expression[],
  conditions: readonly Condition[],
  context: Context,
): readonly Group[] {
  const { box } = context;
  const groups: { support: ReadonlySet<string>; factors: Expression[]; conditions: Condition[] }[] = [];
  const home = (support: ReadonlySet<string>): (typeof groups)[number] => {
    const found = groups.find((g) => holdsAll(g.support, support));
    if (found) return found;
    const made = { support, factors: [], conditions: [] };
    groups.push(made);
    return made;
  };
  const bySize = <T>(parts: readonly T[], support: (part: T) => ReadonlySet<string>) =>
    parts
      .map((part) => ({ part, support: support(part) }))
      .toSorted((a, b) => b.support.size - a.support.size);
  for (const { part, support } of bySize(factors, (f) => supportOf(freeNamesIn(f), box)))
    home(support).factors.push(part);
  const implied = new Set(factors.flatMap((f) => boundsOf(f, context)));
  const stated = conditions.filter((c) => !implied.has(keyOfCondition(c)));
  for (const { part, support } of bySize(stated, (c) => supportOf(freeNamesInCondition(c), box)))
    home(support).conditions.push(part);
  return groups;
}

/** What needs no saying of a factor, which is 0 where it is out of bounds. */
function boundsOf(factor: Expression, context: Context): readonly string[] {
  if (factor.kind !== "read") return [];
  const { shape } = tensorIn(context, factor.tensor);
  return factor.subscripts.flatMap((s, axis) => [
    keyOfCondition(build.nonNegative(s)),
    keyOfCondition(build.below(s, shape[axis] ?? integer.zero)),
  ]);
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** A letter for each index: its own where it is one and free. */
function lettersFor(names: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const taken = new Set<string>();
  const take = (name: string, letter: string): void => {
    found.set(name, letter);
    taken.add(letter);
  };
  for (const name of names) if (name.length === 1 && letters.includes(name)) take(name, name);
  for (const name of names) {
    if (found.has(name)) continue;
    const wanted = [name.charAt(0), ...letters].find((l) => letters.includes(l) && !taken.has(l));
    take(name, wanted ?? "");
  }
  return found;
}
