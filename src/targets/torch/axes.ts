/** Tensors by their axes: each of one index, of several that stand as one number (`g*C + c`), or of none. */
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { atom, strengths, within, type Term } from "../code/term.js";
import type { Box } from "./box.js";

/** The indices of each axis, the most significant first. */
export type Axes = readonly (readonly string[])[];

/** (g·C + c)·D + d as [g, c, d], where each digit runs over its extent; undefined where the value is nothing of the kind. */
export function digitsOf(
  value: Int,
  extentOf: (name: string) => Int | undefined,
): readonly string[] | undefined {
  const plain = integer.plainVariable(value);
  if (plain !== undefined) return extentOf(plain) && [plain];
  for (const last of integer.variablesOf(value)) {
    const extent = extentOf(last);
    const parts = extent && integer.affineIn(value, last);
    if (!parts || integer.literal(parts.coefficient) !== 1) continue;
    const high = integer.quotient(parts.rest, extent);
    const digits = high && digitsOf(high, extentOf);
    if (digits) return [...digits, last];
  }
  return undefined;
}

/** The extent of a box's index that counts from 0. */
export const extentIn =
  (box: Box) =>
  (name: string): Int | undefined => {
    const axis = box.axis(name);
    return axis && integer.literal(axis.from) === 0 ? axis.end : undefined;
  };

/** A tensor with other axes: those of several indices are taken apart, all put in order, and joined again. */
export function arranged(term: Term, axes: Axes, wanted: Axes, extent: (name: string) => string): Term {
  const isAmong = (names: readonly string[], all: Axes): boolean =>
    all.some((a) => keyOf(a) === keyOf(names));
  const parts = (names: readonly string[]): readonly string[] =>
    names.length > 1 && isAmong(names, axes) && isAmong(names, wanted) ? [keyOf(names)] : names;
  let calls = "";
  for (const [axis, names] of [...axes.entries()].toReversed()) {
    if (names.length === 0) calls += `.squeeze(${axis})`;
    else if (parts(names).length > 1) calls += `.unflatten(${axis}, (${names.map(extent).join(", ")}))`;
  }
  const before = axes.flatMap(parts);
  const order = wanted.flatMap(parts).map((part) => before.indexOf(part));
  if (order.some((at, i) => at !== i)) calls += `.permute(${order.join(", ")})`;
  for (const [axis, names] of wanted.entries()) {
    if (names.length === 0) calls += `.unsqueeze(${axis})`;
    else if (parts(names).length > 1) calls += `.flatten(${axis}, ${axis + names.length - 1})`;
  }
  return calls === "" ? term : atom(`${within(term, strengths.atom)}${calls}`);
}
const keyOf = (names: readonly string[]): string => names.join(" ");
export const alone = (names: readonly string[]): Axes => names.map((name) => [name]);

/** A tensor with these axes, made to stand in the box, where each index has an axis of its own. */
export function placed(term: Term, axes: Axes, box: Box, extent: (name: string) => string): Term {
  const ordered = box.inOrder(new Set(axes.flat()));
  const moved = arranged(term, axes, alone(ordered), extent);
  const first = box.place(ordered[0] ?? "");
  const slots = box.axes
    .slice(0, first + 1)
    .toReversed()
    .map((axis) => (ordered.includes(axis.name) ? ":" : "None"));
  return slots.includes("None") ? atom(`${within(moved, strengths.atom)}[${slots.join(", ")}]`) : moved;
}
