/** A called layer's statements in the caller's names: sizes and params put in, tensors and indices renamed, mapped over the axes in front. */
import { withoutHiding, withoutHidingIn } from "../../notation/binders.js";
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { keyOfExpression } from "../../notation/key.js";
import { cotangentName, type Index, type Statement, type Tensor } from "../../notation/layer.js";
import type { Span } from "../../notation/span.js";
import { mapChildren, mapConditionChildren, tensorsIn, type Mapper } from "../../notation/traverse.js";
import { say } from "../messages.js";
import { printCondition } from "../print.js";
import type { TensorEntry } from "../scope.js";
import { markDefined, newEntry } from "../statements.js";
import type { CallTree } from "../tree.js";
import { asWritten } from "../written.js";
import type { Values } from "./call.js";
import {
  freshIndices,
  indexNames,
  isEqual,
  madeName,
  requireOnce,
  scalarsOf,
  type Context,
} from "./context.js";
import type { Called } from "./library.js";
import { takesShape } from "./whole.js";

/** A call with everything found that it rests on. */
export interface Instance {
  readonly call: CallTree;
  readonly called: Called;
  readonly prefix: string;
  /** The extents of the axes over which it is mapped. */
  readonly front: readonly Int[];
  readonly values: Values;
  /** The caller's tensors by the called layer's names. */
  readonly given: ReadonlyMap<string, string>;
  /** Those of the called layer's tensors that have the axes in front. */
  readonly mapped: ReadonlySet<string>;
  /** What takes the outputs, by their names. */
  readonly targets: ReadonlyMap<string, TensorEntry>;
}

/** Calls of calls may come to any number of statements; a network has some hundred. */
const mostStatements = 1000;

/** Adds what the call means to the caller. @returns the name of its first output; undefined where a problem was reported */
export function splice(instance: Instance, context: Context): string | undefined {
  const { call, called, prefix, targets } = instance;
  const { layer, source } = called;
  const { symbols, into } = context;
  if (into.statements.length + layer.statements.length > mostStatements) {
    context.report(call, say.callsTooLarge(layer.name, mostStatements));
    return undefined;
  }
  const placed = (at: Span | undefined): Span => ({
    start: call.start,
    end: call.end,
    ...(at && { origin: { source, span: at } }),
  });
  const mapped = mappedTensors(instance);
  const integers = new Map(instance.values.integers);
  const reals = new Map(instance.values.reals);
  const names = new Map(instance.given);
  const writer = new Writer({ integers, reals }, names, mapped, placed);

  for (const { name, value, at } of layer.derived) {
    const own = writer.int(value);
    const plain = symbols.values.get(integer.plainVariable(own) ?? "")?.kind;
    const known = context.derived.find((d) => isEqual(d.value, own, context));
    const isSize = plain === "size" || plain === "derived" || (integer.literal(own) ?? 0) >= 1;
    integers.set(name, isSize ? own : integer.variable(known?.name ?? addSize(name, own, at)));
  }
  function addSize(name: string, value: Int, at: Span | undefined): string {
    const made = madeName(`${prefix}_${name}`, context);
    symbols.values.set(made, { kind: "derived", at: placed(at) });
    context.derived.push({ name: made, value, at: placed(at) });
    return made;
  }
  for (const { name, value, at } of layer.constants) {
    const own = writer.apart(value, context);
    const known = context.constants.find((c) => keyOfExpression(c.value) === keyOfExpression(own));
    const made = known?.name ?? madeName(`${prefix}_${name}`, context);
    reals.set(name, { kind: "parameter", name: made });
    if (known) continue;
    symbols.values.set(made, { kind: "constant", at: placed(at) });
    context.constants.push({ name: made, value: own, at: placed(at) });
  }
  for (const { condition, message, at } of layer.requirements) {
    const own = writer.conditionApart(condition, context);
    // a condition without a message of its own is told in the caller's names
    const isWritten = at?.origin !== undefined || source.text.slice(at?.start, at?.end).includes('"');
    const told = `${layer.name}: ${isWritten ? message : `${printCondition(own)} does not hold`}`;
    if (own.kind === "truth" && own.value) continue;
    if (own.kind === "truth") {
      context.report(placed(at), say.neverHolds(told));
      return undefined;
    }
    requireOnce({ condition: own, message: told, at: placed(at) }, context);
  }

  const front = indexNames(instance.front, bindersOf(layer.statements), context);
  writer.front = front.map((name) => integer.variable(name));
  const frontIndices = front.map((name, i): Index => ({ name, extent: instance.front[i]! }));
  const entries = new Map<string, TensorEntry>();
  const defined = new Set(layer.statements.map((s) => s.tensor));
  for (const tensor of layer.tensors) {
    if (!defined.has(tensor.name)) continue;
    const entry = targets.get(tensor.name) ?? makeEntry(`${prefix}_${tensor.name}`, call, context);
    const shape = [
      ...(mapped.has(tensor.name) ? instance.front : []),
      ...tensor.shape.map((e) => writer.int(e)),
    ];
    if (!takesShape(entry, shape, call, context)) return undefined;
    entries.set(tensor.name, entry);
    names.set(tensor.name, entry.name);
  }
  for (const statement of layer.statements) {
    const entry = entries.get(statement.tensor);
    if (!entry) continue;
    const made = writer.statement(statement, frontIndices, context);
    takeType(
      entry,
      layer.tensors.find((t) => t.name === statement.tensor),
      writer,
    );
    markDefined(entry, symbols, made.at);
    context.into.statements.push(made);
  }
  return entries.get(layer.tensors.find((t) => t.role === "output")?.name ?? "")?.name;
}

