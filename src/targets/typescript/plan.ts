/** The function that makes a plan: settings, derived sizes, checks, workspace, and the calls of the kernels. */
import { quote } from "../../notation/line-ends.js";
import { sharedArrays } from "../../kernels/lifetimes.js";
import type { Stand } from "../../kernels/shared.js";
import type { Buffer, Program, Step } from "../../kernels/program.js";
import { literal, minus, one, type Int } from "../../notation/integer.js";
import { conditionText } from "../code/expressions.js";
import { intText } from "../code/integers.js";
import { languageText } from "../code/layer-language.js";
import { panelIdentifier } from "../code/scope.js";
import { helperNames, type HelperName } from "./helpers.js";
import type { SpelledKernel } from "./kernels.js";
import { machineryNames, type CheckName } from "./machinery.js";
import { key, makeScope, member, typePrefix } from "./names.js";
import { panelNames } from "./panels.js";
import { checksText } from "./settings.js";
import { buffersByName, callerBuffers, gradientNeeds } from "./tensors.js";
import { typeScriptInPlan, type TypeScriptSpeller } from "./words.js";

export interface SpelledPlan {
  /** The body of the function that makes a plan. */
  readonly body: string;
  readonly helpers: ReadonlySet<HelperName>;
  readonly checks: ReadonlySet<CheckName>;
}

const ownNames = [
  "plan",
  "settings",
  "tensorNames",
  "inPlace",
  "needs",
  "addTo32",
  "addTo64",
  "layerName",
  "sizes",
  "RealArray",
  "kernels",
];
const localNames = ["values", "at", "tensors", "run", "inputs", "outputs", "options", "call", "complete"];
const callNames = ["forwardCall", "backwardCall", "subscript"];
/** Names of the module that kernels may not take. */
export const moduleNames: readonly string[] = [
  ...helperNames,
  ...machineryNames,
  ...ownNames,
  "kernels32",
  "kernels64",
  "Kernels",
];

export function spellPlan(
  program: Program,
  kernels: ReadonlyMap<string, SpelledKernel>,
  stands: ReadonlyMap<string, Stand>,
): SpelledPlan {
  const scope = makeScope([
    ...moduleNames,
    ...localNames,
    ...callNames,
    ...panelNames(program).map(panelIdentifier),
  ]);
  const helpers = new Set<HelperName>();
  const used = new Set<CheckName>();
  const speller = typeScriptInPlan(scope, helpers);

  // Later parts come first, so that it is known which names they use.
  const owners = sharedArrays(program);
  const callText = callsText(program, kernels, stands, owners, speller);
  const tables = new Set<CheckName>();
  const storage = storageText(program, owners, speller, tables);
  const checked = checksText(program, speller, used);
  const body = [...checked, "", storage, "", callText].join("\n");
  return { body, helpers, checks: new Set([...used, ...tables]) };
}

const arrayTypes = { integer: "Int32Array", real: "RealArray", double: "Float64Array" } as const;
const arrayType = (b: Buffer): string => arrayTypes[b.type];

export const shapeText = (b: Buffer, speller: TypeScriptSpeller): string =>
  `[${b.shape.map((extent) => intText(extent, speller)).join(", ")}]`;

/** The caller's tensors under the plan's sizes. */
export function tensorsText(
  program: Pick<Program, "buffers">,
  speller: TypeScriptSpeller,
  typeOf: (buffer: Buffer) => string,
): string {
  const tensors = callerBuffers(program).map((b) => {
    const bound = b.bound ? `, ${intText(b.bound, speller)}${boundText(b.bound)}` : "";
    return `tensor(${quote(b.name)}, ${shapeText(b, speller)}, ${typeOf(b)}${bound}),`;
  });
  return `const tensors = byName([\n${tensors.join("\n")}\n]);`;
}

