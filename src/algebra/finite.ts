/** Which factors may leave a sum that may have no points. */
import { intOf, valueOf } from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { isTame, primitives } from "../primitives/index.js";
import { mapChildren, tensorsIn, walk } from "../notation/traverse.js";
import { isNeverEmpty } from "../ranges/facts.js";
import { refutes, type Facts } from "../ranges/prove.js";
import { hasNoPole, type Known } from "./real-signs.js";

/**
 * Whether the value is finite where the tensors are, however large: 0 for a sum without points must not become
 * 0 * inf by a factor taken out of it.
 */
export function isFinite(e: Expression, facts: Facts): boolean {
  switch (e.kind) {
    case "read":
      return facts.unbounded?.has(e.tensor) !== true;
    case "constant":
      return Number.isFinite(valueOf(e));
    case "raise":
      return (
        isFinite(e.base, facts) &&
        (isWholePower(e) || (tensorsIn(e.base).size === 0 && isNoIntegerZero(e.base, facts)))
      );
    case "call":
      return isTame(e.name) && e.arguments.every((part) => isFinite(part, facts));
    case "reduction":
      return e.name === "sum" ? isFinite(e.body, facts) : false;
    case "add":
    case "integer":
    case "multiply":
    case "named":
    case "pad":
    case "parameter":
    case "select":
    case "stop": {
      let finite = true;
      mapChildren(e, { expression: (part) => ((finite &&= isFinite(part, facts)), part) });
      return finite;
    }
  }
}
const isWholePower = ({ exponent }: Extract<Expression, { kind: "raise" }>): boolean =>
  exponent.kind === "constant" && valueOf(exponent) > 0 && Number.isInteger(valueOf(exponent));
/** Whether the value is -inf or inf where a maximum has no points, in it or in what it reads. */
export function mayHaveNoPoints(body: Expression, facts: Facts): boolean {
  let found = false;
  walk(body, {
    expression: (e) => {
      if (e.kind === "read") found ||= facts.unbounded?.has(e.tensor) === true;
      if (e.kind === "reduction" && (e.name === "max" || e.name === "min"))
        found ||= e.guard.kind !== "truth" || !isNeverEmpty(e.binders, facts);
    },
  });
  return found;
}

/** Whether a division, logarithm or power in it can fail, or what it computes soon grows beyond all numbers. */
export function mayOverflow(body: Expression, known: Known): boolean {
  let grows = false;
  walk(body, {
    expression: (e) => void (grows ||= e.kind === "call" && primitives[e.name].range === "growing"),
  });
  return grows || !hasNoPole(body, known);
}

/** 1/(k·H) is infinite at the index k = 0. */
const isNoIntegerZero = (e: Expression, facts: Facts): boolean => {
  if (e.kind === "multiply") return e.factors.every((f) => isNoIntegerZero(f, facts));
  if (e.kind === "raise") return isNoIntegerZero(e.base, facts);
  const value = intOf(e);
  return value === undefined || refutes(facts, { kind: "zero", value });
};
