/** What is said of formulas that have no value: a read misses its tensor, or an element waits for itself. */
import type { Read } from "../notation/expression.js";
import { eachAtom, type Int } from "../notation/integer.js";
import { asCode, cellOf, compileInt, type Scope } from "./integers.js";

/** Statements that no values can be computed from: as a gradient or a claim they are wrong. */
export class NoValue extends Error {}

/** A read outside reductions that is out of bounds: tensor, axis and the failing subscript. */
export class OutOfBounds extends NoValue {
  override readonly name = "OutOfBounds";
  readonly tensor: string;
  readonly axis: number;
  /** The subscript's value; NaN where it has none (an uneven division, or an element that is itself out of bounds). */
  readonly index: number;

  constructor(miss: { tensor: string; axis: number; index: number; extent: number; point: string }) {
    const { tensor, axis, index, extent, point } = miss;
    const place = point === "" ? "" : ` at ${point}`;
    const what = Number.isNaN(index) ? "has a subscript without a value" : `is read at ${index}`;
    super(`axis ${axis} of ${tensor}, of extent ${extent}, ${what}${place}`);
    [this.tensor, this.axis, this.index] = [tensor, axis, index];
  }
}

/** The first failing axis at the current point, and the indices' values. */
export function describeRead<T>(read: Read, scope: Scope<T>): ConstructorParameters<typeof OutOfBounds>[0] {
  const { shape } = cellOf(read.tensor, scope);
  const values = read.subscripts.map((s) => asCode(compileInt(s, scope))());
  const axis = values.findIndex((value, k) => !(value >= 0 && value < (shape[k] ?? 0)));
  const point = [...scope.indices]
    .map(([name, { slot }]) => `${name} = ${scope.slots[slot] ?? 0}`)
    .join(", ");
  return { tensor: read.tensor, axis, index: values[axis] ?? NaN, extent: shape[axis] ?? 0, point };
}

/** Whether a subscript uses the element of an argmax over no points, which is -1. */
export function readsEmptyArgmax<T>(subscripts: readonly Int[], scope: Scope<T>): boolean {
  let empty = false;
  for (const subscript of subscripts)
    eachAtom(subscript, (atom) => {
      if (atom.kind !== "element" || !cellOf(atom.tensor, scope).position) return;
      const value: Int = { kind: "int", monomials: [{ coefficient: 1, factors: [atom] }] };
      if (asCode(compileInt(value, scope))() === -1) empty = true;
    });
  return empty;
}
