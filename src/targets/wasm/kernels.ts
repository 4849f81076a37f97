/** Kernels and routines as functions of the module: they take addresses of arrays, then numbers. */
import { sharedLoops } from "../../kernels/parallel.js";
import { standIns, type Stand } from "../../kernels/shared.js";
import type { Buffer, Kernel, Program, Routine } from "../../kernels/program.js";
import { inOrder } from "../code/locals.js";
import { isNatural } from "../code/signs.js";
import { buffersByName } from "../typescript/tensors.js";
import { addressOf, arraysOf, Context, type Arrays, type Kind } from "./context.js";
import {
  get,
  operation,
  set,
  type Instruction,
  type Local,
  type WasmFunction,
} from "./encode/instructions.js";
import { spellBlock, threadNames, type Signatures } from "./statements.js";
import { spellTile } from "./tile.js";

/** What a kernel takes, in its order: arrays by the names of their owners, numbers. */
export interface Taken {
  readonly arrays: readonly string[];
  readonly numbers: readonly string[];
}
export interface SpelledKernel extends Taken {
  readonly kernel: Kernel;
  readonly function: WasmFunction;
  /** Where threads share it: which of its arrays each of them has for itself. */
  readonly own?: readonly number[];
}
export interface SpelledProgram {
  readonly kernels: readonly SpelledKernel[];
  /** Which of them run for others. */
  readonly stands: ReadonlyMap<string, Stand>;
  readonly routines: readonly WasmFunction[];
  /** Functions of the library. */
  readonly called: ReadonlySet<string>;
}

export function spellProgram(program: Program): SpelledProgram {
  const buffers = buffersByName(program);
  const arrays = arraysOf(program.buffers, program.panels);
  const called = new Set<string>();
  const names = namesOf(program);
  const context = (): Context => new Context(arrays, buffers, names);
  const signatures = new Map<string, { owners: readonly string[]; integers: readonly string[] }>();
  const routines = program.routines.map((routine): WasmFunction => {
    const { spelled, owners } = routine.tile
      ? spellTile(routine, routine.tile)
      : spellRoutine(routine, context(), called);
    signatures.set(routine.name, { owners, integers: routine.integers });
    return spelled;
  });
  const stands = standIns(program);
  const kernels = program.kernels
    .filter(({ name }) => !stands.has(name))
    .map((kernel) => spellKernel(kernel, context(), signatures, called, buffers, arrays));
  return { kernels, stands, routines, called };
}

/** What the plan's numbers are known to be. */
function namesOf({ layer, planConstants }: Program): ConstructorParameters<typeof Context>[2] {
  const positive = new Set([
    ...layer.sizes,
    ...layer.derived.map((d) => d.name),
    ...layer.params.filter((p) => p.positive).map((p) => p.name),
  ]);
  const natural = new Set(positive);
  for (const c of planConstants)
    if (c.kind !== "value" || isNatural(c.value, { natural })) natural.add(c.name);
  const reals = new Set([
    ...layer.params.filter((p) => p.type === "real").map((p) => p.name),
    ...layer.constants.map((c) => c.name),
  ]);
  return { positive, natural, reals };
}

function spellRoutine(
  { name, integers, body }: Routine,
  context: Context,
  called: Set<string>,
): { readonly spelled: WasmFunction; readonly owners: readonly string[] } {
  integers.forEach((i) => {
    context.declare(i, "i64");
    context.natural.add(i);
  });
  const spelled = spellBlock(body, context, new Map());
  context.called.forEach((f) => called.add(f));
  const owners = [...context.owners];
  const parameters: readonly Local[] = [
    ...owners.map((owner): Local => ({ name: addressOf(owner), type: "i32" })),
    ...integers.map((i): Local => ({ name: `${i} i64`, type: "i64" })),
  ];
  const taken = new Set(parameters.map((p) => p.name));
  const locals = context.locals.filter((l) => !taken.has(l.name));
  return { spelled: { name, parameters, locals, body: spelled }, owners };
}

/** Numbers come from JavaScript as f64: an i64 would have to be a BigInt. */
function spellKernel(
  kernel: Kernel,
  context: Context,
  signatures: Signatures,
  called: Set<string>,
  buffers: ReadonlyMap<string, Buffer>,
  arrays: Arrays,
): SpelledKernel {
  const isOwn = (name: string): boolean => buffers.get(name)?.own ?? !buffers.has(name);
  const shared = sharedLoops(kernel.body, isOwn);
  if (shared) context.shared = shared;
  const body = spellBlock(kernel.body, context, signatures);
  context.called.forEach((f) => called.add(f));
  const owners = inOrder([...kernel.reads, ...kernel.writes], context.owners).filter(
    (name) => buffers.has(name) || arrays.has(name),
  );
  const numbers = inOrder([...kernel.integers, ...kernel.reals], context.numbers.keys());
  const isInteger = (name: string): boolean => context.numbers.get(name) === ("i64" satisfies Kind);
  const parameterOf = (name: string): string => (isInteger(name) ? `${name} given` : `${name} f64`);
  const integers = numbers.filter(isInteger);
  const prologue = integers.map((name): Instruction =>
    set(`${name} i64`, operation("i64.trunc_sat_f64_s", get(`${name} given`))),
  );
  return {
    kernel,
    arrays: owners,
    numbers,
    ...(shared && { own: owners.flatMap((owner, at) => (isOwn(owner) ? [at] : [])) }),
    function: {
      name: kernel.name,
      parameters: [
        ...owners.map((owner): Local => ({ name: addressOf(owner), type: "i32" })),
        ...numbers.map((name): Local => ({ name: parameterOf(name), type: "f64" })),
        ...(shared ? Object.values(threadNames) : []).map((name): Local => ({ name, type: "i32" })),
      ],
      locals: [...context.locals, ...integers.map((name): Local => ({ name: `${name} i64`, type: "i64" }))],
      body: [...prologue, ...body],
    },
  };
}
