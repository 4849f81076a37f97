/**
 * Layers as the generator makes them: a tree of its own, so that nothing between text and kernels is taken for granted.
 * Every range is known here, whether the text will say it or leave it to be inferred.
 */

export type Int =
  | { readonly kind: "integer"; readonly value: number }
  /** An index, a size, an integer param or an integer constant. */
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "plus" | "minus" | "times"; readonly a: Int; readonly b: Int }
  /** `floor(a/b)`, `ceil(a/b)`, `mod(a, b)`, and `a/b`, which reads nothing where it does not come out even. */
  | { readonly kind: "floored" | "ceiled" | "modulo" | "exact"; readonly a: Int; readonly b: Int }
  | { readonly kind: "smaller" | "larger"; readonly a: Int; readonly b: Int }
  | { readonly kind: "element"; readonly tensor: string; readonly subscripts: readonly Int[] };

export interface Read {
  readonly kind: "read";
  readonly tensor: string;
  readonly subscripts: readonly Int[];
}
export interface Binder {
  readonly name: string;
  readonly lower: Int;
  /** Exclusive. */
  readonly upper: Int;
  /** `open` leaves the range to be inferred, where the text then says the same. */
  readonly style: "open" | "<" | "<=";
}
export const reductionNames = ["sum", "mean", "max", "min", "prod", "argmax", "argmin"] as const;
export type ReductionName = (typeof reductionNames)[number];
export interface Reduction {
  readonly kind: "reduction";
  readonly name: ReductionName;
  readonly binders: readonly Binder[];
  readonly body: Real;
}
export type Operator = "+" | "-" | "*" | "/" | "^";
export type Real =
  | { readonly kind: "decimal"; readonly text: string }
  | { readonly kind: "constant"; readonly name: "pi" | "e" | "inf" }
  /** A real param or constant, or what a helper is called with. */
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "whole"; readonly value: Int }
  | Read
  | { readonly kind: "pad"; readonly read: Read; readonly value: Real }
  | { readonly kind: "binary"; readonly operator: Operator; readonly a: Real; readonly b: Real }
  | { readonly kind: "negative"; readonly a: Real }
  /** A function of the language or a helper. */
  | { readonly kind: "call"; readonly name: string; readonly arguments: readonly Real[] }
  | { readonly kind: "where"; readonly condition: Condition; readonly a: Real; readonly b: Real }
  | Reduction
  | { readonly kind: "count"; readonly binders: readonly Binder[]; readonly condition: Condition };

export type Condition =
  | { readonly kind: "compare"; readonly operator: Comparison; readonly a: Real; readonly b: Real }
  | { readonly kind: "and" | "or"; readonly a: Condition; readonly b: Condition }
  | { readonly kind: "not"; readonly a: Condition }
  | {
      readonly kind: "any" | "all";
      readonly binders: readonly Binder[];
      readonly condition: Condition;
    };
export type Comparison = "<" | "<=" | ">" | ">=" | "==" | "!=";

export type Node = Int | Real | Condition;

export interface Declaration {
  readonly role: "input" | "weight" | "data" | "index";
  readonly name: string;
  readonly shape: readonly Int[];
  /** Of an index tensor: its values are below this. */
  readonly bound?: Int;
}
export interface Statement {
  readonly role: "output" | "local";
  readonly name: string;
  readonly indices: readonly { readonly name: string; readonly extent: Int }[];
  readonly subscripts: readonly Int[];
  readonly shape: readonly Int[];
  /** Whether the shape shall be left to be inferred, where the text then says the same. */
  readonly open: boolean;
  /** The text leaves the shape out, since reads that have to be in bounds imply it. */
  readonly inferred?: boolean;
  readonly body: Real;
}
export interface Param {
  readonly name: string;
  readonly value: number;
  /** What else a trial may set it to. */
  readonly others: readonly number[];
}
export interface Layer {
  readonly params: readonly Param[];
  readonly declarations: readonly Declaration[];
  readonly derived: readonly { readonly name: string; readonly value: Int }[];
  readonly constants: readonly { readonly name: string; readonly value: Real }[];
  readonly helpers: readonly {
    readonly name: string;
    readonly parameters: readonly string[];
    readonly body: Real;
  }[];
  readonly requirements: readonly Condition[];
  readonly statements: readonly Statement[];
}

