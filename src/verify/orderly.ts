/**
 * Comparisons that the order of values and of a few numbers settles: between single elements, or functions of one element
 * and numbers. What no arrangement of a few elements about these numbers reaches is then reached by none.
 */
import type { Condition, Expression } from "../notation/expression.js";
import type { Layer } from "../notation/layer.js";
import type { Site } from "./sites.js";

export function isOrderly({ kind, place }: Site, layer: Layer): boolean {
  if (typeof place === "string" || !("kind" in place)) return false;
  const depends = dependsOn(layer);
  switch (place.kind) {
    case "compare":
      return depends(place.left) && depends(place.right);
    case "call":
      return (kind === "compare" || kind === "sign") && place.arguments.every(depends);
    case "reduction":
      return kind === "choice" && depends(place.body);
    case "add":
    case "all":
    case "and":
    case "any":
    case "constant":
    case "element":
    case "exact":
    case "floor":
    case "integer":
    case "max":
    case "min":
    case "modulo":
    case "multiply":
    case "named":
    case "nonnegative":
    case "not":
    case "or":
    case "pad":
    case "parameter":
    case "power":
    case "raise":
    case "read":
    case "select":
    case "stop":
    case "truth":
    case "variable":
    case "zero":
      return false;
  }
}

/** Whether an expression holds at most one element of a tensor, chosen by order alone. */
function dependsOn(layer: Layer, depth = 6): (e: Expression) => boolean {
  const single = (e: Expression): boolean => {
    switch (e.kind) {
      case "constant":
      case "named":
        return true;
      // what sizes, indices and params are worth is another matter
      case "parameter":
      case "integer":
        return false;
      case "read": {
        const definition = layer.statements.find((s) => s.tensor === e.tensor);
        if (definition) return depth > 0 && dependsOn(layer, depth - 1)(definition.body);
        return layer.tensors.some((t) => t.name === e.tensor && t.type === "real" && t.role !== "cotangent");
      }
      case "stop":
        return single(e.argument);
      case "add":
        return one(e.terms);
      case "multiply":
        return one(e.factors);
      case "raise":
        return one([e.base, e.exponent]);
      case "call":
        return e.name === "max" || e.name === "min" ? e.arguments.every(single) : one(e.arguments);
      case "select":
        return decided(e.condition) && single(e.whenTrue) && single(e.whenFalse);
      case "reduction":
        return (e.name === "max" || e.name === "min") && decided(e.guard) && single(e.body);
      case "pad":
        return false;
    }
  };
  const decided = (c: Condition): boolean => {
    switch (c.kind) {
      case "compare":
        return single(c.left) && single(c.right);
      case "and":
      case "or":
        return c.parts.every(decided);
      case "not":
        return decided(c.part);
      case "any":
      case "all":
        return decided(c.guard) && decided(c.body);
      case "nonnegative":
      case "truth":
      case "zero":
        return true;
    }
  };
  const isNumber = (e: Expression): boolean => e.kind === "constant" || e.kind === "named";
  const one = (parts: readonly Expression[]): boolean =>
    parts.every(single) && parts.filter((part) => !isNumber(part)).length <= 1;
  return single;
}
