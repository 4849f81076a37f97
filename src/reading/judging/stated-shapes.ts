/** Shapes that the row below an equation states. */
import { printShape, sameShape, summed, type Value } from "../terms/value.js";
import type { Term } from "../terms/term.js";
import type { ShapeNote } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { extentOf } from "../gathering/definitions.js";
import { chosen } from "../meaning/forward.js";

/**
 * Where the document says the shape of the result, and the right side has its axes in another order, it is wrong as it
 * stands, whatever the layout of gradients: it is judged as it stands.
 */
export function asStated(
  values: readonly Value[],
  wanted: readonly Term[],
  shapes: ShapeNote | undefined,
  scope: Scope,
): Value | undefined {
  if (!shapes || values.some(({ shape }) => sameShape(shape, wanted))) return undefined;
  const result = shapes.result.map((extent) => extentOf(extent, scope));
  const turned = values.find(({ shape }) => shape.length > 1 && sameShape(shape.toReversed(), wanted));
  if (!turned || !sameShape(result, wanted)) return undefined;
  scope.notes.add(
    `the right side has the shape ${printShape(turned.shape)}, where ${printShape(wanted)} is stated`,
  );
  return { ...turned, shape: wanted };
}

/** `(N, C) → Σ → (C)`: leading axes that the result lacks are summed, as the row beside says. */
export function summedTo(values: readonly Value[], wanted: readonly Term[]): Value {
  for (const value of values) {
    const extra = value.shape.slice(0, value.shape.length - wanted.length);
    if (extra.length === 0) continue;
    const body: Value = { shape: wanted, at: (place) => summed(extra, (k) => value.at([...k, ...place])) };
    const fits = attemptChosen(value, extra.length, wanted);
    if (fits) return body;
  }
  return chosen(values, wanted, false, 0);
}
const attemptChosen = (value: Value, skip: number, wanted: readonly Term[]): boolean => {
  try {
    chosen([{ shape: value.shape.slice(skip), at: value.at }], wanted, false, 0);
    return true;
  } catch {
    return false;
  }
};
