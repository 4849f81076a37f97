/** Definitions of a document as statements: `z[n, m] = …`, counted from 0, for any element of the left side. */
import type { Definition, Tensor } from "../context/context.js";
import type { Term } from "../terms/term.js";
import { type Formula, some } from "../latex/formula.js";
import { type Access, accessOf } from "./access.js";
import { bind, type Scope } from "../context/scope.js";
import { byCustom } from "./elements.js";
import { indexName } from "../context/names.js";
import { integer, sizeOfIndex } from "../context/integers.js";
import { minus, name, num } from "../terms/make.js";
import { anonymous, commonShape, printShape, sameShape, stretched, type Value } from "../terms/value.js";
import { Misfit, Unreadable } from "../document/unreadable.js";
import { meanings } from "./meaning.js";
import { substitute } from "../terms/rewrite.js";

export interface Forward {
  readonly tensor: Tensor;
  readonly indices: readonly string[];
  readonly body: Term;
}

/** Whether a formula counts from 1: sums from 1 to N. */
export function countsFromOne(formulas: readonly Formula[]): 0 | 1 | undefined {
  let base: 0 | 1 | undefined;
  for (const formula of formulas)
    some(formula, (inner) => {
      if (inner.kind !== "reduction") return false;
      for (const { from, to } of inner.binders) {
        if (from?.kind !== "number" || !to) continue;
        const toLast = to.kind === "sum" && to.sign === "-";
        if (from.value === 0 && toLast) base ??= 0;
        if (from.value === 1 && !toLast) base ??= 1;
      }
      return false;
    });
  return base;
}

/** The left side of a statement: its axes, and the scope in which the right side is read. */
export interface Left {
  readonly access: Access;
  /** A name for each axis that is one index or is not spoken of; a term where the subscript is compound. */
  readonly subs: readonly Term[];
  /** The axes that the right side has to have. */
  readonly rest: readonly Term[];
  readonly place: readonly Term[];
  readonly scope: Scope;
}

export function leftOf(written: Access, outer: Scope): Left {
  const { context } = outer;
  const access = { ...written, subs: byCustom(written, outer) ?? written.subs };
  const shape = access.tensor.shape.map((extent) => context.settled(extent));
  const ranges = new Map<string, Term | undefined>();
  access.subs.forEach((sub, axis) => {
    if (!sub) return;
    const index = indexName(sub);
    if (index !== undefined && outer.indices.has(index)) return;
    if (index !== undefined) ranges.set(index, shape[axis]);
    else
      for (const inner of indicesIn(sub, outer))
        if (!ranges.has(inner)) ranges.set(inner, sizeOfIndex(inner, context));
  });
  const scope = bind(outer, [...ranges.keys()], ranges);
  const rest: Term[] = [];
  const place: Term[] = [];
  const subs = access.subs.map((sub, axis): Term => {
    if (sub && sub.kind !== "slice" && !(sub.kind === "number" && Number.isNaN(sub.value)))
      return minus(integer(sub, scope), num(scope.base));
    const made = name(anonymous());
    if (!sub || sub.kind === "slice") {
      rest.push(shape[axis]!);
      place.push(made);
    }
    return made;
  });
  return { access, subs, rest, place, scope };
}

/** Indices inside a compound subscript of the left side: lower-case letters that are no sizes. */
function indicesIn(formula: Formula, scope: Scope): readonly string[] {
  const found: string[] = [];
  some(formula, (inner) => {
    const index = indexName(inner);
    if (index !== undefined && /^\p{Ll}'*$/u.test(index) && scope.context.survey.indices.has(index))
      found.push(index);
    return false;
  });
  return found;
}

/** All readings of a right side that have the shape asked for. */
export const allOf = (values: readonly Value[], wanted: readonly Term[]): readonly Value[] =>
  values.filter(({ shape, of }) => !of && sameShape(shape, wanted));

/** The reading of a right side that has the shape asked for. */
export function chosen(
  values: readonly Value[],
  wanted: readonly Term[],
  stretch: boolean,
  at: number,
): Value {
  const exact = values.find(
    ({ shape, of }) => sameShape(of === undefined ? shape : shape.slice(of), wanted) && !of,
  );
  if (exact) return exact;
  // one row, declared as [1, k]
  const row = values.find(({ shape, of }) => of === undefined && sameShape([num(1), ...shape], wanted));
  if (row) return { shape: wanted, at: (place) => row.at(place.slice(1)) };
  const wide = stretch ? values.find(({ shape }) => isCommon(shape, wanted)) : undefined;
  if (wide) return { shape: wanted, at: (place) => stretched(wide, place) };
  throw new Misfit(
    `this has the shape ${printShape(values[0]?.shape ?? [])}, the left side ${printShape(wanted)}`,
    at,
  );
}
const isCommon = (shape: readonly Term[], wanted: readonly Term[]): boolean => {
  const common = commonShape(shape, wanted);
  return common !== undefined && sameShape(common, wanted);
};

/** A definition read with the relations between indices that are known up to `mapsBefore`. */
export function forwardOf(definition: Definition, from: Scope, mapsBefore = definition.at): Forward {
  const { left, right, at, tensor } = definition;
  if (definition.forward) return definition.forward;
  if (definition.note !== undefined) from.notes.add(definition.note);
  const outer: Scope = {
    ...from,
    at,
    mapsBefore,
    indices: new Map(),
    ranges: new Map(),
    base: countsFromOne([right]) ?? from.base,
  };
  const { subs, rest, place, scope } = leftOf(accessOf(left, outer), outer);
  const values = meanings(right, scope, rest);
  if (from.introduces) unifyOne(values, rest, scope);
  const settle = (shape: readonly Term[]): readonly Term[] =>
    shape.map((extent) => scope.context.settled(extent));
  const value = chosen(values.map((one) => ({ ...one, shape: settle(one.shape) })), settle(rest), true, right.at); // prettier-ignore
  const indices = subs.map((sub) => {
    if (sub.kind !== "name")
      throw new Unreadable("the left side of a definition has one index on each axis", left.at);
    return sub.name;
  });
  return { tensor, indices, body: value.at(place) };
}

/** Sizes that were made up are those of the left side, where a reading fits no other way. */
function unifyOne(values: readonly Value[], wanted: readonly Term[], { context }: Scope): void {
  if (values.some(({ shape }) => sameShape(shape, wanted))) return;
  const open = values.find(
    ({ shape, of }) =>
      of === undefined &&
      shape.length === wanted.length &&
      shape.every((extent, axis) => context.agree(extent, wanted[axis]!)),
  );
  open?.shape.forEach((extent, axis) => context.fits(extent, wanted[axis]!));
}

/** The defining term of an element. */
export const elementTerm = ({ indices, body }: Forward, subs: readonly Term[]): Term =>
  substitute(body, new Map(indices.map((index, i) => [index, subs[i]!])));
