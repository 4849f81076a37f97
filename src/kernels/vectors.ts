/**
 * Which innermost loops may take four points at once, as vectors: their points do not depend on each other but for sums, maxima and minima,
 * and what they read and write lies side by side, or is one number for all.
 */
import { inverseOf, valueOf } from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Loop } from "./copies.js";
import { gatheredIn } from "./lanes.js";
import type { Code } from "./program.js";

export interface Vectorising {
  readonly functions: ReadonlySet<string>;
  /** Whether a buffer holds float32. */
  readonly isSingle: (buffer: string) => boolean;
  readonly states: (extent: Int, at: number) => void;
}

/** The code with such loops marked. */
export const vectorised = (code: readonly Code[], by: Vectorising): readonly Code[] =>
  code.map((c): Code => {
    if (c.kind === "if")
      return { ...c, then: vectorised(c.then, by), otherwise: vectorised(c.otherwise, by) };
    if (c.kind !== "loop") return c;
    if (!isVector(c, by)) return { ...c, body: vectorised(c.body, by) };
    by.states(integer.minus(c.to, c.from), pointsAtOnce);
    return { ...c, vector: true };
  });
export const pointsAtOnce = 4;

function isVector(loop: Loop, by: Vectorising): boolean {
  if (integer.literal(loop.step) !== 1) return false;
  const gathered = gatheredIn(loop.body);
  if (!gathered) return false;
  const { index, body } = loop;
  const locals = new Map<string, Int>();
  const meaning = (value: Int): Int => integer.substituteInt(value, locals);
  /** How far the value goes from point to point, where that is a number; nothing for one that depends on data. */
  const slopeOf = (value: Int): number | undefined => {
    const meant = meaning(value);
    if (integer.holdsElement(meant)) return undefined;
    const slope = integer.affineIn(meant, index)?.coefficient;
    return slope && integer.literal(slope);
  };
  const isFixed = (value: Int): boolean => slopeOf(value) === 0;
  const expression = (e: Expression): boolean => {
    switch (e.kind) {
      case "constant":
      case "named":
      case "parameter":
        return true;
      case "integer":
        return isFixed(e.value);
      case "read": {
        const slope = slopeOf(e.subscripts[0] ?? integer.zero);
        return by.isSingle(e.tensor) && (slope === 0 || slope === 1);
      }
      case "add":
        return e.terms.every(expression);
      case "multiply":
        return e.factors.every(expression);
      case "raise": {
        const inverse = inverseOf(e);
        if (inverse) return expression(inverse);
        const n = e.exponent.kind === "constant" ? valueOf(e.exponent) : NaN;
        return [0.5, 1, 2, 3].includes(n) && expression(e.base);
      }
      case "call":
        return by.functions.has(e.name) && e.arguments.every(expression);
      case "select":
        return condition(e.condition) && expression(e.whenTrue) && expression(e.whenFalse);
      case "pad":
      case "stop":
      case "reduction":
        return false;
    }
  };
  const condition = (c: Condition): boolean => {
    switch (c.kind) {
      case "truth":
        return true;
      case "nonnegative":
      case "zero":
        return isFixed(c.value);
      case "compare":
        return expression(c.left) && expression(c.right);
      case "and":
      case "or":
        // one that asks of integers may say that another's reads are in bounds
        return c.parts.every((p) => p.kind === "compare" && condition(p));
      case "not":
        return c.part.kind === "compare" && condition(c.part);
      case "any":
      case "all":
        return false;
    }
  };
  return body.every((c) => {
    switch (c.kind) {
      case "integer":
        locals.set(c.name, meaning(c.value));
        return slopeOf(c.value) !== undefined;
      case "real":
        return expression(c.value);
      case "assign":
        return c.value.kind !== "int" && c.value.kind !== "multiply" && expression(c.value);
      case "store":
        return (
          c.value.kind !== "int" && by.isSingle(c.buffer) && slopeOf(c.offset) === 1 && expression(c.value)
        );
      case "loop":
      case "counter":
      case "accumulator":
      case "accumulate":
      case "call":
      case "fill":
      case "if":
        return false;
    }
  });
}
