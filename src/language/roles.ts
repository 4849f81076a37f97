/** Which names are integers: those that stand in a subscript, a size or a bound. */
import type { Called } from "./calls/library.js";
import type { Declaration, DeclarationOf } from "./declarations.js";
import type { Tree } from "./tree.js";

export type Definition = DeclarationOf<"definition">;

/** Names used as integers, each with where: `a subscript of x`. */
export function integerNames(
  declarations: readonly Declaration[],
  definitions: ReadonlyMap<string, Definition>,
  layers: Layers,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const waiting: string[] = [];
  const note = (tree: Tree, why: string): void =>
    eachPosition(tree, why, layers, (name, reason) => {
      if (reason === undefined || found.has(name)) return;
      found.set(name, reason);
      waiting.push(name);
    });
  for (const d of declarations) {
    if (d.kind === "tensor") {
      for (const extent of d.shape ?? []) note(extent, `the shape of ${d.name.text}`);
      if (d.bound) note(d.bound, `the bound of ${d.name.text}`);
    } else if (d.kind === "definition" || d.kind === "claim") {
      for (const subscript of d.subscripts ?? []) note(subscript, `a subscript of ${d.name.text}`);
      note(d.tree, "");
    } else if (d.kind === "helper" || d.kind === "requirement") note(d.tree, "");
  }
  // what an integer is computed from is integer too
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const definition = definitions.get(name);
    if (definition) note(definition.tree, `the size ${name}`);
  }
  return found;
}

type Layers = ReadonlyMap<string, Called | undefined>;
/** Whether the layer takes an integer by this name: a size or an integer param. */
const isIntegerOf = (called: Called | undefined, name: string): boolean =>
  called !== undefined &&
  (called.layer.sizes.includes(name) ||
    called.layer.params.some((p) => p.name === name && p.type === "integer"));

/** Calls `visit` with every name and, where it stands in an integer's place, a word on which (an empty `why` is none). */
function eachPosition(
  tree: Tree,
  why: string,
  layers: Layers,
  visit: (name: string, why: string | undefined) => void,
): void {
  const go = (t: Tree, reason = why): void => eachPosition(t, reason, layers, visit);
  switch (tree.kind) {
    case "number":
      return;
    case "name":
      return visit(tree.name, why === "" ? undefined : why);
    case "access":
      return tree.arguments.forEach((a) => go(a, `a subscript of ${tree.name}`));
    case "call":
      tree.arguments.forEach((a) => go(a));
      for (const { name, tree: value } of tree.named)
        go(value, isIntegerOf(layers.get(tree.name), name) ? `the argument ${name} of ${tree.name}` : "");
      return;
    case "reduction":
      for (const binder of tree.binders)
        for (const bound of binder.kind === "compare" ? binder.operands : [])
          go(bound, "the bound of an index");
      return tree.arguments.forEach((a) => go(a, ""));
    case "sum":
      return tree.terms.forEach((t) => go(t.tree));
    case "product":
      return tree.factors.forEach((f) => go(f.tree));
    case "negate":
      return go(tree.argument);
    case "power":
      go(tree.base);
      return go(tree.exponent);
    case "compare":
      return tree.operands.forEach((o) => go(o));
    case "and":
    case "or":
      return tree.parts.forEach((p) => go(p));
    case "not":
      return go(tree.part);
  }
}
