/** The numbers of a layer and its claims that sizes, params and values may be compared with. */
import type { Binder } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { walk } from "../notation/traverse.js";

export interface Landmarks {
  /** Positive integers of bounds, conditions, divisors and subscripts, and of reals with their inverses. */
  readonly integers: readonly number[];
  readonly reals: readonly number[];
}
const [mostInteger, mostReal] = [20_000, 1e15];

export function landmarksOf(layer: Layer): Landmarks {
  const integers = new Set<number>();
  const reals = new Set<number>();
  const note = (value: number): void => {
    for (const near of [Math.floor(value), Math.ceil(value)])
      if (near > 0 && near <= mostInteger) integers.add(near);
  };
  for (const { body } of [...layer.statements, ...layer.claimHelpers, ...layer.claims]) {
    const last = new Map<string, Int>();
    const ends = (binders: readonly Binder[]): void => {
      for (const { name, upper } of binders) {
        const end = integer.literal(upper);
        if (end !== undefined) last.set(name, integer.constant(end - 1));
      }
    };
    walk(body, {
      expression: (e) => void (e.kind === "reduction" && ends(e.binders)),
      condition: (c) => void ((c.kind === "any" || c.kind === "all") && ends(c.binders)),
    });
    const int = (value: Int): void => {
      for (const form of [value, integer.substituteInt(value, last)]) {
        for (const { coefficient } of form.monomials) note(Math.abs(coefficient));
        integer.eachAtom(form, (atom) => integer.atomParts(atom).forEach(int));
      }
    };
    walk(body, {
      int,
      expression: (e) => {
        if (e.kind !== "constant") return;
        const value = Math.abs(e.numerator / e.denominator);
        if (!Number.isFinite(value) || value === 0) return;
        note(value);
        note(1 / value);
        if (value < mostReal) reals.add(value);
      },
    });
  }
  return { integers: [...integers].sort((a, b) => a - b), reals: [...reals].sort((a, b) => a - b) };
}
