/**
 * Sums over windows: convolutions (patterns/convolution.ts) as `torch.nn.functional.conv2d` and the gradients of
 * `torch.nn.grad`, sums of one tensor alone as average pooling that divides by 1.
 */
import { freeNamesIn, freeNamesInCondition } from "../../notation/binders.js";
import * as build from "../../notation/construct.js";
import { conjuncts } from "../../notation/construct.js";
import type { Condition, Expression, Read, Reduction } from "../../notation/expression.js";
import type { Statement } from "../../notation/layer.js";
import { holdsReduction } from "../../notation/traverse.js";
import { canonicalStatement } from "../../patterns/canonical.js";
import { contractionIn } from "../../patterns/contraction.js";
import { convolutionOf } from "../../patterns/convolution.js";
import { directReads, insideStatement } from "../../patterns/scope.js";
import { windowsOf } from "../../patterns/windows.js";
import { atom, productOf, sumOf } from "../code/term.js";
import { alone, arranged, digitsOf } from "./axes.js";
import { within, type Context } from "./context.js";
import { callOfWhere, conditionValue, conjunction, realValue } from "./expressions.js";
import { tensorCondition } from "./reductions.js";
import { functional, type Roles } from "./functional.js";
import { extentText, standing } from "./integers.js";
import { partsOf, supportOf, type Group, type Operand } from "./operands.js";
import { holdsAll, madeOf, tensor, unionOf, type Value } from "./value.js";
import { areRegular, areTotal, boxOver, slid, statementOver, type Windowed } from "./windows.js";

/** The sum in its canonical form, where all its terms are sums over windows that torch has. */
export function windowedSumValue(e: Reduction, around: Context): Value | undefined {
  if (around.held.length > 0 || !mayHoldWindows(around)) return undefined;
  const statement = statementOver(e, around.box);
  if (!statement) return undefined;
  const canonical = canonicalStatement(statement, around.scope);
  const { body } = canonical;
  const parts = body.kind === "add" ? body.terms : [body];
  const terms = parts.map((part) => termValue(part, canonical, around));
  if (!parts.some(holdsReduction) || !terms.every((t) => t !== undefined)) return undefined;
  return madeOf(terms, sumOf(terms.map(({ term }) => ({ negative: false, term }))));
}
/** Whether windows have been found in the statement. */
const mayHoldWindows = ({ pattern }: Context): boolean =>
  pattern !== undefined && ("data" in pattern || pattern.kind === "pooling" || pattern.kind === "unpooling");

/** scale · Σ …, or what holds no sum. */
function termValue(term: Expression, statement: Statement, around: Context): Value | undefined {
  const factors = term.kind === "multiply" ? term.factors : [term];
  const [sum, ...others] = factors.filter((f) => f.kind === "reduction");
  const rest = factors.filter((f) => f !== sum);
  if (others.length > 0 || rest.some(holdsReduction)) return undefined;
  // an index of the formula may be two in its canonical form, n = g·K + k
  const extents = new Map(statement.indices.map((i) => [i.name, i.extent]));
  const digits = statement.subscripts.map((s) => digitsOf(s, (name) => extents.get(name)) ?? []);
  const indices = around.box.axes.map((a) => a.name).toReversed();
  const isSame = digits.every((own, i) => own.length === 1 && own[0] === indices[i]);
  if (digits.some((own) => own.length === 0) || (!isSame && rest.some((f) => freeNamesIn(f).size > 0)))
    return undefined;
  if (!sum) return realValue(term, around);

  const { inner, outside } = partedSum(sum);
  if (outside.length > 0 && !isSame) return undefined;
  const found = sum.name === "sum" ? sumOver(inner, statement, around) : undefined;
  if (!found) return undefined;
  const names = new Set(found.axes.flat());
  const kept = [...indices.entries()].filter(([i]) => digits[i]!.some((d) => names.has(d)));
  const wanted = kept.map(([i]) => digits[i]!);
  if (!holdsAll(names, wanted.flat())) return undefined;
  const own = within(around, boxOver(statement, []));
  const turned = arranged(found.term, found.axes, wanted, extentText(own));
  const whole = standing(turned, alone(kept.map(([, name]) => name)), around);
  const value = outside.length === 0 ? whole : whereAll(outside, whole, around);
  if (rest.length === 0) return value;
  const scale = realValue(build.multiply(...rest), around);
  return madeOf([scale, value], productOf([scale.term, value.term]));
}

