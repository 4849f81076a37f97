/** Sums over windows as calls of `torch.nn.functional` and `torch.nn.grad`. */
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Window } from "../../patterns/windows.js";
import { atom, callOf, type Term } from "../code/term.js";
import { alone, arranged, extentIn, type Axes } from "./axes.js";
import { within, type Context } from "./context.js";
import { methodOf } from "./expressions.js";
import { extentText } from "./integers.js";
import { operandOf, type Group, type Operand } from "./operands.js";
import { tuple } from "./text.js";
import { boxOver, isFilled, optionsFrom, optionsOf, rankOf, type Slid, type Windowed } from "./windows.js";

/** The indices of a sum over windows by what they are to its operands. */
export interface Roles {
  readonly data: readonly string[];
  readonly groups: readonly string[];
  readonly columns: readonly string[];
  readonly channels: readonly string[];
}

/** Σ data · kernel, or Σ data where there is no kernel. */
export interface WindowedSum extends Windowed {
  readonly roles: Roles;
  readonly data: Slid;
  readonly kernel: { readonly group: Group; readonly context: Context } | undefined;
}

const isOne = (value: Int): boolean => integer.literal(value) === 1;

/** The sum as a call of torch's; undefined where torch has none, or where there may be nothing to slide over. */
export function functional(sum: WindowedSum, around: Context): Operand | undefined {
  const { windows, roles, kernel, data, statement, reduction } = sum;
  if (![data.context.box, boxOver(statement, [])].every((box) => isFilled(box, around))) return undefined;
  const isDivided = windows.some((w) => w.divided);
  const holdsTaps = windows.some((w) => data.group.support.has(w.reduced));
  if (
    !kernel &&
    !isDivided &&
    !holdsTaps &&
    roles.channels.length === 0 &&
    windows.every((w) => isOne(w.dilation))
  )
    return poolOf("sum", { ...sum, others: roles.data }, around);
  if (!isFilled(boxOver(statement, reduction.binders), around)) return undefined;
  if (holdsTaps) return folded(sum, around);
  // in a data gradient the kernel runs against the data, between whose elements there may be zeros
  const isGradient = windows.every((w) => w.divided || isOne(w.stride));
  if (isGradient && (isDivided || (kernel && windows.every((w) => w.rotated))))
    return convolution("input", sum, around);
  if (isDivided) return undefined;
  const isWeight = kernel && around.pattern?.kind.endsWith("weight-gradient");
  return convolution(isWeight ? "weight" : "forward", sum, around);
}

/** A convolution, or one of its gradients. */
type Way = "forward" | "input" | "weight";
/** The axes of data, kernel and result before those that windows slide along. */
const axesOf: Readonly<Record<Way, (roles: Roles) => Readonly<Record<"data" | "kernel" | "result", Axes>>>> =
  {
    forward: ({ data, groups, columns, channels }) => ({
      data: [data, [...groups, ...channels]],
      kernel: [[...groups, ...columns], channels],
      result: [data, [...groups, ...columns]],
    }),
    input: ({ data, groups, columns, channels }) => ({
      data: [data, [...groups, ...channels]],
      kernel: [[...groups, ...channels], columns],
      result: [data, [...groups, ...columns]],
    }),
    weight: ({ data, groups, columns, channels }) => ({
      data: [channels, [...groups, ...data]],
      kernel: [channels, [...groups, ...columns]],
      result: [[...groups, ...columns], data],
    }),
  };