/** The tensors, and the workspace. */
function storageText(
  program: Program,
  owners: ReturnType<typeof sharedArrays>,
  speller: TypeScriptSpeller,
  used: Set<CheckName>,
): string {
  const shape = (b: Buffer): string => shapeText(b, speller);
  const intermediates = program.buffers.filter(
    (b) => b.role === "workspace" && speller.scope.tensors.has(b.name),
  );
  const workspace = intermediates
    .filter((b) => !owners.has(b.name))
    .map((b) => {
      const of = `${quote(computedWith(b, program))}, ${shape(b)}, sizes`;
      const made = b.type === "integer" ? `newTable(${of})` : `newWork(${arrayType(b)}, ${of})`;
      for (const check of ["newWork", "textOf"] as const) used.add(check);
      if (b.type === "integer") used.add("newTable").add("checkTable");
      return `const ${speller.scope.tensor(b.name)} = ${made};`;
    });
  const shared = intermediates.flatMap((b) => {
    const owner = owners.get(b.name);
    return owner === undefined
      ? []
      : [`const ${speller.scope.tensor(b.name)} = ${speller.scope.tensor(owner)};`];
  });
  if (shared.length > 0) shared.unshift("// These live after those whose arrays they take.");
  return `${tensorsText(program, speller, arrayType)}
    /** The arrays of the call under way. */
    const at = {} as ${typePrefix(program.layer.name)}Tensors<A> & Arrays;
    ${[...workspace, ...shared].join("\n")}`;
}
/** What a buffer of the workspace serves to compute: a tensor of the caller's if there is one, else an intermediate. */
export function computedWith({ name }: Buffer, program: Program): string {
  const isUser = ({ reads, writes }: Program["kernels"][number]): boolean =>
    writes.includes(name) || reads.includes(name);
  const written = program.kernels.filter(isUser).flatMap((k) => k.writes);
  const tensors = program.buffers.filter((b) => b.type === "real" && written.includes(b.name));
  return (tensors.find((b) => b.role !== "workspace") ?? tensors[0])?.name ?? name;
}
/** `, "V"` for the messages; nothing for a literal, which says itself. */
const boundText = (bound: Int): string =>
  literal(bound) === undefined ? `, ${quote(languageText(bound))}` : "";

/** The calls of steps, those of a recurrence in its loops. */
function inLoops(
  steps: readonly Step[],
  callOf: (step: Step) => string,
  speller: TypeScriptSpeller,
): readonly string[] {
  const runs: { readonly loops: Step["loops"]; readonly steps: Step[] }[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last?.loops && last.loops === step.loops) last.steps.push(step);
    else runs.push({ loops: step.loops, steps: [step] });
  }
  return runs.flatMap(({ loops = [], steps: own }) => {
    const calls = own.map(callOf).filter((call) => call !== "");
    if (calls.length === 0) return [];
    return loops.reduceRight<readonly string[]>((body, { index, extent, direction }) => {
      const name = speller.scope.value(index);
      const end = intText(extent, speller);
      const range =
        direction === "up"
          ? `let ${name} = 0; ${name} < ${end}; ${name}++`
          : `let ${name} = ${intText(minus(extent, one), speller)}; ${name} >= 0; ${name}--`;
      return [`for (${range}) {`, ...body, "}"];
    }, calls);
  });
}

/** How the plans of a target call their kernels. */
export interface CallWords {
  /** The function that a kernel is, and what it is called with. */
  readonly callOf: (kernel: string) => { readonly name: string; readonly arguments: readonly string[] };
  /** What stands between the checks of a call's arguments and its kernels, and behind the kernels. */
  readonly before: (call: string) => string;
  readonly after: (call: string) => string;
  /** `<A>`, where plans are over arrays of a type. */
  readonly over: string;
  readonly addTo: string;
  /** Asked for when the kernels' calls are spelled. */
  readonly workspaceBytes: () => string;
  readonly allocate: string;
  /** The end of the function, of the plan as text. */
  readonly made: (plan: string) => string;
}

function callsText(
  program: Program,
  kernels: ReadonlyMap<string, SpelledKernel>,
  stands: ReadonlyMap<string, Stand>,
  owners: ReturnType<typeof sharedArrays>,
  speller: TypeScriptSpeller,
): string {
  const buffers = buffersByName(program);
  const tensor = (name: string): string =>
    buffers.get(name)?.role === "workspace" ? speller.scope.tensor(name) : `at${member(name)}`;
  const prefix = typePrefix(program.layer.name);
  return passesText(program, speller, {
    callOf: (kernel) => {
      const { name, buffers: arrays, values } = called(kernel, stands);
      const taken = kernels.get(name)?.arguments ?? [];
      const arguments_ = taken.map((a) =>
        a.kind === "tensor" ? tensor(arrays(a.name)) : speller.scope.value(values(a.name)),
      );
      return { name, arguments: arguments_ };
    },
    before: () => "",
    after: () => "",
    over: "<A>",
    addTo: "kernels.addTo",
    workspaceBytes: () => {
      const held = [
        ...[...speller.scope.tensors]
          .filter((name) => !owners.has(name))
          .map((name) => speller.scope.tensor(name)),
        ...program.panels.map((p) => panelIdentifier(p.name)),
      ];
      return held.map((name) => `${name}.byteLength`).join(" + ") || "0";
    },
    allocate: `arraysOf(tensors) as ${prefix}Tensors<A>`,
    made: (plan) => `return ${plan};`,
  });
}

