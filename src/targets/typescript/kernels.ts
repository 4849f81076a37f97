/** Kernels as functions of the module: they take arrays and numbers, and close over nothing. */
import { StructureKind, type FunctionDeclarationStructure } from "ts-morph";
import type { Buffer, Code, Kernel, Routine } from "../../kernels/program.js";
import { blockText } from "./code.js";
import { helperNames, type HelperName } from "./helpers.js";
import type { Context } from "./integers.js";
import { makeScope } from "./names.js";

/** An array or number that a kernel takes, by its name in the layer. */
export interface Argument {
  readonly kind: "tensor" | "value";
  readonly name: string;
  readonly identifier: string;
}
export interface SpelledKernel {
  readonly kernel: Kernel;
  readonly arguments: readonly Argument[];
  readonly body: string;
  readonly helpers: ReadonlySet<HelperName>;
}

/** The kernel's body, and the arguments that it turns out to use. `functions` are the module's other names. */
export function spellKernel(kernel: Kernel, functions: readonly string[]): SpelledKernel {
  const scope = makeScope([...helperNames, ...functions]);
  const helpers = new Set<HelperName>();
  const context: Context = { scope, need: (name) => (helpers.add(name), name) };
  // Identifiers go to the arguments first, so that these keep their names; the others give way.
  const outside = [...kernel.integers, ...kernel.reals];
  [...kernel.reads, ...kernel.writes].forEach((name) => scope.reserveTensor(name));
  outside.forEach((name) => scope.reserveValue(name));
  declaredIn(kernel.body).forEach((name) => scope.declare(name));
  const body = blockText(kernel.body, context);
  const unread = new Set(localsIn(kernel.body).filter((name) => !scope.read.has(name)));
  if (unread.size > 0) return spellKernel({ ...kernel, body: without(kernel.body, unread) }, functions);
  const tensors = inOrder([...kernel.reads, ...kernel.writes], scope.tensors);
  const values = inOrder(
    outside,
    [...scope.read].filter((name) => !scope.declared.has(name)),
  );
  return {
    kernel,
    body,
    helpers,
    arguments: [
      ...tensors.map((name) => ({ kind: "tensor" as const, name, identifier: scope.tensor(name) })),
      ...values.map((name) => ({ kind: "value" as const, name, identifier: scope.value(name) })),
    ],
  };
}

/** The names used: those listed in the order of the list, then the others. */
export function inOrder(listed: readonly string[], used: Iterable<string>): readonly string[] {
  const all = new Set(used);
  return [...new Set([...listed.filter((name) => all.has(name)), ...all])];
}

/** Names that the code declares, those of loops included. */
export const declaredIn = (block: readonly Code[]): readonly string[] =>
  block.flatMap((code) => {
    if (code.kind === "loop") return [code.index, ...declaredIn(code.body)];
    if (code.kind === "if") return [...declaredIn(code.then), ...declaredIn(code.otherwise)];
    return isLocal(code) ? [code.name] : [];
  });
export const localsIn = (block: readonly Code[]): readonly string[] =>
  block.flatMap((code) => {
    if (code.kind === "loop") return localsIn(code.body);
    if (code.kind === "if") return [...localsIn(code.then), ...localsIn(code.otherwise)];
    return isLocal(code) ? [code.name] : [];
  });
const isLocal = (code: Code): code is Extract<Code, { readonly name: string }> =>
  code.kind === "integer" || code.kind === "counter" || code.kind === "real" || code.kind === "accumulator";

/** The code without these locals: unread ones do not compile under noUnusedLocals. */
export const without = (block: readonly Code[], names: ReadonlySet<string>): readonly Code[] =>
  block.flatMap((code): readonly Code[] => {
    if (code.kind === "loop") return [{ ...code, body: without(code.body, names) }];
    if (code.kind === "if") {
      const [then, otherwise] = [without(code.then, names), without(code.otherwise, names)];
      return [{ ...code, then, otherwise }];
    }
    return "name" in code && names.has(code.name) ? [] : [code];
  });

/** The type of an argument, with `real` for the array type of real tensors. */
export function argumentType(argument: Argument, buffers: ReadonlyMap<string, Buffer>, real: string): string {
  if (argument.kind === "value") return "number";
  const type = buffers.get(argument.name)?.type;
  return type === "integer" ? "Int32Array" : type === "panel" ? "Float64Array" : real;
}

/** A routine that kernels call, over panels. */
export function routineFunction(routine: Routine): FunctionDeclarationStructure {
  const { name, comment, buffers, integers, body } = routine;
  const kernel = { name, formula: comment, reads: buffers, writes: [], integers, reals: [], body };
  const spelled = spellKernel(kernel, []);
  const panels = new Map(
    buffers.map((b): [string, Buffer] => [b, { name: b, role: "workspace", type: "panel", shape: [] }]),
  );
  return kernelFunction(spelled, name, panels);
}

/** The function over Float32Array, its formula above it. */
export function kernelFunction(
  spelled: SpelledKernel,
  name: string,
  buffers: ReadonlyMap<string, Buffer>,
): FunctionDeclarationStructure {
  const { formula, pattern } = spelled.kernel;
  const comment = [formula, ...(pattern === undefined ? [] : [pattern])].join("\n\n");
  return {
    kind: StructureKind.Function,
    name,
    docs: [comment.replaceAll("*/", "* /")],
    parameters: spelled.arguments.map((a) => ({
      name: a.identifier,
      type: argumentType(a, buffers, "Float32Array"),
    })),
    returnType: "void",
    statements: spelled.body,
  };
}
