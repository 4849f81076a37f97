/** Whole tensors: `y = x + relu(h)` is `y[n, c] = x[n, c] + relu(h[n, c])`, and a call in it a name for what it gives. */
import type { Int } from "../../notation/integer.js";
import { cotangentName } from "../../notation/layer.js";
import type { Span } from "../../notation/span.js";
import type { Name } from "../declarations.js";
import { say } from "../messages.js";
import type { Definition } from "../roles.js";
import { readableTensor, type TensorEntry } from "../scope.js";
import { addStatement, definedTensor, topScope } from "../statements.js";
import { eachName, type CallTree, type NameTree, type Tree } from "../tree.js";
import { callLayer, isCallOf } from "./call.js";
import { areEqual, indexNames, isClosed, madeName, printedShape, type Context } from "./context.js";
import { eachWhole, mapWholes } from "./whole-names.js";

/** A bracketless definition of a whole tensor. What cannot be defined is not reported again where it is read. */
export function addWhole(d: Definition, context: Context): void {
  const { tree, name, others = [] } = d;
  const { symbols, report } = context;
  const names = [name, ...others];
  const isCall = isCallOf(tree, symbols);
  if (!isCall && others.length > 0) report(tree, say.onlyACall());
  else if (isCall ? callLayer(tree, name.text, names, context) : definePointwise(name, tree, d, context))
    return;
  for (const { text } of names) symbols.announced.doubtful.add(text);
}

/** The output of a call that stands inside an expression, under a numbered name; undefined where a problem was reported. */
function callInside(call: CallTree, context: Context): string | undefined {
  // those inside it come first, and count first
  const inside = (tree: Tree): Tree => withoutCalls(tree, context) ?? unknown;
  const named = call.named.map((n) => ({ ...n, tree: inside(n.tree) }));
  const tree = { ...call, arguments: call.arguments.map(inside), named };
  if ([...tree.arguments, ...named.map((n) => n.tree)].includes(unknown)) return undefined;
  const number = (context.numbers.get(tree.name) ?? 0) + 1;
  context.numbers.set(tree.name, number);
  return callLayer(tree, `${tree.name}_${number}`, [], context);
}

const unknown: Tree = { kind: "name", name: "", start: 0, end: 0 };

/** A statement that defines a whole tensor element by element; false where a problem was reported. */
function definePointwise(name: Name, tree: Tree, at: Span, context: Context): boolean {
  const { symbols, report, into } = context;
  const written = withoutCalls(tree, context);
  const read = written && tensorsRead(written, context);
  if (!read) return false;
  context.settle();
  if (!read.every(isClosed)) return false;
  const [first, ...others] = read;
  const shape = first?.shape ?? [];
  const other = others.find((o) => !areEqual(shape, o.shape ?? [], context));
  if (first && other) {
    const [a, b] = [first, other].map((t) => printedShape(t.shape ?? [])) as [string[], string[]];
    report(tree, say.shapesDiffer(first.name, a, other.name, b));
    return false;
  }
  const names = new Set<string>();
  eachName(written, (n) => names.add(n));
  const subscripts = indexNames(shape, names, context).map((n): NameTree => ({
    kind: "name",
    name: n,
    ...spanOf(name),
  }));
  const subscripted = mapWholes(written, symbols.layers, (part) =>
    part.kind === "name" && read.some((t) => t.name === part.name)
      ? { kind: "access", name: part.name, head: part, arguments: subscripts, ...spanOf(part) }
      : part,
  );
  const left = shape.length > 0 ? subscripts : undefined;
  const definition = {
    kind: "definition",
    name,
    subscripts: left,
    tree: subscripted,
    ...spanOf(at),
  } as const;
  const entry = definedTensor(definition, symbols, report);
  if (!entry || !takesShape(entry, shape, name, context)) return false;
  addStatement(definition, symbols, report, into);
  return true;
}
const spanOf = ({ start, end }: Span): Span => ({ start, end });

