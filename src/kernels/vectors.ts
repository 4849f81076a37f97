/**
 * Which loops may take four points at once, as vectors. Innermost ones: their points do not depend on each other but for sums, maxima and
 * minima, and what they read and write lies side by side, or is one number for all. Loops over columns of what the loops in them gather,
 * where neighbouring columns lie side by side: each column has its own sum.
 */
import { inverseOf, valueOf } from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Loop } from "./copies.js";
import { gatheredBy, gatheredIn } from "./lanes.js";
import type { Code } from "./program.js";
import { buffersRead, buffersWritten, namesUsedBy } from "./walk-code.js";

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
    const columns = holdsLoop(c) && isVector(c, by, "columns");
    if (!columns && !isVector(c, by, "points")) return { ...c, body: vectorised(c.body, by) };
    const length = integer.minus(c.to, c.from);
    by.states(length, pointsAtOnce);
    if (columns) by.states(length, pointsAtOnce * vectorsAtOnce(c));
    return { ...c, vector: true };
  });
export const pointsAtOnce = 4;

export const holdsLoop = ({ body }: Loop): boolean => body.some((c) => c.kind === "loop");
/** How many vectors of columns are gathered at once: a line of memory is one for four, and their sums stay in registers. */
export const vectorsAtOnce = ({ body }: Loop): number =>
  Math.max(1, Math.floor(4 / Math.max(1, body.filter((c) => c.kind === "accumulator").length)));

/** `columns`: the loop holds loops, each of which gathers in numbers of the column's own. */
function isVector(loop: Loop, by: Vectorising, kind: "points" | "columns"): boolean {
  if (integer.literal(loop.step) !== 1) return false;
  const { index, body } = loop;
  if (kind === "columns" ? !gathersByColumn(body) : !gatheredIn(body)) return false;
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
  const statement = (c: Code): boolean => {
    switch (c.kind) {
      case "accumulator":
        return kind === "columns" && expression(c.value);
      case "loop":
        return kind === "columns" && [c.from, c.to, c.step].every(isFixed) && c.body.every(statement);
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
      case "counter":
      case "accumulate":
      case "call":
      case "fill":
      case "if":
        return false;
    }
  };
  return body.every(statement);
}

/** Whether all that changes in the loops of the body are sums, maxima and minima in accumulators of its own, a step each. */
function gathersByColumn(body: readonly Code[]): boolean {
  const written = buffersWritten(body);
  if ([...buffersRead(body)].some((name) => written.has(name))) return false;
  const own = new Set(body.flatMap((c) => (c.kind === "accumulator" ? [c.name] : [])));
  const steps: string[] = [];
  const isInside = (c: Code): boolean => {
    if (c.kind === "loop") return c.body.every(isInside);
    const step = gatheredBy(c)?.name;
    if (step !== undefined) steps.push(step);
    const isStep = step !== undefined && own.has(step);
    const crosses = [...namesUsedBy(c)].some((name) => own.has(name) && name !== step);
    return !crosses && (isStep || c.kind === "integer" || c.kind === "real");
  };
  const isPlain = ({ kind }: Code): boolean =>
    kind === "accumulator" || kind === "integer" || kind === "real" || kind === "store";
  const gathers = body.every((c) => (c.kind === "loop" ? isInside(c) : isPlain(c)));
  return gathers && own.size > 0 && steps.length === own.size && new Set(steps).size === own.size;
}
