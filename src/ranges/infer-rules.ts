/** Rules 3 and 4 of index ranges: axes on which an index stands alone, and the largest box in bounds. */
import type { Binder } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import { conjuncts, within } from "../notation/construct.js";
import { visitAccesses, type Access } from "./accesses.js";
import { factsInside, isOpen } from "./facts.js";
import { roleOf, shapeOf, solved, type Inference } from "./inference.js";
import { inferProblem } from "./infer-problems.js";
import { largestExtent, lesser } from "./largest.js";
import { expand, proves, withRange, type Facts } from "./prove.js";

/** An index where it is introduced: on the left-hand side or by a reduction. */
export interface Occurrence {
  readonly name: string;
  readonly upper: Int;
  /** The open variable that stands for its extent. */
  readonly open: string;
  readonly left: boolean;
  readonly at: Span | undefined;
  /** The accesses in its scope with a subscript that depends on it. */
  readonly accesses: readonly Access[];
}

/** The indices of a statement whose extent the text leaves open. */
export function occurrencesOf(statement: Statement): readonly Occurrence[] {
  const found: { binder: Binder; left: boolean; at: Span | undefined }[] = statement.indices.map((i) => ({
    binder: { name: i.name, lower: integer.zero, upper: i.extent },
    left: true,
    at: statement.at,
  }));
  const accesses: Access[] = [];
  visitAccesses(statement, {
    access: (a) => void accesses.push(a),
    binders: (binders, _, at) =>
      void found.push(...binders.map((binder) => ({ binder, left: false, at: binder.at ?? at }))),
  });
  return found.flatMap(({ binder: { name, upper }, left, at }) => {
    const open = integer.plainVariable(upper);
    if (!open?.startsWith("?")) return [];
    const inScope = accesses.filter(
      (a) =>
        a.scope.some((b) => integer.equal(b.upper, upper)) &&
        a.subscripts.some((s) => dependsOn(s, name, a.scope)),
    );
    return [{ name, upper, open, left, at, accesses: inScope }];
  });
}

/** Whether a value depends on an index, itself or through the bounds of others: in `sum[j <= i](x[j])` x's does on i. */
function dependsOn(value: Int, name: string, scope: readonly Binder[]): boolean {
  const names = new Set([name]);
  for (const { name: other, lower, upper } of scope) {
    const used = integer.variablesOf(upper, integer.variablesOf(lower));
    if ([...used].some((n) => names.has(n))) names.add(other);
  }
  return [...integer.variablesOf(value)].some((n) => names.has(n));
}

const isSettled = (inference: Inference, { upper }: Occurrence): boolean => !isOpen(solved(inference, upper));

/** What is known where a read stands: the ranges of the indices around it and its conditions. */
export function factsAt(inference: Inference, { scope, given }: Access): Facts {
  const bound = scope.map((b) => ({
    ...b,
    lower: solved(inference, b.lower),
    upper: solved(inference, b.upper),
  }));
  return factsInside(inference.facts, bound, given);
}

/** An axis on which an index stands alone. */
export interface Axis {
  readonly tensor: string;
  readonly axis: number;
  readonly extent: Int;
}
function axesAlone(inference: Inference, { name, accesses }: Occurrence): readonly Axis[] {
  return accesses.flatMap(({ tensor, subscripts }) => {
    const shape = shapeOf(inference, tensor);
    return subscripts.flatMap((subscript, axis) => {
      const extent = shape?.[axis];
      return extent && integer.plainVariable(subscript) === name ? [{ tensor, axis, extent }] : [];
    });
  });
}

/** Rule 3, with the cut to the part in bounds for the indices of an undeclared left-hand side. */
export function settleBySubscripts(
  statement: Statement,
  occurrences: readonly Occurrence[],
  inference: Inference,
): void {
  const free = occurrences.filter((o) => !isSettled(inference, o));
  for (const occurrence of free) {
    const [first, ...others] = axesAlone(inference, occurrence);
    if (!first) continue;
    if ([first, ...others].some((a) => isOpen(a.extent))) {
      inference.failed.add(occurrence.open);
      continue;
    }
    const key = (a: Axis): string => integer.keyOf(expand(inference.facts, a.extent));
    const differing = others.find((a) => key(a) !== key(first));
    if (differing) {
      inference.problems.push(inferProblem.disagree(statement, occurrence, first, differing));
      inference.failed.add(occurrence.open);
    } else inference.solutions.set(occurrence.open, first.extent);
  }
  const cut = free.filter((o) => o.left && isSettled(inference, o));
  for (const occurrence of cut) cutToBounds(statement, occurrence, cut, inference);
}