/** Gives a tensor that is about to be defined its shape; false where it is declared with another, which is reported. */
export function takesShape(entry: TensorEntry, shape: readonly Int[], at: Span, context: Context): boolean {
  const declared = entry.shape;
  if (declared && !areEqual(declared, shape, context)) {
    context.report(at, say.resultShape(entry.name, printedShape(declared), printedShape(shape)));
    return false;
  }
  if (shape.length === 0 && context.symbols.values.has(entry.name)) {
    context.report(at, say.declaredTwice(entry.name));
    return false;
  }
  if (!declared) [entry.rank, entry.shape] = [shape.length, shape];
  return true;
}

/** The tree with the outputs of calls in their place; undefined where a problem was reported. */
function withoutCalls(tree: Tree, context: Context): Tree | undefined {
  let isGood = true;
  const written = mapWholes(tree, context.symbols.layers, (part) => {
    if (part.kind === "name") return part;
    const name = callInside(part, context);
    isGood &&= name !== undefined;
    return { kind: "name", name: name ?? "", ...spanOf(part) };
  });
  return isGood ? written : undefined;
}

const words = new Set(["pi", "e", "inf", "true", "false"]);
/** The tensors that stand bare in it, scalars left out; undefined where a problem was reported. */
function tensorsRead(tree: Tree, context: Context): readonly TensorEntry[] | undefined {
  const { symbols, report } = context;
  const scope = topScope(symbols, report);
  const found = new Set<TensorEntry>();
  let isGood = true;
  eachWhole(tree, symbols.layers, (part) => {
    const { name } = part;
    const value = symbols.values.has(name);
    const known = symbols.tensors.get(name);
    if (value && known && known.rank !== 0) {
      report(part, say.ambiguousHere(name));
      isGood = false;
    }
    if (value || (words.has(name) && !known)) return;
    const entry = readableTensor(name, part, scope);
    isGood &&= entry !== undefined;
    if (entry && entry.rank !== 0) found.add(entry);
  });
  return isGood ? [...found] : undefined;
}

/**
 * The tensor that is given to a layer as `parameter`: one that has a name, or a formula under the name `prefix_parameter`.
 * Undefined where a problem was reported.
 */
export function argumentTensor(
  tree: Tree,
  {
    prefix,
    parameter,
    stopped,
  }: { readonly prefix: string; readonly parameter: string; readonly stopped: boolean },
  context: Context,
): TensorEntry | undefined {
  const { symbols, report } = context;
  const named = nameOfArgument(tree, context);
  if (named === undefined) return undefined;
  let entry = symbols.tensors.get(named);
  if (named === "" || (stopped && entry?.type === "real" && entry.role !== "data")) {
    const name = madeName(`${prefix}_${parameter}`, context);
    symbols.cotangents.set(cotangentName(name), name);
    const formula = stopped ? stopOf(tree, named) : tree;
    if (!definePointwise({ text: name, ...spanOf(tree) }, formula, tree, context)) return undefined;
    entry = symbols.tensors.get(name);
  }
  if (!entry) return undefined;
  if (entry.state === "helper" || entry.state === "claimed" || entry.role === "cotangent") {
    report(tree, say.gradientArgument(entry.name));
    return undefined;
  }
  return entry;
}

/** A tensor's name, `""` for a formula that has none yet, undefined where a problem was reported. */
function nameOfArgument(tree: Tree, context: Context): string | undefined {
  const { symbols, report } = context;
  if (isCallOf(tree, symbols)) return callInside(tree, context);
  if (tree.kind === "access") {
    report(tree, say.subscriptedArgument(tree.name));
    return undefined;
  }
  if (tree.kind !== "name" || words.has(tree.name)) return "";
  const value = symbols.values.has(tree.name);
  const known = symbols.tensors.get(tree.name);
  if (value && known) {
    report(tree, say.ambiguousHere(tree.name));
    return undefined;
  }
  if (value) return "";
  return readableTensor(tree.name, tree, topScope(symbols, report))?.name;
}

const stopOf = (tree: Tree, named: string): Tree => {
  const inside: Tree = named === "" ? tree : { kind: "name", name: named, ...spanOf(tree) };
  return { kind: "call", name: "stop", head: spanOf(tree), arguments: [inside], named: [], ...spanOf(tree) };
};