export const int = (value: number): Int => ({ kind: "integer", value });
export const named = (name: string): Int => ({ kind: "named", name });
export const plus = (a: Int, b: Int): Int => ({ kind: "plus", a, b });
export const minus = (a: Int, b: Int): Int => ({ kind: "minus", a, b });
export const times = (a: Int, b: Int): Int => ({ kind: "times", a, b });
export const decimal = (text: string): Real => ({ kind: "decimal", text });
export const binary = (operator: Operator, a: Real, b: Real): Real => ({ kind: "binary", operator, a, b });
export const call = (name: string, ...args: readonly Real[]): Real => ({
  kind: "call",
  name,
  arguments: args,
});

/** The parts of a node, those of binders and subscripts included. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "integer":
    case "named":
    case "decimal":
    case "constant":
    case "symbol":
      return [];
    case "whole":
      return [node.value];
    case "element":
    case "read":
      return node.subscripts;
    case "pad":
      return [node.read, node.value];
    case "call":
      return node.arguments;
    case "where":
      return [node.condition, node.a, node.b];
    case "reduction":
      return [...node.binders.flatMap(({ lower, upper }) => [lower, upper]), node.body];
    case "count":
    case "any":
    case "all":
      return [...node.binders.flatMap(({ lower, upper }) => [lower, upper]), node.condition];
    case "negative":
    case "not":
      return [node.a];
    case "plus":
    case "minus":
    case "times":
    case "floored":
    case "ceiled":
    case "modulo":
    case "exact":
    case "smaller":
    case "larger":
    case "binary":
    case "compare":
    case "and":
    case "or":
      return [node.a, node.b];
  }
}

/** The node with each of its parts replaced; the order is that of `partsOf`. */
export function withParts(node: Node, replace: (part: Node) => Node): Node {
  const int = (part: Int): Int => replace(part) as Int;
  const real = (part: Real): Real => replace(part) as Real;
  const condition = (part: Condition): Condition => replace(part) as Condition;
  const binders = (list: readonly Binder[]): readonly Binder[] =>
    list.map((b) => ({ ...b, lower: int(b.lower), upper: int(b.upper) }));
  switch (node.kind) {
    case "integer":
    case "named":
    case "decimal":
    case "constant":
    case "symbol":
      return node;
    case "whole":
      return { ...node, value: int(node.value) };
    case "element":
    case "read":
      return { ...node, subscripts: node.subscripts.map(int) };
    case "pad": {
      const read = replace(node.read) as Read;
      return { ...node, read, value: real(node.value) };
    }
    case "call":
      return { ...node, arguments: node.arguments.map(real) };
    case "where":
      return { ...node, condition: condition(node.condition), a: real(node.a), b: real(node.b) };
    case "reduction":
      return { ...node, binders: binders(node.binders), body: real(node.body) };
    case "count":
    case "any":
    case "all":
      return { ...node, binders: binders(node.binders), condition: condition(node.condition) };
    case "negative":
      return { ...node, a: real(node.a) };
    case "not":
      return { ...node, a: condition(node.a) };
    case "binary":
    case "compare":
      return { ...node, a: real(node.a), b: real(node.b) };
    case "and":
    case "or":
      return { ...node, a: condition(node.a), b: condition(node.b) };
    case "plus":
    case "minus":
    case "times":
    case "floored":
    case "ceiled":
    case "modulo":
    case "exact":
    case "smaller":
    case "larger":
      return { ...node, a: int(node.a), b: int(node.b) };
  }
}

/** The node and everything in it, outermost first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const part of partsOf(node)) yield* nodesOf(part);
}
/** Whether it reads a tensor, be it in a subscript. */
export function readsTensor(node: Node): boolean {
  for (const part of nodesOf(node)) if (part.kind === "read" || part.kind === "element") return true;
  return false;
}
export const mentions = (node: Node, name: string): boolean =>
  [...nodesOf(node)].some((n) => n.kind === "named" && n.name === name);

export const sameNode = (a: Node, b: Node): boolean => JSON.stringify(a) === JSON.stringify(b);