/** `z[i] = x[i+1] - x[i]`: the range given by `x` is cut to where every read outside reductions is in bounds. */
function cutToBounds(
  statement: Statement,
  occurrence: Occurrence,
  cut: readonly Occurrence[],
  inference: Inference,
): void {
  for (const access of occurrence.accesses) {
    if (access.place !== "outside" || !limits(access, occurrence.name)) continue;
    const shape = shapeOf(inference, access.tensor);
    for (const [axis, subscript] of access.subscripts.entries()) {
      const extent = shape?.[axis];
      if (!extent || !integer.mentions(subscript, occurrence.name)) continue;
      const facts = factsAt(inference, access);
      if (proves(facts, within(subscript, integer.zero, extent))) continue;
      const others = cut.filter((o) => o !== occurrence && integer.mentions(subscript, o.name));
      if (others.length > 0) {
        if (!others.some((o) => inference.failed.has(o.open)))
          inference.problems.push(inferProblem.noRange(statement, occurrence, roleOf(inference, statement)));
        inference.solutions.delete(occurrence.open);
        inference.failed.add(occurrence.open);
        return;
      }
      const largest = largestExtent(unbounded(facts, occurrence.name), occurrence.name, subscript, extent);
      const current = solved(inference, occurrence.upper);
      // Not cut where no range from 0 on is in bounds: the read is then reported with the sizes at which it fails.
      if (largest.kind === "extent" && !isOpen(largest.extent))
        inference.solutions.set(occurrence.open, lesser(inference.facts, current, largest.extent));
    }
  }
}

const unbounded = (facts: Facts, name: string): Facts => withRange(facts, name, { lower: integer.zero });

/**
 * Whether a read that is out of bounds for some value of the index limits its range: not where a branch is taken
 * for small values only, as in `where(i < 3, x[2*i], 0)`.
 */
function limits({ given, conditional }: Access, name: string): boolean {
  if (!conditional) return true;
  return conjuncts(given).every((c) => {
    const parts = c.kind === "nonnegative" ? integer.affineIn(c.value, name) : undefined;
    return parts !== undefined && parts.coefficient.monomials.every((m) => m.coefficient > 0);
  });
}

/** In a recurrence an index that stands shifted on an axis takes that axis's extent: `t` in `h[t - 1]`. */
export function settleByShifts(
  occurrences: readonly Occurrence[],
  recurrent: ReadonlySet<string>,
  inference: Inference,
): void {
  for (const occurrence of occurrences) {
    if (isSettled(inference, occurrence) || inference.failed.has(occurrence.open)) continue;
    for (const { tensor, subscripts } of occurrence.accesses) {
      if (!recurrent.has(tensor) || isSettled(inference, occurrence)) continue;
      const axis = subscripts.findIndex((s) => isShift(s, occurrence.name));
      const extent = shapeOf(inference, tensor)?.[axis];
      if (extent && !isOpen(extent)) inference.solutions.set(occurrence.open, extent);
    }
  }
}
const isShift = (subscript: Int, name: string): boolean =>
  integer.literal(integer.minus(subscript, integer.variable(name))) !== undefined;

/** Rule 4: the largest range for which every access is in bounds for all values of the other indices. */
export function settleByLargestBox(occurrences: readonly Occurrence[], inference: Inference): void {
  let pending = occurrences.filter((o) => !isSettled(inference, o) && !inference.failed.has(o.open));
  for (let progress = true; progress && pending.length > 0;) {
    const before = pending.length;
    pending = pending.filter((occurrence) => {
      const extent = largestBox(occurrence, inference);
      if (extent) inference.solutions.set(occurrence.open, extent);
      return !extent;
    });
    progress = pending.length < before;
  }
}

function largestBox({ name, accesses }: Occurrence, inference: Inference): Int | undefined {
  let extent: Int | undefined;
  for (const access of accesses) {
    if (access.place === "padded" || !limits(access, name)) continue;
    const shape = shapeOf(inference, access.tensor);
    const facts = unbounded(factsAt(inference, access), name);
    for (const [axis, subscript] of access.subscripts.entries()) {
      const axisExtent = shape?.[axis];
      if (!axisExtent || isOpen(axisExtent)) return undefined;
      if (!dependsOn(subscript, name, access.scope)) continue;
      const largest = largestExtent(facts, name, subscript, axisExtent);
      if (largest.kind === "none") return undefined;
      if (largest.kind === "any") continue;
      if (isOpen(largest.extent)) return undefined;
      extent = extent ? lesser(inference.facts, extent, largest.extent) : largest.extent;
    }
  }
  return extent;
}