function makeEntry(base: string, call: CallTree, context: Context): TensorEntry {
  const name = madeName(base, context);
  const entry: TensorEntry = { ...newEntry(name, 0, { start: call.start, end: call.end }), rank: undefined };
  context.symbols.tensors.set(name, entry);
  context.symbols.cotangents.set(cotangentName(name), name);
  return entry;
}

function takeType(entry: TensorEntry, tensor: Tensor | undefined, writer: Writer): void {
  if (tensor?.type !== "integer") return;
  entry.type = "integer";
  entry.bound = tensor.bound && writer.int(tensor.bound);
  entry.lowest = tensor.lowest;
  entry.rounded = tensor.rounded && { least: tensor.rounded.least && writer.int(tensor.rounded.least) };
}

/** What the axes in front are in front of: what is given with them, what is computed from that, and every output. */
function mappedTensors({ called, mapped, front }: Instance): ReadonlySet<string> {
  const found = new Set(mapped);
  if (front.length === 0) return found;
  for (const t of called.layer.tensors) if (t.role === "output") found.add(t.name);
  for (const { tensor, body } of called.layer.statements)
    if ([...tensorsIn(body)].some((t) => found.has(t))) found.add(tensor);
  return found;
}

const bindersOf = (statements: readonly Statement[]): readonly string[] => {
  const found = new Set<string>();
  const visit: Mapper = {
    expression: (e) => (add(e), mapChildren(e, visit)),
    condition: (c) => (add(c), mapConditionChildren(c, visit)),
  };
  const add = (part: Expression | Condition): void => {
    if ("binders" in part) for (const b of part.binders) found.add(b.name);
  };
  for (const { indices, body } of statements) {
    for (const { name } of indices) found.add(name);
    visit.expression?.(body);
  }
  return [...found];
};

/** Formulas of the called layer in the caller's names. */
class Writer {
  /** The indices of the axes in front. */
  front: readonly Int[] = [];

  private readonly integers: ReadonlyMap<string, Int>;
  private readonly reals: ReadonlyMap<string, Expression>;
  private readonly names: ReadonlyMap<string, string>;
  private readonly mapped: ReadonlySet<string>;
  private readonly placed: (at: Span | undefined) => Span;

  constructor(
    { integers, reals }: Values,
    names: ReadonlyMap<string, string>,
    mapped: ReadonlySet<string>,
    placed: (at: Span | undefined) => Span,
  ) {
    this.integers = integers;
    this.reals = reals;
    this.names = names;
    this.mapped = mapped;
    this.placed = placed;
  }

