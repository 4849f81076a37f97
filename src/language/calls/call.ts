/** A call of a layer on whole tensors: its arguments, its sizes, and its statements among the caller's. */
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { isGiven, type Tensor } from "../../notation/layer.js";
import type { Name } from "../declarations.js";
import { toExpression } from "../expressions.js";
import { toInt } from "../integers.js";
import { say } from "../messages.js";
import { printInt } from "../print-integers.js";
import type { Symbols, TensorEntry } from "../scope.js";
import { definedTensor, topScope } from "../statements.js";
import type { CallTree, Tree } from "../tree.js";
import { bindArguments } from "./arguments.js";
import { areEqual, isClosed, isEqual, printedShape, requireOnce, type Context } from "./context.js";
import { splice } from "./instance.js";
import type { Called } from "./library.js";
import { solveSizes } from "./sizes.js";
import { argumentTensor } from "./whole.js";

export const isCallOf = (tree: Tree, { layers }: Symbols): tree is CallTree =>
  tree.kind === "call" && layers.has(tree.name);

/** What a call gives for one tensor of the called layer. */
interface Given {
  readonly tensor: Tensor;
  readonly entry: TensorEntry;
  readonly tree: Tree;
}
/** A called layer's sizes and params in the caller's names. */
export interface Values {
  readonly integers: ReadonlyMap<string, Int>;
  readonly reals: ReadonlyMap<string, Expression>;
}

/**
 * The statements that a call means.
 * @param prefix of the names that it makes
 * @param targets what takes its outputs; where there are none, the first output gets a name that is made
 * @returns the name of the first output; undefined where a problem was reported
 */
export function callLayer(
  call: CallTree,
  prefix: string,
  targets: readonly Name[],
  context: Context,
): string | undefined {
  const called = context.symbols.layers.get(call.name);
  if (!called) return undefined;
  const outputs = called.layer.tensors.filter((t) => t.role === "output");
  const places = targetsOf(call, called, outputs, targets, context);
  const bound = bindArguments(call, called, context);
  const given = bound && givenTensors(called, bound.tensors, prefix, context);
  const values = bound && paramValues(called, bound.values, context);
  if (!places || !given || !values) return undefined;
  context.settle();
  if (!given.every(({ entry }) => isClosed(entry))) return undefined;
  const front = frontOf(call, called, given, context);
  const sizes = front && sizesOf(call, called, given, values, bound.values, context);
  if (!sizes) return undefined;
  const integers = new Map([...values.integers, ...sizes]);
  return splice(
    {
      call,
      called,
      prefix,
      front,
      values: { integers, reals: values.reals },
      given: new Map(given.map(({ tensor, entry }) => [tensor.name, entry.name])),
      mapped: new Set(given.flatMap((g) => (frontAxes(g).length > 0 ? [g.tensor.name] : []))),
      targets: places,
    },
    context,
  );
}

/** The entries that take the outputs, by the outputs' names. */
function targetsOf(
  call: CallTree,
  { layer }: Called,
  outputs: readonly Tensor[],
  targets: readonly Name[],
  { symbols, report }: Context,
): ReadonlyMap<string, TensorEntry> | undefined {
  const places = new Map<string, TensorEntry>();
  if (targets.length > outputs.length) {
    const names = outputs.map((o) => o.name);
    report(call, say.tooManyOutputs(layer.name, names, targets.length));
    return undefined;
  }
  for (const [i, name] of targets.entries()) {
    const output = outputs[i];
    if (!output) continue;
    const twice = targets.findIndex((t) => t.text === name.text) < i;
    if (twice) report(name, say.outputTwice(name.text));
    const left = {
      kind: "definition",
      name,
      subscripts: [],
      tree: call,
      start: name.start,
      end: name.end,
    } as const;
    const entry = twice ? undefined : definedTensor(left, symbols, report);
    if (!entry) return undefined;
    if (!entry.shape) entry.rank = undefined; // the call tells
    places.set(output.name, entry);
  }
  return places;
}

