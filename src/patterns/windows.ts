/** Windows: subscripts that combine an output index with a reduced one. */
import type { Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { isNegative, isPositive } from "../algebra/integers.js";
import type { Facts } from "../ranges/prove.js";
import { dividend, divisorOf } from "./senses.js";

/**
 * One axis along which a window slides. Read forwards the subscript is `stride·outer + dilation·reduced - pad`. Where it
 * is divided, `(outer + dilation·reduced - pad)/stride`: the data with stride - 1 zeros between its elements. A window
 * that runs the other way (`rotated`) is turned first, ρ = R-1-ρ', and `pad` is what follows:
 * `outer - dilation·ρ + pad₀` has `pad = (R-1)·dilation - pad₀`.
 */
export interface Window {
  readonly axis: number;
  readonly outer: string;
  readonly reduced: string;
  readonly stride: Int;
  readonly dilation: Int;
  readonly pad: Int;
  readonly rotated: boolean;
  readonly divided: boolean;
}

/**
 * The windows of a read, by axis; undefined where a subscript combines output and reduced indices in another way.
 * @param outer output indices that can slide
 * @param sum whose binders can be reduced
 */
export function windowsOf(
  read: Read,
  outer: ReadonlySet<string>,
  sum: Reduction,
  facts: Facts,
): readonly Window[] | undefined {
  const windows: Window[] = [];
  for (const [axis, value] of read.subscripts.entries()) {
    const names = [...integer.variablesOf(value)];
    const sliding = names.filter((name) => outer.has(name));
    const reduced = sum.binders.filter((b) => names.includes(b.name));
    if (sliding.length === 0 || reduced.length === 0) continue;
    const [o, binder] = [sliding[0], reduced[0]];
    if (o === undefined || !binder || sliding.length > 1 || reduced.length > 1) return undefined;
    const numerator = dividend(value);
    const byOuter = integer.affineIn(numerator, o);
    const byReduced = byOuter && integer.affineIn(byOuter.rest, binder.name);
    if (!byReduced || integer.mentions(byOuter.coefficient, binder.name)) return undefined;
    const rotated = isNegative(byReduced.coefficient, facts);
    const divided = numerator !== value;
    if (!rotated && !isPositive(byReduced.coefficient, facts)) return undefined;
    if (!isPositive(byOuter.coefficient, facts)) return undefined;
    if (divided && integer.literal(byOuter.coefficient) !== 1) return undefined;
    const dilation = rotated ? integer.negate(byReduced.coefficient) : byReduced.coefficient;
    // ρ = R-1-ρ' for a window that runs downwards; a binder counts from its lower end
    const last = integer.minus(binder.upper, integer.one);
    const turned = integer.times(dilation, last);
    windows.push({
      axis,
      outer: o,
      reduced: binder.name,
      stride: divided ? divisorOf(value) : byOuter.coefficient,
      dilation,
      pad: rotated ? integer.minus(turned, byReduced.rest) : integer.negate(byReduced.rest),
      rotated,
      divided,
    });
  }
  return windows;
}
