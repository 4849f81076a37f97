/** Tensors that are read through windows (patterns/windows.ts): as tensors over the places that windows slide along. */
import { freeNamesIn, freeNamesInCondition } from "../../notation/binders.js";
import * as build from "../../notation/construct.js";
import type { Binder, Expression, Read, Reduction } from "../../notation/expression.js";
import { freshNames } from "../../notation/fresh.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { walk, rewrite, rewriteCondition } from "../../notation/traverse.js";
import type { Index, Statement } from "../../notation/layer.js";
import { dividend, divisorOf } from "../../patterns/senses.js";
import { windowsOf, type Window } from "../../patterns/windows.js";
import { isNeverEmpty } from "../../ranges/facts.js";
import { proves } from "../../ranges/prove.js";
import { atom, callOf, type Term } from "../code/term.js";
import { alone, arranged } from "./axes.js";
import { Box, type Axis } from "./box.js";
import { factsOf, tensorIn, within, type Context } from "./context.js";
import { mayBlowUp } from "./danger.js";
import { extentText, sizeText, standing, wholeAxes } from "./integers.js";
import type { Group } from "./operands.js";
import { tuple } from "./text.js";
import type { Value } from "./value.js";
import type { Writer } from "./writer.js";

/** A reduction over windows with what stands around it. */
export interface Windowed {
  readonly statement: Statement;
  readonly reduction: Reduction;
  readonly read: Read;
  readonly windows: readonly Window[];
}

/** The statement whose value is the expression at all points of the box; undefined where an axis does not begin at 0. */
export function statementOver(body: Expression, { axes }: Box): Statement | undefined {
  if (axes.some(({ from }) => integer.literal(from) !== 0)) return undefined;
  const indices = axes.toReversed().map(({ name, end }): Index => ({ name, extent: end }));
  return { tensor: "", indices, subscripts: indices.map((i) => integer.variable(i.name)), body };
}

/** An axis for each index of the statement and of the reduction. */
export function boxOver({ indices }: Statement, binders: readonly Binder[]): Box {
  return Box.of([
    ...indices.map(axisOf),
    ...binders.map((b) => ({ name: b.name, from: b.lower, end: b.upper })),
  ]);
}
export const axisOf = ({ name, extent }: Index): Axis => ({ name, from: integer.zero, end: extent });

/**
 * Whether torch has such windows: along one axis, two or three, each with a stride, a dilation and a pad that sizes and
 * params tell, over indices of their own that count from 0.
 */
export function areRegular({ statement, reduction, windows }: Windowed): boolean {
  const names = new Set([...statement.indices, ...reduction.binders].map(({ name }) => name));
  const isFixed = (value: Int): boolean =>
    !integer.holdsElement(value) && !integer.someVariable(value, (name) => names.has(name));
  const once = (all: readonly string[]): boolean => new Set(all).size === all.length;
  return (
    windows.length >= 1 &&
    windows.length <= 3 &&
    once(windows.map((w) => w.outer)) &&
    once(windows.map((w) => w.reduced)) &&
    windows.every((w) => [w.stride, w.dilation, w.pad].every(isFixed)) &&
    reduction.binders.every((b) => integer.literal(b.lower) === 0 && isFixed(b.upper))
  );
}

/** The factors over the places along the axes of the windows, in place of the indices that make these up. */
export interface Slid {
  readonly group: Group;
  readonly context: Context;
  /** The places, in the order of the windows. */
  readonly places: readonly string[];
}
/**
 * Σ_r F(x[stride·p + dilation·r - pad]) has the factor F(x[h]). Where the subscript is (p + dilation·r - pad)/stride
 * whatever else has p in it can be told by h too, p = stride·h - dilation·r + pad.
 * @param others the indices of the factors that make up no window
 */
export function slid(
  { read, windows, statement, reduction }: Windowed,
  { factors, conditions }: Pick<Group, "factors" | "conditions">,
  others: readonly string[],
  around: Context,
): Slid | undefined {
  if (!factors.some((f) => always(f, read))) return undefined;
  const all = boxOver(statement, reduction.binders);
  const fresh = freshNames([...all.axes.map((a) => a.name), ...around.scope.extentNames]);
  const { shape } = tensorIn(around, read.tensor);
  const places = windows.map((w) => ({
    name: fresh.index(w.outer),
    value: read.subscripts[w.axis]!,
    extent: shape[w.axis]!,
  }));
  const solved = new Map(
    windows.flatMap(({ outer }, i) => {
      const { name, value } = places[i]!;
      const parts = integer.affineIn(dividend(value), outer);
      if (!parts || integer.literal(parts.coefficient) !== 1) return [];
      const along = integer.times(divisorOf(value), integer.variable(name));
      return [[outer, integer.minus(along, parts.rest)] as const];
    }),
  );
  const replaced = (value: Int): Int => {
    const place = places.find((p) => integer.equal(p.value, value));
    return place ? integer.variable(place.name) : integer.substituteInt(value, solved);
  };
  const kept = (part: Expression): Expression => part;
  const own = others.map((name) => all.axis(name)!);
  const box = Box.of([...own, ...places.map(axisOf)]);
  const group = {
    support: new Set(box.axes.map((a) => a.name)),
    factors: factors.map((f) => rewrite(f, kept, replaced)),
    conditions: conditions.map((c) => rewriteCondition(c, kept, replaced)),
  };
  const names = [...group.factors.map(freeNamesIn), ...group.conditions.map(freeNamesInCondition)];
  const isLeft = (name: string): boolean => all.place(name) >= 0 && box.place(name) < 0;
  if (names.some((found) => [...found].some(isLeft))) return undefined;
  return { group, context: within(around, box), places: places.map((p) => p.name) };
}

