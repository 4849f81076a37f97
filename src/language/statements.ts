/** Statements and claims, in the order of the text. */
import { freeNamesIn, substitute } from "../notation/binders.js";
import type { Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { cotangentName, type Index, type Statement } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import { take } from "../notation/fresh.js";
import { keyOfExpression } from "../notation/key.js";
import { valueCalled } from "./binders.js";
import type { DeclarationOf } from "./declarations.js";
import { checkDefined, toExpression } from "./expressions.js";
import { axesOf, toInt } from "./integers.js";
import { say } from "./messages.js";
import { isPlanMember, isTaken, isTakenForIndices, nearest } from "./names.js";
import { fail, unknownExtent, type Scope, type Symbols, type TensorEntry } from "./scope.js";
import type { Report } from "./tokens.js";
import { eachName, type CallTree, type ReductionTree } from "./tree.js";
import { asWritten } from "./written.js";

export interface Statements {
  readonly statements: Statement[];
  readonly claimHelpers: Statement[];
  readonly claims: Statement[];
}
type Definition = Pick<
  DeclarationOf<"definition" | "claim">,
  "kind" | "name" | "subscripts" | "tree" | "start" | "end"
>;

/** A scope at the top of a statement: no index bound yet. */
export const topScope = (symbols: Symbols, report: Report): Scope => ({
  symbols,
  report,
  indices: new Map(),
  inlining: [],
  noTensors: undefined,
  state: { inlined: 0, defines: undefined, readsCotangent: false, readsClaim: undefined, hoisted: [] },
  hoist: hoistInteger,
});

/** Where the left-hand side stands. */
const leftSpan = ({ name, subscripts }: Definition): Span => {
  const last = subscripts?.at(-1);
  return { start: name.start, end: last ? last.end + 1 : name.end };
};

/** Resolves a statement or claim and adds it where it belongs. */
export function addStatement(d: Definition, symbols: Symbols, report: Report, into: Statements): void {
  const entry = d.kind === "claim" ? claimedTensor(d, symbols, report) : definedTensor(d, symbols, report);
  const scope = topScope(symbols, report);
  scope.state.defines = entry?.name;
  const rank = d.subscripts?.length ?? 0;
  if (entry?.rank !== undefined && entry.rank !== rank)
    report(leftSpan(d), say.subscriptCount(entry.name, entry.rank, rank, axesOf(entry)));
  const left = leftSide(d, entry, scope);
  const inner = {
    ...scope,
    indices: new Map(left.indices.map((i) => [i.name, { lower: integer.zero, upper: i.extent }])),
  };
  const body = toExpression(d.tree, inner);
  checkDefined(body, d.tree, scope);
  if (!entry) return;
  const at = { start: d.start, end: d.end };
  const statement: Statement = {
    tensor: entry.name,
    indices: left.indices,
    subscripts: left.subscripts,
    body,
    at,
  };
  const { state } = scope;
  finish(entry, statement, inner);
  if (d.kind === "claim") {
    entry.state = "claimed";
    forgetRounded(scope);
    into.claimHelpers.push(...state.hoisted);
    into.claims.push(statement);
  } else if (state.readsCotangent) {
    if (entry.role !== "local" || entry.at !== d.name) fail(scope, d.name, say.cotangentInLayer(entry.name));
    if (state.readsClaim !== undefined) fail(scope, d, say.helperReadsClaim(entry.name, state.readsClaim));
    entry.state = "helper";
    forgetRounded(scope);
    into.claimHelpers.push(...state.hoisted, statement);
  } else into.statements.push(...state.hoisted, statement);
}

/** The tensor that a definition defines, made where it was not declared. */
export function definedTensor(d: Definition, symbols: Symbols, report: Report): TensorEntry | undefined {
  const { name } = d;
  const refuse = (complaint: Parameters<Report>[1]): undefined => {
    report(name, complaint);
    return undefined;
  };
  const entry = symbols.tensors.get(name.text);
  if (entry?.state === "given") return refuse(say.definesGiven(name.text, entry.role));
  if (entry && entry.state !== "declared") return refuse(say.definedTwice(name.text));
  if (entry) return entry;
  // the tensor is made all the same: reads of it are no errors of their own
  if (isTaken(name.text)) report(name, say.taken(name.text));
  else if (name.text.includes("'")) report(name, say.prime(name.text));
  const of = symbols.tensors.get(symbols.cotangents.get(name.text) ?? "");
  if (of && of.role !== "local") return undefined; // taken: reported with the declarations
  if (isPlanMember(name.text)) return refuse(say.planMember(name.text));
  if (d.subscripts === undefined && symbols.values.has(name.text))
    return refuse(say.declaredTwice(name.text));
  const made = newEntry(name.text, d.subscripts?.length ?? 0, name);
  symbols.tensors.set(name.text, made);
  return made;
}

export const newEntry = (name: string, rank: number, at: TensorEntry["at"]): TensorEntry => ({
  name,
  role: "local",
  at,
  rank,
  shape: undefined,
  type: "real",
  bound: undefined,
  lowest: undefined,
  rounded: undefined,
  state: "declared",
  definedAt: undefined,
});

/** Gradients that nothing is claimed of yet. */
const claimable = ({ cotangents, tensors }: Symbols): readonly string[] =>
  [...cotangents.keys()].filter((name) => !tensors.has(name));
/** The gradient that a claim is about: `dT` of an input, a weight or an intermediate T. */
function claimedTensor(d: Definition, symbols: Symbols, report: Report): TensorEntry | undefined {
  const { name } = d;
  const of = symbols.cotangents.get(name.text);
  const source = of === undefined ? undefined : symbols.tensors.get(of);
  const known = symbols.tensors.get(name.text);
  const complaint =
    known?.state === "claimed"
      ? say.claimedTwice(name.text)
      : known
        ? say.claimsGiven(name.text)
        : !source || source.type === "integer" || source.state === "helper" || source.state === "declared"
          ? say.claimsUnknown(name.text, nearest(name.text, claimable(symbols)))
          : undefined;
  if (complaint) report(name, complaint);
  if (complaint || !source) return undefined;
  const entry = {
    ...newEntry(name.text, source.rank ?? 0, name),
    role: "gradient" as const,
    shape: source.shape,
  };
  symbols.tensors.set(name.text, entry);
  return entry;
}

/** The indices and subscripts of a left-hand side. A name that is no size and no param is an index. */
function leftSide(
  d: Definition,
  entry: TensorEntry | undefined,
  scope: Scope,
): { indices: Index[]; subscripts: Int[] } {
  const extents = new Map<string, Int>();
  const trees = d.subscripts ?? [];
  for (const [axis, tree] of trees.entries()) {
    const value = tree.kind === "name" ? valueCalled(tree.name, scope.symbols) : undefined;
    if (value) fail(scope, tree, say.valueOnLeft(value, tree.kind === "name" ? tree.name : ""));
    eachName(tree, (name, access) => {
      if (access || value) return;
      const hidden = valueCalled(name, scope.symbols);
      if (hidden === "a constant" || hidden === "a scalar") fail(scope, tree, say.hides(name, hidden));
      if (isTakenForIndices(name)) fail(scope, tree, say.taken(name));
      if (hidden) return;
      const declared = tree.kind === "name" ? entry?.shape?.[axis] : undefined;
      const known = extents.get(name);
      if (!known || (declared && integer.plainVariable(known)?.startsWith("?")))
        extents.set(name, declared ?? unknownExtent(scope.symbols, name));
    });
  }
  const indices = [...extents].map(([name, extent]) => ({ name, extent }));
  const inner = {
    ...scope,
    indices: new Map(indices.map((i) => [i.name, { lower: integer.zero, upper: i.extent }])),
  };
  const subscripts = trees.map((tree) => {
    const value = toInt(tree, { ...inner, noTensors: "the left-hand side" });
    if (!isAffine(value, extents)) fail(scope, tree, say.leftAffine());
    return value;
  });
  return { indices, subscripts };
}

const isAffine = (value: Int, indices: ReadonlyMap<string, Int>): boolean =>
  [...indices.keys()].every((name) => {
    const parts = integer.affineIn(value, name);
    return parts && ![...indices.keys()].some((other) => integer.mentions(parts.coefficient, other));
  });

/** What a definition tells of its tensor: rank, shape, type; `rounds` where it rounds a real for a subscript. */
function finish(entry: TensorEntry, statement: Statement, scope: Scope, rounds = false): void {
  const { body } = statement;
  entry.rank = statement.subscripts.length;
  entry.shape ??= statement.subscripts.map((_, axis) => integer.variable(`?${entry.name}.${axis}`));
  if (body.kind === "reduction" && (body.name === "argmax" || body.name === "argmin")) {
    entry.type = "integer";
    entry.bound = positionBound(body, scope);
    entry.lowest = mayBeEmpty(body, scope) ? -1 : 0;
  } else if (scope.symbols.integers.has(entry.name) || rounds) {
    entry.type = "integer";
    entry.rounded = {};
  }
  markDefined(entry, scope.symbols, statement.at);
}

/** The tensor is there from now on, and its cotangent has its shape. */
export function markDefined(entry: TensorEntry, symbols: Symbols, at: Span | undefined): void {
  entry.state = "defined";
  entry.definedAt = at;
  const cotangent = symbols.tensors.get(cotangentName(entry.name));
  if (cotangent?.role !== "cotangent") return;
  cotangent.rank = entry.rank;
  cotangent.shape = entry.shape;
  if (entry.type === "integer") symbols.tensors.delete(cotangent.name);
}

type Position = Extract<Expression, { kind: "reduction" }>;

/** An upper bound (exclusive) of a flat row-major position: the product of the binders' greatest upper bounds. */
function positionBound({ binders }: Position, scope: Scope): Int | undefined {
  const ranges = new Map(scope.indices);
  let bound: Int | undefined = integer.one;
  for (const binder of binders) {
    let upper: Int | undefined = binder.upper;
    for (const [name, range] of [...ranges].reverse()) {
      const parts: ReturnType<typeof integer.affineIn> = upper && integer.affineIn(upper, name);
      const coefficient = parts && integer.literal(parts.coefficient);
      if (!parts || coefficient === undefined) upper = undefined;
      else if (coefficient !== 0) {
        const end = coefficient > 0 ? integer.minus(range.upper, integer.one) : range.lower;
        upper = integer.plus(integer.scale(end, coefficient), parts.rest);
      }
    }
    ranges.set(binder.name, binder);
    bound = bound && upper && integer.times(bound, upper);
  }
  return bound;
}

/** Whether no point may take part: not where every subscript read is a plain index and no bound depends on an index. */
function mayBeEmpty(position: Position, scope: Scope): boolean {
  const bounds = new Set([...scope.indices.keys(), ...position.binders.map((b) => b.name)]);
  const simple = position.binders.every(
    (b) =>
      integer.literal(b.lower) === 0 &&
      [...integer.variablesOf(b.upper)].every((n) => n.startsWith("?") || !bounds.has(n)),
  );
  let plain = simple && position.guard.kind === "truth";
  const visit = (e: Expression): void => {
    if (e.kind === "read" && e.subscripts.some((s) => integer.plainVariable(s) === undefined)) plain = false;
    if (e.kind !== "read" && e.kind !== "constant" && e.kind !== "add" && e.kind !== "multiply")
      plain = false;
    if (e.kind === "add") e.terms.forEach(visit);
    if (e.kind === "multiply") e.factors.forEach(visit);
  };
  visit(position.body);
  return !plain || [...position.binders].some((b) => integer.literal(b.upper) === 0);
}

/** An argmax or a rounded real in a subscript becomes a local tensor over the enclosing indices that it depends on. */
function hoistInteger(tree: ReductionTree | CallTree, scope: Scope): Int {
  const { symbols, state } = scope;
  const body = toExpression(tree, scope);
  if (tree.kind === "reduction" && body.kind !== "reduction") return integer.zero;
  const names = freeNamesIn(body);
  const axes = [...scope.indices].flatMap(([name, range]) => {
    if (!names.has(name)) return [];
    const varies = (value: Int): boolean => integer.someVariable(value, (v) => scope.indices.has(v));
    const dependent = varies(range.lower) || varies(range.upper);
    if (dependent && tree.kind === "reduction") fail(scope, tree, say.argmaxOverTriangle(tree.name, name));
    // an index that may be negative is moved onto an axis from 0
    const starts = integer.literal(range.lower) ?? -1;
    const least = starts >= 0 || varies(range.lower) ? integer.zero : range.lower;
    const extent = dependent ? unknownExtent(symbols, name) : integer.minus(range.upper, least);
    return [{ name, least, extent }];
  });
  const shifted = new Map(
    axes
      .filter((a) => a.least.monomials.length > 0)
      .map((a) => [a.name, integer.plus(integer.variable(a.name), a.least)]),
  );
  const moved = substitute(body, shifted, asWritten);
  const positions = new Map(axes.map((a, i) => [a.name, integer.variable(`@${i}`)]));
  const key = [
    keyOfExpression(substitute(moved, positions)),
    ...axes.map((a) => integer.keyOf(a.extent)),
  ].join();
  const known = tree.kind === "call" ? symbols.rounded.get(key) : undefined;
  const taken = [symbols.tensors, symbols.values, symbols.cotangents].flatMap((all) => [...all.keys()]);
  const name = known ?? take(new Set(taken), (i) => `${tree.name}${i + 1}`);
  const places = axes.map((a) => integer.minus(integer.variable(a.name), a.least));
  if (known !== undefined) return integer.element(name, places);
  const entry = newEntry(name, axes.length, tree);
  symbols.tensors.set(name, entry);
  const statement: Statement = {
    tensor: name,
    indices: axes.map((a) => ({ name: a.name, extent: a.extent })),
    subscripts: axes.map((a) => integer.variable(a.name)),
    body: moved,
    at: { start: tree.start, end: tree.end },
  };
  finish(entry, statement, scope, tree.kind === "call");
  state.hoisted.push(statement);
  if (tree.kind === "call") symbols.rounded.set(key, name);
  return integer.element(name, places);
}

/** What is rounded for a claim is no tensor of the layer's. */
function forgetRounded({ state, symbols }: Scope): void {
  const hoisted = new Set(state.hoisted.map((s) => s.tensor));
  for (const [key, name] of symbols.rounded) if (hoisted.has(name)) symbols.rounded.delete(key);
}
