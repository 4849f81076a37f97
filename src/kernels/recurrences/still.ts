/**
 * A recurrence step by step: the plan loops over its steps, and in each the statements are kernels like any others, for
 * which the index of the step is a number. Where the axes of the steps are the outermost, what a step computes is a
 * tensor by itself, a slice of the whole at an offset; earlier steps are read from the whole.
 */
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Layer, Statement } from "../../notation/layer.js";
import { rewrite } from "../../notation/traverse.js";
import { flatOffset, type Shapes } from "../offsets.js";
import type { Step, Unified } from "./unified.js";

export interface StillStatements {
  readonly statements: readonly Statement[];
  /** The tensors with the slices among them. */
  readonly shapes: Shapes;
  /** What each slice is a part of, by its name. */
  readonly slices: ReadonlyMap<string, string>;
}

/** The layer in which the steps' indices are numbers. */
export const layerInStep = (layer: Layer, steps: readonly Step[]): Layer => ({
  ...layer,
  still: [...(layer.still ?? []), ...steps.map(({ index, extent }) => ({ name: index, extent }))],
});

export function still(
  { steps, statements }: Unified,
  shapes: Shapes,
  sliceName: (tensor: string) => string,
  { anywhere = false }: { readonly anywhere?: boolean } = {},
): StillStatements {
  const names = steps.map((s) => s.index);
  const slices = new Map<string, string>();
  const own = new Map(shapes);
  const sliceOf = new Map<string, string>();
  const axesOf = new Map<string, readonly number[]>();
  for (const { tensor, subscripts } of statements) {
    const whole = shapes.get(tensor);
    const axes = names.map((name) => subscripts.findIndex((s) => integer.plainVariable(s) === name));
    const areFirst = axes.every((axis, i) => axis === i);
    if (!whole || !(areFirst || anywhere)) continue;
    const slice = sliceName(tensor);
    const shape = whole.shape.filter((_, axis) => !axes.includes(axis));
    const base = flatOffset(
      whole,
      subscripts.map((s, axis) => (axes.includes(axis) ? s : integer.zero)),
    );
    own.set(slice, { ...whole, name: slice, shape, base, whole: tensor });
    slices.set(slice, tensor);
    sliceOf.set(tensor, slice);
    axesOf.set(tensor, axes);
  }
  const at = (tensor: string, subscripts: readonly Int[]): boolean =>
    (axesOf.get(tensor) ?? []).every(
      (axis, i) => integer.plainVariable(subscripts[axis] ?? integer.zero) === names[i],
    );
  const rest = (tensor: string, subscripts: readonly Int[]): readonly Int[] =>
    subscripts.filter((_, axis) => !axesOf.get(tensor)?.includes(axis));
  const inStep = (s: Statement): Statement => {
    const slice = sliceOf.get(s.tensor);
    const body = rewrite(s.body, (e) => {
      const read = e.kind === "read" ? sliceOf.get(e.tensor) : undefined;
      if (e.kind !== "read" || read === undefined || !at(e.tensor, e.subscripts)) return e;
      return { ...e, tensor: read, subscripts: rest(e.tensor, e.subscripts) };
    });
    return {
      ...s,
      indices: s.indices.filter((i) => !names.includes(i.name)),
      ...(slice !== undefined && { tensor: slice, subscripts: rest(s.tensor, s.subscripts) }),
      body,
    };
  };
  return { statements: statements.map(inStep), shapes: own, slices };
}
