/** Kernels as functions of the module: they take arrays and numbers, and close over nothing. */
import type { Buffer, Kernel, Routine } from "../../kernels/program.js";
import { declaredIn, inOrder, withoutUnread } from "../code/locals.js";
import type { Lines } from "../code/lines.js";
import { linesFor } from "../code/statements.js";
import { helperNames, type HelperName } from "./helpers.js";
import type { FunctionCode } from "./layout.js";
import { makeScope } from "./names.js";
import { typeScriptIn } from "./words.js";

/** An array or number that a kernel takes, by its name in the layer. */
export interface Argument {
  readonly kind: "tensor" | "value";
  readonly name: string;
  readonly identifier: string;
}
export interface SpelledKernel {
  readonly kernel: Kernel;
  readonly arguments: readonly Argument[];
  readonly body: Lines;
  readonly helpers: ReadonlySet<HelperName>;
}

/** What a kernel finds in its module: functions, and panels by their names in the program. */
export interface Surroundings {
  readonly functions: readonly string[];
  readonly panels: readonly string[];
}

/** The kernel's body, and the arguments that it turns out to use. */
export function spellKernel(kernel: Kernel, around: Surroundings): SpelledKernel {
  const scope = makeScope([...helperNames, ...around.functions], around.panels);
  const helpers = new Set<HelperName>();
  // Identifiers go to the arguments first, so that these keep their names; the others give way.
  const outside = [...kernel.integers, ...kernel.reals];
  [...kernel.reads, ...kernel.writes].forEach((name) => scope.reserveTensor(name));
  outside.forEach((name) => scope.reserveValue(name));
  declaredIn(kernel.body).forEach((name) => scope.declare(name));
  const body = linesFor(kernel.body, typeScriptIn(scope, helpers));
  // unread locals do not compile under noUnusedLocals
  const rest = withoutUnread(kernel.body, scope);
  if (rest) return spellKernel({ ...kernel, body: rest }, around);
  const given = [...scope.tensors].filter((name) => !around.panels.includes(name));
  const tensors = inOrder([...kernel.reads, ...kernel.writes], given);
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

/** The type of an argument, with `real` for the array type of real tensors. */
export function argumentType(argument: Argument, buffers: ReadonlyMap<string, Buffer>, real: string): string {
  if (argument.kind === "value") return "number";
  const type = buffers.get(argument.name)?.type;
  return type === "integer" ? "Int32Array" : type === "double" ? "Float64Array" : real;
}

/** A routine that kernels call, over panels. */
export function routineCode(routine: Routine, around: Surroundings): FunctionCode {
  const { name, comment, integers, body } = routine;
  const kernel = { name, formula: comment, reads: [], writes: [], integers, reals: [], body };
  return kernelCode(spellKernel(kernel, around), name, new Map());
}

/** The function, its formula above it. */
export function kernelCode(
  spelled: SpelledKernel,
  name: string,
  buffers: ReadonlyMap<string, Buffer>,
  also: readonly string[] = [],
): FunctionCode {
  const { formula, pattern } = spelled.kernel;
  return {
    comment: [formula, ...(pattern === undefined ? [] : [pattern]), ...also].join("\n\n"),
    name,
    parameters: (real) => spelled.arguments.map((a) => `${a.identifier}: ${argumentType(a, buffers, real)}`),
    body: spelled.body,
  };
}