/** The kernel that runs for another, and the names there by its own. */
export function called(
  kernel: string,
  stands: ReadonlyMap<string, Stand>,
): {
  readonly name: string;
  readonly buffers: (name: string) => string;
  readonly values: (name: string) => string;
} {
  const stand = stands.get(kernel);
  return {
    name: stand?.kernel ?? kernel,
    buffers: (name) => stand?.buffers.get(name) ?? name,
    values: (name) => stand?.values.get(name) ?? name,
  };
}

/** The plan's members: passes that check their arguments and call the kernels asked for. */
export function passesText(program: Program, speller: TypeScriptSpeller, words: CallWords): string {
  const { over, addTo, before, after } = words;
  const around = (call: string, steps: readonly string[]): string =>
    [before(call), ...steps, after(call)].filter((line) => line !== "").join("\n");
  const prefix = typePrefix(program.layer.name);
  const gradients = [...gradientNeeds(program).keys()];
  const callOf = (kernel: string): string => {
    const { name, arguments: arguments_ } = words.callOf(kernel);
    return `kernels${member(name)}(${arguments_.join(", ")});`;
  };
  const kernelCall = ({ kernel, instead, when }: Step): string => {
    const call = instead
      ? `if (${conditionText(instead.when, speller)}) ${callOf(instead.kernel)}\nelse ${callOf(kernel)}`
      : callOf(kernel);
    return when ? `if (${conditionText(when, speller)}) {\n${call}\n}` : call;
  };
  const asked = (step: Step): string => {
    const missing = gradients.some((name) => !step.for.includes(name));
    if (step.for.length === 0) return "";
    const tests = step.for.map((name) => `call.results.includes(${quote(name)})`);
    if (!missing) return kernelCall(step);
    const body = step.instead ? `{\n${kernelCall(step)}\n}` : kernelCall(step);
    return `if (${tests.join(" || ")}) ${body}`;
  };
  const forward = inLoops(program.forward.steps, kernelCall, speller);
  const backward = inLoops(program.backward.steps, asked, speller);
  const single = gradients.map((name) => {
    const text = quote(name);
    const call = `backward(${key(name)}Call, inputs, outputs)`;
    return { text, name, call };
  });
  const identifiers = new Map(gradients.map((name) => [name, speller.scope.fresh(`${name}Call`)]));
  const plan = `{
      shapes: shapesOf(tensors) as ${prefix}Plan${over}["shapes"],
      workspaceBytes: ${words.workspaceBytes()},
      forward(inputs, outputs = {}) {
        const complete = bind(forwardCall, tensors, at, inputs, outputs);
        ${around("forwardCall", forward)}
        return handBack(forwardCall, at, complete) as ReturnType<${prefix}Plan${over}["forward"]>;
      },
      inPlace,
      backward: (inputs: object, outputs: object = {}, options: object = noOptions) =>
        backward(chooseCall(backwardCall, options), inputs, outputs),
      ${single.map(({ name }) => `${key(name)}: (inputs, outputs = {}) => backward(${identifiers.get(name)}, inputs, outputs),`).join("\n")}
      allocate: () => ${words.allocate},
    }`;
  return `
    const forwardCall: Call = { ...forwardNames };
    const backwardCall = callFor([...needs.keys()]);
    ${single.map(({ name, text }) => `const ${identifiers.get(name)} = callFor([${text}]);`).join("\n")}
    function backward(call: Call, inputs: object, outputs: object): ${prefix}Gradients${over} {
      const complete = bind(call, tensors, at, inputs, outputs);
      ${around("call", backward)}
      return handBack(call, at, complete, ${addTo}) as ${prefix}Gradients${over};
    }
    ${words.made(plan)}`;
}
