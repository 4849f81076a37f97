/** Which names without brackets are whole tensors: told from the trees, before names are resolved. */
import { cotangentName } from "../../notation/layer.js";
import type { Declaration } from "../declarations.js";
import type { Definition } from "../roles.js";
import type { Symbols } from "../scope.js";
import { eachName, partsOf, type CallTree, type NameTree, type Tree } from "../tree.js";

/** Calls `visit` with the names and the calls of layers that stand where a whole tensor may: in no reduction and no subscript. */
export function eachWhole(
  tree: Tree,
  layers: Symbols["layers"],
  visit: (part: NameTree | CallTree) => void,
): void {
  if (tree.kind === "name" || (tree.kind === "call" && layers.has(tree.name))) return visit(tree);
  if (tree.kind === "access" || tree.kind === "reduction") return;
  for (const part of partsOf(tree)) eachWhole(part, layers, visit);
}

/** The tree with what `eachWhole` finds replaced. */
export function mapWholes(
  tree: Tree,
  layers: Symbols["layers"],
  replace: (part: NameTree | CallTree) => Tree,
): Tree {
  const go = (part: Tree): Tree => mapWholes(part, layers, replace);
  switch (tree.kind) {
    case "name":
      return replace(tree);
    case "call":
      return layers.has(tree.name) ? replace(tree) : { ...tree, arguments: tree.arguments.map(go) };
    case "number":
    case "access":
    case "reduction":
      return tree;
    case "sum":
      return { ...tree, terms: tree.terms.map((t) => ({ ...t, tree: go(t.tree) })) };
    case "product":
      return { ...tree, factors: tree.factors.map((f) => ({ ...f, tree: go(f.tree) })) };
    case "negate":
      return { ...tree, argument: go(tree.argument) };
    case "power":
      return { ...tree, base: go(tree.base), exponent: go(tree.exponent) };
    case "compare":
      return { ...tree, operands: tree.operands.map(go) };
    case "and":
    case "or":
      return { ...tree, parts: tree.parts.map(go) };
    case "not":
      return { ...tree, part: go(tree.part) };
  }
}

/**
 * The bracketless definitions that are whole tensors: calls of layers, and formulas with tensors without their subscripts.
 * A name that is a value as well is that.
 */
export function wholeDefinitions(
  declarations: readonly Declaration[],
  layers: Symbols["layers"],
): ReadonlySet<Definition> {
  const values = valueNames(declarations);
  const tensors = new Set<string>();
  const add = (name: string): void => void tensors.add(name).add(cotangentName(name));
  for (const d of declarations) {
    if (d.kind === "tensor" && (d.shape?.length ?? 0) > 0) add(d.name.text);
    if (d.kind === "definition" && d.subscripts) add(d.name.text);
  }
  const wholes = new Set<Definition>();
  for (const d of declarations) {
    if (d.kind !== "definition" || d.subscripts) continue;
    let isWhole = (d.others?.length ?? 0) > 0;
    eachWhole(d.tree, layers, (part) => {
      isWhole ||= part.kind === "call" || (tensors.has(part.name) && !values.has(part.name));
    });
    if (!isWhole) {
      values.add(d.name.text);
      continue;
    }
    wholes.add(d);
    for (const { text } of [d.name, ...(d.others ?? [])]) add(text);
  }
  return wholes;
}

/** Params and sizes. */
function valueNames(declarations: readonly Declaration[]): Set<string> {
  const values = new Set<string>();
  for (const d of declarations) {
    if (d.kind === "param") values.add(d.name.text);
    if (d.kind !== "tensor" || d.role === "output" || d.role === "local") continue;
    for (const extent of [...(d.shape ?? []), ...(d.bound ? [d.bound] : [])])
      eachName(extent, (name, access) => {
        if (!access) values.add(name);
      });
  }
  return values;
}
