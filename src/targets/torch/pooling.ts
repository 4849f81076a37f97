/** Maxima and minima over windows as `torch.nn.functional.max_pool2d`. */
import { freeNamesIn } from "../../notation/binders.js";
import { conjuncts } from "../../notation/construct.js";
import type { Reduction } from "../../notation/expression.js";
import { withoutImpliedGuards } from "../../patterns/guards.js";
import { directReads, insideStatement } from "../../patterns/scope.js";
import { windowsOf } from "../../patterns/windows.js";
import { sumOf, type Term } from "../code/term.js";
import type { Context } from "./context.js";
import { poolOf } from "./functional.js";
import { standing } from "./integers.js";
import type { Value } from "./value.js";
import { areRegular, areTotal, isFilled, slid, statementOver } from "./windows.js";

/**
 * The extreme as it is written: of equal values torch gives the gradient to the first in the order of the axes, so that the
 * window has to run along these, and in this order.
 */
export function windowedExtremeValue(e: Reduction, around: Context): Value | undefined {
  const statement = around.held.length === 0 && statementOver(e, around.box);
  if (!statement) return undefined;
  const scope = insideStatement(around.scope, statement);
  const reduction = withoutImpliedGuards(e, scope);
  const [read] = directReads(e.body).toSorted((a, b) => b.subscripts.length - a.subscripts.length);
  const windows =
    read && windowsOf(read, new Set(statement.indices.map((i) => i.name)), reduction, scope.facts);
  if (!windows || conjuncts(reduction.guard).length > 0) return undefined;
  const windowed = { statement, reduction, read, windows };
  const runsAlong =
    reduction.binders.map((b) => b.name).join() === windows.map((w) => w.reduced).join() &&
    !windows.some((w) => w.rotated || w.divided);
  if (!areRegular(windowed) || !runsAlong) return undefined;

  const slides = new Set(windows.map((w) => w.outer));
  const others = around.box.inOrder(freeNamesIn(e)).filter((name) => !slides.has(name));
  const data = slid(windowed, { factors: [e.body], conditions: [] }, others, around);
  if (!data || !areTotal(data)) return undefined;
  if (![data.context.box, around.box].every((box) => isFilled(box, around))) return undefined;
  // min x = -max(-x)
  const signed = (term: Term): Term => (e.name === "min" ? sumOf([{ negative: true, term }]) : term);
  const found = poolOf("max", { ...windowed, data, others }, around, signed);
  const value = standing(found.term, found.axes, around);
  return { ...value, term: signed(value.term) };
}
