/** Which names are integers: those that stand in a subscript, a size or a bound. */
import { isGiven } from "../notation/layer.js";
import type { Called } from "./calls/library.js";
import type { Declaration, DeclarationOf } from "./declarations.js";
import { isRounding, kindsOf } from "./roundings.js";
import type { Tree } from "./tree.js";

export type Definition = DeclarationOf<"definition">;

/** Names used as integers, each with where: `a subscript of x`. */
export function integerNames(
  declarations: readonly Declaration[],
  definitions: ReadonlyMap<string, Definition>,
  layers: Layers,
): ReadonlyMap<string, string> {
  return positionsIn(declarations, layers, definitions, "value");
}

/**
 * Definitions of integer tensors: integer expressions that stand, or of which something is made that stands, in a subscript or a
 * bound. Elsewhere an integer expression is a real like others, and has the values of one.
 */
export function integerTensors(declarations: readonly Declaration[], layers: Layers): ReadonlySet<string> {
  const { isInteger } = kindsOf(declarations);
  const given = new Set(
    declarations.flatMap((d) => (d.kind === "tensor" && d.role !== "local" ? [d.name.text] : [])),
  );
  const definitions = new Map(
    declarations.flatMap((d) => (d.kind === "definition" ? [[d.name.text, d] as const] : [])),
  );
  const used = positionsIn(declarations, layers, definitions, "tensor");
  return new Set(
    [...definitions].flatMap(([name, { tree }]) =>
      used.has(name) && !given.has(name) && isInteger(tree) ? [name] : [],
    ),
  );
}

/** The names of one kind that stand in integers' places, and those of which such names are made. */
function positionsIn(
  declarations: readonly Declaration[],
  layers: Layers,
  definitions: ReadonlyMap<string, Definition>,
  of: "value" | "tensor",
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const waiting: string[] = [];
  const isReal = kindsOf(declarations).holdsReal;
  const note = (tree: Tree, why: string): void =>
    eachPosition(tree, { why, layers, isReal }, (name, reason, access) => {
      // a scalar tensor is a name like a value
      if (reason === undefined || found.has(name) || (of === "value" && access)) return;
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
  // what an integer is computed from is integer too, but for what is rounded
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

interface Position {
  /** A word on the place; empty where it is no integer's. */
  readonly why: string;
  readonly layers: Layers;
  /** Whether a tree holds what is no integer for certain: it is rounded as a real. */
  readonly isReal: (tree: Tree) => boolean;
}

/** Calls `visit` with every name, read with subscripts or not, and a word on its place where that is an integer's. */
function eachPosition(
  tree: Tree,
  position: Position,
  visit: (name: string, why: string | undefined, access: boolean) => void,
): void {
  const { why, layers, isReal } = position;
  const go = (t: Tree, reason = why): void => eachPosition(t, { ...position, why: reason }, visit);
  const seen = (name: string, access: boolean): void => visit(name, why === "" ? undefined : why, access);
  switch (tree.kind) {
    case "number":
      return;
    case "name":
      return seen(tree.name, false);
    case "access":
      seen(tree.name, true);
      return tree.arguments.forEach((a) => go(a, `a subscript of ${tree.name}`));
    case "call": {
      const rounds = isRounding(tree) && tree.arguments.some(isReal);
      const called = layers.get(tree.name);
      const given = called?.layer.tensors.filter(isGiven) ?? [];
      for (const [i, a] of tree.arguments.entries())
        go(a, rounds ? "" : given[i]?.role === "index" ? indexOf(tree.name, given[i].name) : why);
      for (const { name, tree: value } of tree.named) {
        const isIndex = given.some((t) => t.name === name && t.role === "index");
        const integer = isIndex || isIntegerOf(called, name);
        go(value, integer ? indexOf(tree.name, name) : "");
      }
      return;
    }
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
const indexOf = (layer: string, name: string): string => `the argument ${name} of ${layer}`;
