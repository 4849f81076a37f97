/**
 * Operands whose elements can be read four at a time: the tensor's last axis is divisible by four, and run over plainly
 * by the last of the operand's output indices (four neighbouring rows at one point of the depth), or by the last reduced
 * index (four neighbouring points of the depth of one row).
 */
import * as build from "../../../notation/construct.js";
import type { Binder, Condition } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { tensorsIn } from "../../../notation/traverse.js";
import type { Facts } from "../../../ranges/prove.js";
import { factsInside } from "../../../ranges/facts.js";
import { checksOf } from "../../contraction/checks.js";
import { phasesOf } from "../../contraction/phases.js";
import type { Operand } from "../../contraction/terms.js";
import type { Shapes } from "../../offsets.js";
import type { Contraction } from "../extents.js";

/** What four neighbours in memory are: rows (columns), or points of the depth. */
export type Layout = "outputs" | "depth";

/** The tensors that a contraction reads as vectors, and when it can. */
export interface Vectors {
  readonly tensors: ReadonlySet<string>;
  readonly when: Condition;
}

/** Undefined where one of the operands cannot be read so, or is read or stored otherwise besides, as a slice of it may be. */
export function vectorsOf(
  { term, others, epilogue }: Contraction,
  stored: string,
  shapes: Shapes,
  facts: Facts,
): Vectors | undefined {
  if (phasesOf(term, facts).length > 0) return undefined;
  const terms = [term, ...others];
  const operands = terms.flatMap(({ rows, columns, reduced }) =>
    [rows, columns].map((operand) => ({ operand, reduced })),
  );
  const tensors = new Set(operands.map(({ operand }) => operand.read.tensor));
  const wholeOf = (name: string): string => shapes.get(name)?.whole ?? name;
  const wholes = new Set([...tensors].map(wholeOf));
  if ([...tensorsIn(epilogue), stored].some((name) => wholes.has(wholeOf(name)))) return undefined;
  if ([...tensors].some((name) => !wholes.has(name))) return undefined;
  const extents = operands.map(({ operand, reduced }) => vectorOf(operand, reduced, shapes, facts)?.extents);
  if (extents.includes(undefined)) return undefined;
  const conditions = extents.flatMap((of = []) =>
    of.map((extent) => build.divides(integer.constant(4), extent)),
  );
  const when = build.and(...conditions);
  return when.kind === "truth" && !when.value ? undefined : { tensors, when };
}

/** The layout of the operand's vectors, and the extents that must be divisible by four. */
export function vectorOf(
  operand: Operand,
  reduced: readonly Binder[],
  shapes: Shapes,
  facts: Facts,
): { readonly layout: Layout; readonly extents: readonly Int[] } | undefined {
  const { read, outer } = operand;
  const tensor = shapes.get(read.tensor);
  const isLong = (extent: Int): boolean => integer.literal(extent) !== 1;
  const axis = tensor?.shape.findLastIndex(isLong) ?? -1;
  const extent = tensor?.shape[axis];
  const name = integer.plainVariable(read.subscripts[axis] ?? integer.zero);
  if (!tensor || !extent || name === undefined) return undefined;
  const moves = (value: Int): boolean => integer.mentions(value, name);
  const checks = checksOf(operand, shapes, factsInside(facts, [...outer, ...reduced]));
  if (read.subscripts.filter(moves).length > 1 || checks.some((c) => moves(c.value))) return undefined;
  const [lastOuter, lastReduced] = [
    outer.findLast((i) => isLong(i.extent)),
    reduced.findLast((b) => isLong(b.upper)),
  ];
  if (lastOuter?.name === name) return { layout: "outputs", extents: [extent, lastOuter.extent] };
  if (lastReduced?.name === name) return { layout: "depth", extents: [extent, lastReduced.upper] };
  return undefined;
}
