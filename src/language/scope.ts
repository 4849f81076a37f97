/** What a name means at a place in the text. */
import type { Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Role, Statement, Tensor } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import type { Called } from "./calls/library.js";
import type { Name } from "./declarations.js";
import { say, type Complaint } from "./messages.js";
import { nearest } from "./names.js";
import type { Report } from "./tokens.js";
import type { CallTree, ReductionTree, Tree } from "./tree.js";

/** A value that is no index and no scalar tensor. `positive`: at least 1 in every plan. */
export type Value =
  | { readonly kind: "size" | "derived"; readonly at: Span }
  | { readonly kind: "param"; readonly type: "integer" | "real"; readonly value: number; readonly at: Span }
  | { readonly kind: "constant"; readonly at: Span };

export interface TensorEntry {
  readonly name: string;
  readonly role: Role;
  readonly at: Span;
  /** The line that declares it. */
  readonly declaration?: Span;
  /** Undefined until a definition tells it. */
  rank: number | undefined;
  shape: readonly Int[] | undefined;
  type: "real" | "integer";
  bound: Int | undefined;
  lowest: number | undefined;
  rounded: Tensor["rounded"];
  /** Where it is defined; `given` needs no definition. */
  state: "given" | "declared" | "defined" | "helper" | "claimed";
  definedAt: Span | undefined;
}
export interface Announced {
  readonly later: ReadonlySet<string>;
  readonly doubtful: Set<string>;
}
export interface Helper {
  readonly name: Name;
  readonly parameters: readonly Name[];
  readonly tree: Tree;
}

/** The three namespaces (a scalar tensor is a value that stands among the tensors), and numbering. */
export interface Symbols {
  readonly values: Map<string, Value>;
  readonly tensors: Map<string, TensorEntry>;
  readonly helpers: Map<string, Helper>;
  /** How many unknown extents have been named. */
  unknowns: number;
  /** Names that a comparison divides by: it is multiplied out, and the text is the last that tells. */
  readonly divisors: Set<string>;
  /** Tensors by the name of their cotangent: `dT` of a differentiated or output tensor T. */
  readonly cotangents: Map<string, string>;
  /** The layers that the file uses; undefined where one cannot be used, which has been told. */
  readonly layers: ReadonlyMap<string, Called | undefined>;
  /** Tensors that some line defines, and names in declarations that could not be read: not unknown, only not there. */
  readonly announced: Announced;
  /** Tensors whose definitions are integer expressions and stand in subscripts. */
  readonly integers: ReadonlySet<string>;
  /** Tensors that stand for a rounded real in subscripts, by its key. */
  readonly rounded: Map<string, string>;
}

/** What the statement under way has come to. */
export interface StatementState {
  /** How many helpers have been inlined. */
  inlined: number;
  /** The tensor being defined. */
  defines: string | undefined;
  /** Whether it reads a cotangent, a helper of the claims or a claimed gradient. */
  readsCotangent: boolean;
  readsClaim: string | undefined;
  /** Statements that compute an argmax or a rounded real used in a subscript. */
  readonly hoisted: Statement[];
}

export interface Scope {
  readonly symbols: Symbols;
  readonly report: Report;
  /** Index variables in scope, outermost first. */
  readonly indices: ReadonlyMap<string, IndexInScope>;
  /** Arguments of the helper being inlined. */
  readonly arguments?: ReadonlyMap<string, Expression>;
  /** Helpers being inlined, outermost first. */
  readonly inlining: readonly string[];
  /** Why no tensor may be read here; undefined where it may. */
  readonly noTensors: string | undefined;
  readonly state: StatementState;
  /** The extent of the axis whose subscript is read. */
  readonly axis?: Int | undefined;
  /** Makes the argmax or the rounded real in a subscript a tensor of its own. */
  readonly hoist: (tree: ReductionTree | CallTree, scope: Scope) => Int;
}
export interface IndexInScope {
  readonly lower: Int;
  readonly upper: Int;
}

export const fail = (scope: Scope, span: Span, complaint: Complaint): void => scope.report(span, complaint);

/** A variable for an extent that the text leaves open. */
export const unknownExtent = (symbols: Symbols, name: string): Int =>
  integer.variable(`?${name}#${++symbols.unknowns}`);

/** Whether the name is an integer here: an index, a size, an integer param or a scalar integer tensor. */
export function isIntegerName(name: string, scope: Scope): boolean {
  if (scope.arguments?.has(name)) return false;
  if (scope.indices.has(name)) return true;
  const value = scope.symbols.values.get(name);
  if (value)
    return (
      value.kind === "size" ||
      value.kind === "derived" ||
      (value.kind === "param" && value.type === "integer")
    );
  const tensor = scope.symbols.tensors.get(name);
  return tensor?.rank === 0 && tensor.type === "integer";
}

/** The tensor, where it may be read here; what is wrong is reported. */
export function readableTensor(name: string, span: Span, scope: Scope): TensorEntry | undefined {
  const entry = scope.symbols.tensors.get(name);
  if (!entry) {
    if (!scope.symbols.announced.doubtful.has(name)) fail(scope, span, unknownTensor(name, scope));
    return undefined;
  }
  if (scope.noTensors !== undefined) {
    fail(scope, span, say.noTensors(name, scope.noTensors));
    return undefined;
  }
  if (entry.state === "declared") {
    if (!scope.symbols.announced.doubtful.has(name))
      fail(
        scope,
        span,
        name === scope.state.defines ? say.readsItself(name) : say.readBeforeDefinition(name),
      );
    return undefined;
  }
  if (entry.role === "cotangent" || entry.state === "helper" || entry.state === "claimed")
    scope.state.readsCotangent = true;
  if (entry.state === "claimed") scope.state.readsClaim ??= name;
  return entry;
}

function unknownTensor(name: string, scope: Scope): Complaint {
  const { tensors, values, cotangents } = scope.symbols;
  if (scope.symbols.announced.later.has(name)) return say.readBeforeDefinition(name);
  if (name.includes("'")) return say.prime(name);
  const of = cotangents.get(name);
  if (of !== undefined) return say.gradientUnread(name, of);
  if (values.has(name) || scope.indices.has(name)) return say.valueIndexed(name);
  return say.unknownTensor(name, nearest(name, tensors.keys()));
}

/** Reports a name that means nothing here. */
export function unknownName(name: string, span: Span, scope: Scope): void {
  const { tensors, values, helpers, announced } = scope.symbols;
  if (announced.doubtful.has(name)) return;
  const tensor = tensors.get(name);
  if (tensor) return fail(scope, span, say.subscriptsMissing(name, tensor.rank ?? 1));
  if (name.includes("'") && tensors.has(name.replace(/'+$/, ""))) return fail(scope, span, say.prime(name));
  if (announced.later.has(name)) return fail(scope, span, say.readBeforeDefinition(name));
  const scalars = [...tensors.values()].filter((t) => t.rank === 0).map((t) => t.name);
  const known = [...(scope.arguments?.keys() ?? []), ...scope.indices.keys(), ...values.keys(), ...scalars];
  const near = nearest(name, known);
  if (scope.noTensors?.startsWith("the shape of")) return fail(scope, span, say.noSize(name, near));
  if (helpers.has(name)) return fail(scope, span, say.functionAsValue(name));
  fail(scope, span, say.unknownName(name, near, scope.noTensors === undefined && isLikelyIndex(name)));
}
const isLikelyIndex = (name: string): boolean => name.replace(/'+$/, "").length === 1;
