/** The syntax of an expression, with places: what mathjs parses, before names mean anything. */
import type { reductionNames } from "../notation/expression.js";
import type { Span } from "../notation/span.js";

export type Operator = "<" | "<=" | ">" | ">=" | "==" | "!=";
export type AnyReduction = (typeof reductionNames)[number];

export interface Numeral extends Span {
  readonly kind: "number";
  readonly text: string;
}
export interface NameTree extends Span {
  readonly kind: "name";
  readonly name: string;
}
/** name[arguments] */
export interface AccessTree extends Span {
  readonly kind: "access";
  readonly name: string;
  readonly head: Span;
  readonly arguments: readonly Tree[];
}
/** name(arguments); of a layer also name(arguments, w = tree). */
export interface CallTree extends Span {
  readonly kind: "call";
  readonly name: string;
  readonly head: Span;
  readonly arguments: readonly Tree[];
  readonly named: readonly NamedTree[];
}
export interface NamedTree extends Span {
  readonly name: string;
  /** Where the name stands. */
  readonly head: Span;
  readonly tree: Tree;
}
/** name[binders](arguments) */
export interface ReductionTree extends Span {
  readonly kind: "reduction";
  readonly name: AnyReduction;
  readonly head: Span;
  readonly binders: readonly Tree[];
  readonly arguments: readonly Tree[];
}
/** a + b - c */
export interface SumTree extends Span {
  readonly kind: "sum";
  readonly terms: readonly { readonly negative: boolean; readonly tree: Tree }[];
}
/** a * b / c */
export interface ProductTree extends Span {
  readonly kind: "product";
  readonly factors: readonly { readonly inverse: boolean; readonly tree: Tree }[];
}
export interface NegateTree extends Span {
  readonly kind: "negate";
  readonly argument: Tree;
}
export interface PowerTree extends Span {
  readonly kind: "power";
  readonly base: Tree;
  readonly exponent: Tree;
}
/** a < b <= c */
export interface CompareTree extends Span {
  readonly kind: "compare";
  readonly operators: readonly Operator[];
  readonly operands: readonly Tree[];
}
export interface JoinTree extends Span {
  readonly kind: "and" | "or";
  readonly parts: readonly Tree[];
}
export interface NotTree extends Span {
  readonly kind: "not";
  readonly part: Tree;
}

export type Tree =
  | Numeral
  | NameTree
  | AccessTree
  | CallTree
  | ReductionTree
  | SumTree
  | ProductTree
  | NegateTree
  | PowerTree
  | CompareTree
  | JoinTree
  | NotTree;

/** The trees directly inside one, in the order of the text. */
export function partsOf(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case "number":
    case "name":
      return [];
    case "access":
      return tree.arguments;
    case "call":
      return [...tree.arguments, ...tree.named.map((n) => n.tree)];
    case "reduction":
      return [...tree.binders, ...tree.arguments];
    case "sum":
      return tree.terms.map((t) => t.tree);
    case "product":
      return tree.factors.map((f) => f.tree);
    case "negate":
      return [tree.argument];
    case "power":
      return [tree.base, tree.exponent];
    case "compare":
      return tree.operands;
    case "and":
    case "or":
      return tree.parts;
    case "not":
      return [tree.part];
  }
}

/** Calls `visit` with every name that stands for a value or (`access`) for a bracketed tensor. */
export function eachName(tree: Tree, visit: (name: string, access: boolean) => void): void {
  if (tree.kind === "name") visit(tree.name, false);
  if (tree.kind === "access") visit(tree.name, true);
  for (const part of partsOf(tree)) eachName(part, visit);
}