/** Σ where(a and b, F, 0) = where(a, Σ where(b, F, 0), 0), where a is free of what is summed over. */
function partedSum(sum: Reduction): { readonly inner: Reduction; readonly outside: readonly Condition[] } {
  const { conditions, factors } = partsOf(sum.body);
  const isOutside = (c: Condition): boolean => {
    const names = freeNamesInCondition(c);
    return !sum.binders.some((b) => names.has(b.name));
  };
  const outside = [...conjuncts(sum.guard), ...conditions].filter(isOutside);
  const inside = (all: readonly Condition[]): Condition => build.and(...all.filter((c) => !isOutside(c)));
  const body = build.select(inside(conditions), build.multiply(...factors), build.zero);
  return { inner: { ...sum, guard: inside(conjuncts(sum.guard)), body }, outside };
}
function whereAll(conditions: readonly Condition[], value: Value, around: Context): Value {
  const test = tensorCondition(conjunction(conditions.map((c) => conditionValue(c, around))), around);
  return tensor(callOfWhere(test.term, value.term, atom("0")), unionOf([test, value]));
}

function sumOver(sum: Reduction, statement: Statement, around: Context): Operand | undefined {
  const contraction = contractionIn(sum, statement);
  const convolution = contraction && convolutionOf(contraction, statement, around.scope);
  if (contraction && !convolution) return undefined;
  const outer = statement.indices.map((i) => i.name);
  const read = convolution?.data.read ?? largestRead(sum);
  const { facts } = insideStatement(around.scope, statement);
  const windows = convolution?.windows ?? (read && windowsOf(read, new Set(outer), sum, facts));
  if (!read || !windows) return undefined;
  const windowed: Windowed = { statement, reduction: sum, read, windows };
  if (!areRegular(windowed)) return undefined;

  const box = boxOver(statement, sum.binders);
  const parts = partsOf(sum.body);
  const conditions = [...parts.conditions, ...conjuncts(sum.guard)];
  const ofKernel = convolution?.kernel.indices ?? new Set<string>();
  const isKernel = (names: ReadonlySet<string>): boolean =>
    convolution !== undefined && holdsAll(ofKernel, supportOf(names, box));
  const group = (chosen: boolean): Group => {
    const factors = parts.factors.filter((f) => isKernel(freeNamesIn(f)) === chosen);
    const own = conditions.filter((c) => isKernel(freeNamesInCondition(c)) === chosen);
    const names = [...factors.map(freeNamesIn), ...own.map(freeNamesInCondition)];
    return { factors, conditions: own, support: new Set(names.flatMap((n) => [...supportOf(n, box)])) };
  };
  const [left, right] = [group(false), group(true)];

  const slides = new Set(windows.flatMap((w) => [w.outer, w.reduced]));
  const channels = sum.binders.map((b) => b.name).filter((name) => !slides.has(name));
  const free = outer.filter((name) => !slides.has(name));
  const roles: Roles = {
    data: free.filter((name) => left.support.has(name) && !ofKernel.has(name)),
    groups: free.filter((name) => left.support.has(name) && ofKernel.has(name)),
    columns: free.filter((name) => !left.support.has(name) && ofKernel.has(name)),
    channels,
  };
  const isSummed = channels.every((name) => left.support.has(name) && (!convolution || ofKernel.has(name)));
  if (!isSummed || windows.some((w) => ofKernel.has(w.outer))) return undefined;
  const taps = windows.map((w) => w.reduced);
  const others = [...roles.data, ...roles.groups, ...channels];
  const data =
    slid(windowed, left, others, around) ??
    (convolution ? undefined : slid(windowed, left, [...others, ...taps], around));
  const ofTaps = [...roles.groups, ...roles.columns, ...channels, ...taps];
  const kernel = {
    group: { ...right, support: new Set(ofTaps) },
    context: within(around, box.only(new Set(ofTaps))),
  };
  if (!data || ![data, kernel].every(areTotal)) return undefined;
  return functional({ ...windowed, roles, data, kernel: convolution && kernel }, around);
}
const largestRead = ({ body }: Reduction): Read | undefined =>
  directReads(body).toSorted((a, b) => b.subscripts.length - a.subscripts.length)[0];