function convolution(way: Way, sum: WindowedSum, around: Context): Operand {
  const { statement, reduction, windows, roles, data, kernel } = sum;
  const { writer } = around;
  const all = within(around, boxOver(statement, reduction.binders));
  const size = (names: readonly string[]): readonly string[] => names.map(extentText(all));
  const axes = axesOf[way](roles);
  const [outer, taps] = [windows.map((w) => w.outer), windows.map((w) => w.reduced)];

  const own = shaped(data.group, [...axes.data, ...alone(data.places)], data.context);
  const kernelAxes = [...axes.kernel, ...alone(taps)];
  const shape = kernelAxes.map((names) => size(names).join(" * ") || "1");
  const plain = kernel
    ? shaped(kernel.group, kernelAxes, kernel.context)
    : atom(`torch.ones(${tuple(shape)}, dtype=${writer.word("dtype")}, device=${writer.word("device")})`);
  // a data gradient has its kernel run against the data, the others along with it
  const turned = windows.flatMap((w, i) => (w.rotated === (way === "input") ? [] : [axes.kernel.length + i]));
  const other = turned.length === 0 ? plain : methodOf(plain, `flip(${tuple(turned.map(String))})`);
  const places = atom(tuple(size(outer)));
  const operands = {
    forward: [own, other, places],
    input: [places, other, own],
    weight: [own, places, other],
  };

  const extent = (name: string): Int => extentIn(all.box)(name) ?? integer.one;
  const { stride, pad, dilation } = optionsFrom(windows);
  const options = {
    // the gradient of a kernel takes the convolution's own
    stride: way === "weight" ? dilation : stride,
    pad: way === "input" ? windows.map((w) => farPad(w, all)) : pad,
    dilation: way === "weight" ? stride : dilation,
    groups: [integer.times(integer.one, ...roles.groups.map(extent))],
  };
  const helper = writer.need(`_conv${rankOf(windows)}d${suffixes[way]}`);
  return {
    term: callOf(helper, ...operands[way], ...optionsOf(options, writer)),
    axes: [...axes.result, ...alone(outer)],
  };
}
const suffixes = { forward: "", input: "_input", weight: "_weight" } as const;

/** The pad of a window that is read from the other side, where it begins at its last tap. */
function farPad({ reduced, dilation, pad }: Window, { box }: Context): Int {
  const last = integer.minus(extentIn(box)(reduced) ?? integer.one, integer.one);
  return integer.minus(integer.times(last, dilation), pad);
}

/** Values at the places and taps of windows, each added where it was read: the sum of one tensor that knows its taps. */
function folded(
  { statement, reduction, windows, roles, data }: WindowedSum,
  around: Context,
): Operand | undefined {
  const isGradient = windows.every((w) => w.divided || isOne(w.stride));
  if (!isGradient || windows.length > 2 || roles.channels.length > 0) return undefined;
  const { writer } = around;
  const all = within(around, boxOver(statement, reduction.binders));
  const [outer, taps] = [windows.map((w) => w.outer), windows.map((w) => w.reduced)];
  const axes = [roles.data.slice(0, -1), roles.data.slice(-1)];
  const own = shaped(data.group, [...axes, ...alone(taps), ...alone(data.places)], data.context);
  const turned = windows.flatMap((w, i) => (w.rotated ? [] : [String(axes.length + i)]));
  const values = turned.length === 0 ? own : methodOf(own, `flip(${tuple(turned)})`);
  const options = { ...optionsFrom(windows), pad: windows.map((w) => farPad(w, all)) };
  const helper = writer.need(windows.length === 1 ? "_fold1d" : "_fold2d");
  return {
    term: callOf(helper, values, atom(tuple(outer.map(extentText(all)))), ...optionsOf(options, writer)),
    axes: [...axes, ...alone(outer)],
  };
}

/** What is pooled, over its other indices and windows. */
export interface Pooled extends Windowed {
  readonly data: Slid;
  readonly others: readonly string[];
}
/** @param change what is done to the data before */
export function poolOf(
  name: "sum" | "max",
  { statement, reduction, windows, data, others }: Pooled,
  around: Context,
  change: (data: Term) => Term = (term) => term,
): Operand {
  const { writer } = around;
  const all = within(around, boxOver(statement, reduction.binders));
  const size = (names: readonly string[]): Term => atom(tuple(names.map(extentText(all))));
  const [outer, taps] = [windows.map((w) => w.outer), windows.map((w) => w.reduced)];
  const axes = [others.slice(0, -1), others.slice(-1)];
  const own = shaped(data.group, [...axes, ...alone(data.places)], data.context);
  const { dilation, ...options } = optionsFrom(windows);
  const helper = writer.need(`_${name}_pool${rankOf(windows)}d`);
  return {
    term: callOf(
      helper,
      change(own),
      size(taps),
      size(outer),
      ...optionsOf({ ...options, ...(name === "max" && { dilation }) }, writer),
    ),
    axes: [...axes, ...alone(outer)],
  };
}

/** The operand with these axes. */
function shaped(group: Group, axes: Axes, context: Context): Term {
  const found = operandOf(group, context);
  return arranged(found.term, found.axes, axes, extentText(context));
}