  readonly int = (value: Int): Int =>
    integer.mapAtoms(value, (atom) =>
      atom.kind === "variable"
        ? this.integers.get(atom.name)
        : atom.kind === "element"
          ? integer.element(this.nameOf(atom.tensor), this.subscripts(atom.tensor, atom.subscripts))
          : undefined,
    );
  private nameOf(tensor: string): string {
    return this.names.get(tensor) ?? tensor;
  }
  private subscripts(tensor: string, own: readonly Int[]): readonly Int[] {
    return this.mapped.has(tensor) ? [...this.front, ...own] : own;
  }

  /** Names that a bound index must not have: values of the caller, and indices that come in. */
  private outer({ symbols }: Context): Set<string> {
    const incoming = [...this.front, ...this.integers.values()].flatMap((v) => [...integer.variablesOf(v)]);
    return new Set([...symbols.values.keys(), ...scalarsOf(symbols), ...incoming]);
  }
  apart(e: Expression, context: Context): Expression {
    return this.expression(withoutHiding(e, this.outer(context), asWritten));
  }
  conditionApart(c: Condition, context: Context): Condition {
    return this.condition(withoutHidingIn(c, this.outer(context), asWritten));
  }

  statement(s: Statement, front: readonly Index[], context: Context): Statement {
    const own = this.mapped.has(s.tensor) ? front : [];
    const taken = this.outer(context);
    const fresh = freshIndices([...taken, ...s.indices.map((i) => i.name)], context);
    const renamed = new Map<string, Int>();
    const indices = s.indices.map(({ name, extent }): Index => {
      const free = taken.has(name) ? fresh.index(name) : name;
      if (free !== name) renamed.set(name, integer.variable(free));
      return { name: free, extent: this.int(extent) };
    });
    const scope = new Set([...taken, ...indices.map((i) => i.name)]);
    const rename = (value: Int): Int => integer.substituteInt(value, renamed);
    const body = renameFree(withoutHiding(s.body, scope, asWritten), rename);
    return {
      tensor: this.nameOf(s.tensor),
      indices: [...own, ...indices],
      subscripts: this.subscripts(
        s.tensor,
        s.subscripts.map((sub) => this.int(rename(sub))),
      ),
      body: this.expression(body),
      at: this.placed(s.at),
    };
  }

  private readonly expression = (e: Expression): Expression => {
    const inner = mapChildren(e, this.parts);
    switch (inner.kind) {
      case "parameter":
        return this.reals.get(inner.name) ?? inner;
      case "read":
        return this.read(inner);
      case "pad":
        return { ...inner, read: this.read(inner.read) };
      case "call":
        return { ...inner, at: this.placed(inner.at) };
      case "reduction":
        return {
          ...inner,
          binders: inner.binders.map((b) => ({ ...b, at: this.placed(b.at) })),
          at: this.placed(inner.at),
        };
      case "add":
      case "constant":
      case "integer":
      case "multiply":
      case "named":
      case "raise":
      case "select":
      case "stop":
        return inner;
    }
  };
  private read<R extends Extract<Expression, { kind: "read" }>>(read: R): R {
    return {
      ...read,
      tensor: this.nameOf(read.tensor),
      subscripts: this.subscripts(read.tensor, read.subscripts),
      at: this.placed(read.at),
    };
  }
  private readonly condition = (c: Condition): Condition => {
    const inner = mapConditionChildren(c, this.parts);
    return inner.kind === "any" || inner.kind === "all" ? { ...inner, at: this.placed(inner.at) } : inner;
  };
  private readonly parts: Mapper = {
    expression: (e) => this.expression(e),
    condition: (c) => this.condition(c),
    int: this.int,
    construct: asWritten,
  };
}

/** The names are bound by nothing inside. */
function renameFree(e: Expression, rename: (value: Int) => Int): Expression {
  const parts: Mapper = {
    expression: (part) => renameFree(part, rename),
    condition: (c) => mapConditionChildren(c, parts),
    int: rename,
    construct: asWritten,
  };
  return mapChildren(e, parts);
}