/** Whether the read stands in no branch, so that nothing counts where it is out of bounds. */
function always(factor: Expression, { tensor, subscripts }: Read): boolean {
  let found = false;
  walk(factor, {
    enter: (part) => part.kind !== "select" && part.kind !== "reduction" && part.kind !== "pad",
    expression: (part) =>
      void (found ||=
        part.kind === "read" &&
        part.tensor === tensor &&
        part.subscripts.every((s, axis) => integer.equal(s, subscripts[axis]!))),
  });
  return found;
}

/**
 * A tensor that is read through windows alone, as a view; undefined where a subscript is no window and no index that runs over
 * its axis, or where there may be nothing to slide over.
 */
export function windowView(read: Read, context: Context): Value | undefined {
  const { box, writer } = context;
  const names = read.subscripts.map((s) => box.inOrder(integer.variablesOf(s)));
  const used = box.only(new Set(names.flat()));
  const pairs = names.filter((own) => own.length === 2);
  if (pairs.length === 0 || used.axes.length < names.flat().length || !isFilled(used, context))
    return undefined;
  // of two indices the one whose axis stands in front counts the taps
  const isTap = (name: string): boolean => pairs.some(([first]) => first === name);
  const statement = statementOver(read, new Box(used.axes.filter((a) => !isTap(a.name))));
  const binders = used.binders.filter((b) => isTap(b.name));
  const reduction = build.reduction("sum", binders, read);
  const outer = new Set(statement?.indices.map((i) => i.name));
  const windows = windowsOf(read, outer, reduction, factsOf(context));
  if (!statement || windows?.length !== pairs.length || !areRegular({ statement, reduction, read, windows }))
    return undefined;
  if (windows.some((w) => w.rotated || w.divided)) return undefined;

  const { shape } = tensorIn(context, read.tensor);
  const fresh = freshNames(box.axes.map((a) => a.name));
  const places = windows.map((w) => ({ name: fresh.index(w.outer), extent: shape[w.axis]! }));
  const subscripts = read.subscripts.map((s, axis) => {
    const at = windows.findIndex((w) => w.axis === axis);
    return at < 0 ? s : integer.variable(places[at]!.name);
  });
  const plain = within(context, new Box([...places.map(axisOf), ...used.axes]));
  const axes = wholeAxes(read.tensor, subscripts, plain);
  if (!axes) return undefined;
  const ofPlaces = places.map((p) => p.name);
  const others = axes.filter((own) => !own.some((name) => ofPlaces.includes(name)));
  const own = atom(writer.scope.tensor(read.tensor));
  const size = (all: readonly string[]): Term => atom(tuple(all.map(extentText(plain))));
  const [at, taps] = [windows.map((w) => w.outer), windows.map((w) => w.reduced)];
  const view = callOf(
    writer.need("_windows"),
    arranged(own, axes, [...others, ...alone(ofPlaces)], extentText(plain)),
    size(taps),
    size(at),
    ...optionsOf(optionsFrom(windows), writer),
  );
  return standing(view, [...others, ...alone(at), ...alone(taps)], context);
}

/**
 * Whether the factors are what they are at every point of their box: nothing is infinite that is not counted, no quotient
 * comes out uneven, and only what is nothing but a read is 0 out of bounds.
 */
export function areTotal({ group: { factors }, context }: Pick<Slid, "group" | "context">): boolean {
  const facts = factsOf(context);
  const isInside = ({ tensor, subscripts }: Read): boolean =>
    subscripts.every((s, axis) =>
      proves(facts, build.within(s, integer.zero, tensorIn(context, tensor).shape[axis] ?? integer.zero)),
    );
  let isFine = !factors.some(mayBlowUp);
  for (const factor of factors)
    walk(factor, {
      expression: (part) => {
        if (part.kind === "reduction" || part.kind === "pad") isFine = false;
        else if (part.kind === "read" && part !== factor) isFine &&= isInside(part);
      },
      int: (value) => void (isFine &&= !integer.someAtom(value, (a) => a.kind === "exact")),
    });
  return isFine;
}

/** Whether every axis has an element at all sizes: torch slides no windows over nothing. */
export const isFilled = ({ binders }: Box, { facts }: Context): boolean => isNeverEmpty(binders, facts);

export type Rank = 1 | 2 | 3;
/** Along how many axes the windows slide. */
export const rankOf = (windows: readonly Window[]): Rank => windows.length as Rank;

/** What torch's windows are told by name, and what they are where nothing is said. */
const usual = { stride: 1, pad: 0, dilation: 1, groups: 1 } as const;
type OptionName = keyof typeof usual;

export const optionsFrom = (windows: readonly Window[]) => ({
  stride: windows.map((w) => w.stride),
  pad: windows.map((w) => w.pad),
  dilation: windows.map((w) => w.dilation),
});

/** The options as arguments: a number for each axis, or one where all are equal, or nothing where that is the usual one. */
export function optionsOf(
  options: Readonly<Partial<Record<OptionName, readonly Int[]>>>,
  writer: Writer,
): readonly Term[] {
  return (Object.keys(usual) as OptionName[]).flatMap((name) => {
    const values = options[name] ?? [];
    if (values.every((v) => integer.literal(v) === usual[name])) return [];
    const texts = values.map((v) => sizeText(v, writer));
    return atom(`${name}=${new Set(texts).size === 1 ? texts[0] : tuple(texts)}`);
  });
}
