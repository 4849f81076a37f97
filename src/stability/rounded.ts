/**
 * What is rounded for a subscript is stored as an integer: between the ends that its tensor has, and at the least of them where it is
 * no number. NaN ≥ a is false, so that j = ⌊v⌋ becomes where(least <= ⌊v⌋, min(⌊v⌋, greatest), least).
 */
import type { Derived } from "../calculus/derivation.js";
import { call, compare, ofInt, rational, select } from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { minus, one } from "../notation/integer.js";
import { farthest, tensorNamed, type Statement } from "../notation/layer.js";
import { walk } from "../notation/traverse.js";

export function withinEnds(derived: Derived): Derived {
  const { tensors } = derived;
  if (!tensors.some((t) => t.rounded)) return derived;
  const settled = (s: Statement): Statement => {
    const { rounded, bound } = tensorNamed(tensors, s.tensor) ?? {};
    if (!rounded) return s;
    const least = rounded.least ? ofInt(rounded.least) : rational(-farthest);
    // a remainder of reals may come out at its divisor; what is held by a min is not above it
    const greatest = bound
      ? holdsRemainder(s.body)
        ? ofInt(minus(bound, one))
        : undefined
      : rational(farthest);
    const below = greatest ? call("min", [s.body, greatest]) : s.body;
    return { ...s, body: select(compare("<=", least, s.body), below, least) };
  };
  return { ...derived, forward: derived.forward.map(settled), backward: derived.backward.map(settled) };
}

function holdsRemainder(e: Expression): boolean {
  let found = false;
  walk(e, { expression: (part) => void (found ||= part.kind === "call" && part.name === "mod") });
  return found;
}