function givenTensors(
  { layer }: Called,
  trees: ReadonlyMap<string, Tree>,
  prefix: string,
  context: Context,
): readonly Given[] | undefined {
  let isGood = true;
  const given = layer.tensors.filter(isGiven).flatMap((tensor): Given[] => {
    const tree = trees.get(tensor.name);
    const entry =
      tree &&
      argumentTensor(tree, { prefix, parameter: tensor.name, stopped: tensor.role === "data" }, context);
    isGood &&= entry !== undefined;
    if (!tree || !entry) return [];
    if (tensor.type === "integer" && entry.type !== "integer") {
      context.report(tree, say.realAsIndex(layer.name, tensor.name, entry.name));
      isGood = false;
    }
    return [{ tensor, entry, tree }];
  });
  return isGood ? given : undefined;
}

/** The params: those that are given in the caller's names, the others as they are by default. */
function paramValues(
  { layer }: Called,
  trees: ReadonlyMap<string, Tree>,
  context: Context,
): Values | undefined {
  const { symbols, report } = context;
  const integers = new Map<string, Int>();
  const reals = new Map<string, Expression>();
  let isGood = true;
  const told: typeof report = (...problem) => {
    isGood = false;
    report(...problem);
  };
  for (const { name, type, value, positive } of layer.params) {
    const tree = trees.get(name);
    const scope = { ...topScope(symbols, told), noTensors: `the argument ${name}` };
    if (type === "real") reals.set(name, tree ? toExpression(tree, scope) : numberOf(value));
    else {
      const number = tree ? toInt(tree, scope) : integer.constant(value);
      integers.set(name, number);
      if (positive && tree)
        atLeastOne(number, { name, layer: layer.name, tree }, { ...context, report: told });
    }
  }
  return isGood ? { integers, reals } : undefined;
}
/** A number of the text as it was written: 0.1 is 1/10. */
function numberOf(value: number): Expression {
  if (!Number.isFinite(value)) return build.rational(value);
  const { numerator, denominator } = build.decimal(String(Math.abs(value)));
  return build.rational(value < 0 ? -numerator : numerator, denominator);
}

/** Requires of a value what the called layer's plans would: an error for a number, a `require` line for what is open. */
function atLeastOne(
  value: Int,
  { name, layer, tree }: { readonly name: string; readonly layer: string; readonly tree: Tree },
  context: Context,
): void {
  const { symbols, report } = context;
  const number = integer.literal(value);
  const { code: _, ...told } = say.notAtLeastOne(layer, name, printInt(value));
  if (number !== undefined) {
    if (number < 1) report(tree, say.notAtLeastOne(layer, name, printInt(value)));
    return;
  }
  const plain = symbols.values.get(integer.plainVariable(value) ?? "");
  if (plain?.kind === "size" || plain?.kind === "derived") return;
  const condition = build.below(integer.zero, value);
  requireOnce({ condition, message: told.message, at: { start: tree.start, end: tree.end } }, context);
}

/** The axes in front of those that are declared. */
const frontAxes = ({ tensor, entry }: Given): readonly Int[] =>
  (entry.shape ?? []).slice(0, Math.max(0, (entry.shape ?? []).length - tensor.shape.length));

/** The axes over which the call is mapped; undefined where a problem was reported. */
function frontOf(
  call: CallTree,
  { layer }: Called,
  given: readonly Given[],
  context: Context,
): readonly Int[] | undefined {
  const few = given.find(({ tensor, entry }) => (entry.shape ?? []).length < tensor.shape.length);
  if (few) {
    const { tensor, entry, tree } = few;
    const [declared, shape] = [tensor.shape, entry.shape ?? []].map(printedShape) as [string[], string[]];
    context.report(tree, say.fewerAxes(layer.name, tensor.name, declared, entry.name, shape));
    return undefined;
  }
  const [first, ...others] = given.filter((g) => frontAxes(g).length > 0);
  if (!first) return [];
  const front = frontAxes(first);
  const other = others.find((o) => !areEqual(front, frontAxes(o), context));
  if (!other) return front;
  const [a, b] = [front, frontAxes(other)].map(printedShape) as [string[], string[]];
  context.report(call, say.frontsDiffer(layer.name, first.entry.name, a, other.entry.name, b));
  return undefined;
}

