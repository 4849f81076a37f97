/** Which tree is given for which tensor, param and size of a called layer. */
import { isGiven } from "../../notation/layer.js";
import { say } from "../messages.js";
import { nearest } from "../names.js";
import type { CallTree, Tree } from "../tree.js";
import type { Context } from "./context.js";
import type { Called } from "./library.js";

export interface Arguments {
  /** By the called layer's names, in the order of its declarations. */
  readonly tensors: ReadonlyMap<string, Tree>;
  readonly values: ReadonlyMap<string, Tree>;
}

/** Undefined where a problem was reported. */
export function bindArguments(call: CallTree, { layer }: Called, { report }: Context): Arguments | undefined {
  const given = layer.tensors.filter(isGiven).map((t) => t.name);
  const taken = new Set([...layer.sizes, ...layer.params.map((p) => p.name)]);
  const [tensors, values] = [new Map<string, Tree>(), new Map<string, Tree>()];
  let isGood = true;
  const complain = (...problem: Parameters<typeof report>): void => {
    isGood = false;
    report(...problem);
  };
  const late = call.arguments.find((a) => call.named.some((n) => n.start < a.start));
  if (late) complain(late, say.positionalAfterNamed());
  if (call.arguments.length > given.length)
    complain(call, say.tooManyArguments(layer.name, given, call.arguments.length));
  for (const [i, tree] of call.arguments.entries()) tensors.set(given[i] ?? "", tree);
  for (const { name, head, tree } of call.named) {
    const [isTensor, isValue] = [given.includes(name), taken.has(name)];
    if (isTensor && isValue) complain(head, say.ambiguousThere(layer.name, name));
    else if (layer.derived.some((d) => d.name === name))
      complain(head, say.derivedArgument(layer.name, name));
    else if (!isTensor && !isValue)
      complain(head, say.unknownArgument(layer.name, name, nearest(name, [...given, ...taken])));
    else if (tensors.has(name) || values.has(name)) complain(head, say.argumentTwice(layer.name, name));
    (isTensor ? tensors : values).set(name, tree);
  }
  const missing = given.filter((name) => !tensors.has(name));
  if (missing.length > 0 && isGood) complain(call, say.missingArguments(layer.name, missing));
  const ordered = given.flatMap((name): [string, Tree][] => {
    const tree = tensors.get(name);
    return tree ? [[name, tree]] : [];
  });
  return isGood ? { tensors: new Map(ordered), values } : undefined;
}
