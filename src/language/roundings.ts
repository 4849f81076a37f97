/**
 * Computed subscripts: `floor`, `ceil` and `round` of reals are integers. What a name holds is told here by the text alone, before
 * any name is resolved.
 */
import { decimal, valueOf } from "../notation/construct.js";
import { constantValue } from "./constants.js";
import type { Declaration, DeclarationOf } from "./declarations.js";
import { isFunction } from "../primitives/index.js";
import { maximumDepth } from "./tokens.js";
import type { Tree } from "./tree.js";

/** `floor`, `ceil` or `round` of one argument. */
export const isRounding = (tree: Tree): boolean =>
  tree.kind === "call" &&
  (tree.name === "floor" || tree.name === "ceil" || tree.name === "round") &&
  tree.arguments.length === 1;
/** Functions of integers that are integers. */
export const isIntegerFunction = (name: string): boolean =>
  name === "mod" || name === "min" || name === "max";

/** Tests of a file's formulas: whether one is an integer by what it is made of, and whether it holds what is none. */
export interface Kinds {
  readonly isInteger: (tree: Tree) => boolean;
  readonly holdsReal: (tree: Tree) => boolean;
}

export function kindsOf(declarations: readonly Declaration[]): Kinds {
  const tensors = new Map<string, DeclarationOf<"tensor">>();
  const definitions = new Map<string, DeclarationOf<"definition">>();
  const params = new Map<string, boolean>();
  for (const d of declarations) {
    if (d.kind === "tensor") tensors.set(d.name.text, d);
    if (d.kind === "definition") definitions.set(d.name.text, d);
    if (d.kind === "param") params.set(d.name.text, isSafe(constantValue(d.tree, () => {})));
  }
  const known = new Map<string, boolean>();
  let depth = 0;
  /** Whether what the name holds is an integer; one that is read where it is defined is none. */
  const named = (name: string, access: boolean): boolean => {
    if (!access && params.has(name)) return params.get(name) === true;
    if (!access && (name === "pi" || name === "e" || name === "inf")) return false;
    const role = tensors.get(name)?.role;
    if (role === "index") return true;
    if (role !== undefined && role !== "local") return !access && tensors.get(name)?.shape !== undefined;
    const definition = definitions.get(name);
    // an index or a size, which may be called as a tensor is
    if (!definition || (!access && definition.subscripts)) return !access;
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, false);
    // a chain so long is told where its definitions are resolved
    if (depth > maximumDepth) return false;
    depth++;
    const value = isInteger(definition.tree);
    depth--;
    known.set(name, value);
    return value;
  };
  const isInteger = (tree: Tree): boolean => {
    switch (tree.kind) {
      case "number":
        return isSafe(valueOf(decimal(tree.text)));
      case "name":
        return named(tree.name, false);
      case "access":
        return named(tree.name, true);
      case "call":
        if (isRounding(tree)) return true;
        if (tree.name === "where") return tree.arguments.slice(1).every(isInteger);
        return isIntegerFunction(tree.name) && tree.arguments.every(isInteger);
      case "reduction":
        return tree.name === "argmax" || tree.name === "argmin";
      case "sum":
        return tree.terms.every((t) => isInteger(t.tree));
      case "product":
        return tree.factors.every((f) => !f.inverse && isInteger(f.tree));
      case "negate":
        return isInteger(tree.argument);
      case "power":
        return isInteger(tree.base) && tree.exponent.kind === "number" && isInteger(tree.exponent);
      case "compare":
      case "and":
      case "or":
      case "not":
        return false;
    }
  };
  const holdsReal = (tree: Tree): boolean => {
    switch (tree.kind) {
      case "sum":
        return tree.terms.some((t) => holdsReal(t.tree));
      case "product":
        return tree.factors.some((f) => holdsReal(f.tree));
      case "negate":
        return holdsReal(tree.argument);
      case "power":
        return holdsReal(tree.base) || holdsReal(tree.exponent);
      case "call":
        if (isRounding(tree)) return false;
        // a helper, or a name that means nothing
        if (!isFunction(tree.name) && tree.name !== "where") return true;
        return !isIntegerFunction(tree.name) || tree.arguments.some(holdsReal);
      case "access":
      case "and":
      case "compare":
      case "name":
      case "not":
      case "number":
      case "or":
      case "reduction":
        return !isInteger(tree);
    }
  };
  return { isInteger, holdsReal };
}
const isSafe = (value: number | undefined): boolean => value !== undefined && Number.isSafeInteger(value);