/** What the called layer's sizes are here, its derived sizes written out; undefined where a problem was reported. */
function sizesOf(
  call: CallTree,
  { layer }: Called,
  given: readonly Given[],
  params: Values,
  trees: ReadonlyMap<string, Tree>,
  context: Context,
): ReadonlyMap<string, Int> | undefined {
  const { symbols, report, expanded } = context;
  let isGood = true;
  const complain: typeof report = (...problem) => {
    isGood = false;
    report(...problem);
  };
  // the caller's names may be the same: those of the layer are marked until they are found
  const marked = (name: string): string => `@${name}`;
  const names = new Map<string, Int>([
    ...layer.sizes.map((s) => [s, integer.variable(marked(s))] as const),
    ...params.integers,
  ]);
  for (const { name, value } of layer.derived) names.set(name, integer.substituteInt(value, names));
  const inside = (value: Int): Int => integer.substituteInt(value, names);
  const pairs = given.flatMap(({ tensor, entry }) => {
    const shape = (entry.shape ?? []).slice((entry.shape ?? []).length - tensor.shape.length);
    const axes = tensor.shape.map((declared, axis) => ({ declared: inside(declared), given: shape[axis]! }));
    return tensor.bound && entry.bound
      ? [...axes, { declared: inside(tensor.bound), given: entry.bound }]
      : axes;
  });
  const known = new Map<string, Int>();
  for (const name of layer.sizes) {
    const tree = trees.get(name);
    if (!tree) continue;
    const value = toInt(tree, { ...topScope(symbols, complain), noTensors: `the argument ${name}` });
    known.set(marked(name), value);
    if (isGood) atLeastOne(value, { name, layer: layer.name, tree }, { ...context, report: complain });
  }
  if (!isGood) return undefined;
  const sizes = solveSizes(pairs, known, layer.sizes.map(marked), expanded);
  const unsolved = layer.sizes.filter((s) => !sizes.has(marked(s)));
  if (unsolved.length > 0) {
    report(call, say.sizeUnsolved(layer.name, unsolved));
    return undefined;
  }
  const here = (value: Int): Int => integer.substituteInt(inside(value), sizes);
  for (const { tensor, entry, tree } of given) {
    const shape = (entry.shape ?? []).slice((entry.shape ?? []).length - tensor.shape.length);
    const meant = tensor.shape.map(here);
    if (!areEqual(meant, shape, context))
      complain(
        tree,
        say.argumentShape(layer.name, tensor.name, printedShape(meant), entry.name, printedShape(shape)),
      );
    const [bound, own] = [tensor.bound && here(tensor.bound), entry.bound];
    if (bound && own && !isEqual(bound, own, context)) {
      const message = `the values of ${entry.name}, below ${printInt(own)}, are not all below ${printInt(bound)}, as ${layer.name} asks of ${tensor.name}`;
      const at = { start: tree.start, end: tree.end };
      requireOnce({ condition: build.atMost(own, bound), message, at }, context);
    }
  }
  for (const name of layer.sizes) {
    const value = sizes.get(marked(name))!;
    const isExtent = pairs.some((p) => isEqual(p.given, value, context));
    if (isGood && !isExtent && !trees.has(name))
      atLeastOne(value, { name, layer: layer.name, tree: call }, { ...context, report: complain });
  }
  if (!isGood) return undefined;
  return new Map(layer.sizes.map((s) => [s, sizes.get(marked(s))!]));
}
