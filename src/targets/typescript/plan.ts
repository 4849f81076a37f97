/** The function that makes a plan: settings, derived sizes, checks, workspace, and the calls of the kernels. */
import { quote } from "../../notation/line-ends.js";
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

export function spellPlan(program: Program, kernels: ReadonlyMap<string, SpelledKernel>): SpelledPlan {
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
  const callText = callsText(program, kernels, speller);
  const tables = new Set<CheckName>();
  const storage = storageText(program, speller, tables);
  const checked = checksText(program, speller, used);
  const body = [...checked, "", storage, "", callText].join("\n");
  return { body, helpers, checks: new Set([...used, ...tables]) };
}

const arrayTypes = { integer: "Int32Array", real: "RealArray", double: "Float64Array" } as const;
const arrayType = (b: Buffer): string => arrayTypes[b.type];

const shapeText = (b: Buffer, speller: TypeScriptSpeller): string =>
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
function storageText(program: Program, speller: TypeScriptSpeller, used: Set<CheckName>): string {
  const shape = (b: Buffer): string => shapeText(b, speller);
  const workspace = program.buffers
    .filter((b) => b.role === "workspace" && speller.scope.tensors.has(b.name))
    .map((b) => {
      const of = `${quote(computedWith(b, program))}, ${shape(b)}, sizes`;
      const made = b.type === "integer" ? `newTable(${of})` : `newWork(${arrayType(b)}, ${of})`;
      for (const check of ["newWork", "textOf"] as const) used.add(check);
      if (b.type === "integer") used.add("newTable");
      return `const ${speller.scope.tensor(b.name)} = ${made};`;
    });
  return `${tensorsText(program, speller, arrayType)}
    /** The arrays of the call under way. */
    const at = {} as ${typePrefix(program.layer.name)}Tensors<A> & Arrays;
    ${workspace.join("\n")}`;
}
/** What a buffer of the workspace serves to compute: a tensor of the caller's if there is one, else an intermediate. */
function computedWith({ name }: Buffer, program: Program): string {
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

/** The plan's members. */
function callsText(
  program: Program,
  kernels: ReadonlyMap<string, SpelledKernel>,
  speller: TypeScriptSpeller,
): string {
  const buffers = buffersByName(program);
  const prefix = typePrefix(program.layer.name);
  const gradients = [...gradientNeeds(program).keys()];
  const argument = (a: SpelledKernel["arguments"][number]): string => {
    if (a.kind === "value") return speller.scope.value(a.name);
    if (buffers.get(a.name)?.role === "workspace") return speller.scope.tensor(a.name);
    return `at${member(a.name)}`;
  };
  const callOf = (kernel: string): string => {
    const spelled = kernels.get(kernel);
    if (!spelled) throw new Error(`no kernel ${kernel}`);
    return `kernels${member(kernel)}(${spelled.arguments.map(argument).join(", ")});`;
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
  const held = [
    ...[...speller.scope.tensors].map((name) => speller.scope.tensor(name)),
    ...program.panels.map((p) => panelIdentifier(p.name)),
  ];
  const workspace = held.map((name) => `${name}.byteLength`);
  const single = gradients.map((name) => {
    const text = quote(name);
    const call = `backward(${key(name)}Call, inputs, outputs)`;
    return { text, name, call };
  });
  const identifiers = new Map(gradients.map((name) => [name, speller.scope.fresh(`${name}Call`)]));
  return `
    const forwardCall: Call = { ...forwardNames };
    const backwardCall = callFor([...needs.keys()]);
    ${single.map(({ name, text }) => `const ${identifiers.get(name)} = callFor([${text}]);`).join("\n")}
    function backward(call: Call, inputs: object, outputs: object): ${prefix}Gradients<A> {
      const complete = bind(call, tensors, at, inputs, outputs);
      ${backward.join("\n")}
      return handBack(call, at, complete, kernels.addTo) as ${prefix}Gradients<A>;
    }
    return {
      shapes: shapesOf(tensors) as ${prefix}Plan<A>["shapes"],
      workspaceBytes: ${workspace.join(" + ") || "0"},
      forward(inputs, outputs = {}) {
        const complete = bind(forwardCall, tensors, at, inputs, outputs);
        ${forward.join("\n")}
        return handBack(forwardCall, at, complete) as ReturnType<${prefix}Plan<A>["forward"]>;
      },
      inPlace,
      backward: (inputs: object, outputs: object = {}, options: object = noOptions) =>
        backward(chooseCall(backwardCall, options), inputs, outputs),
      ${single.map(({ name }) => `${key(name)}: (inputs, outputs = {}) => backward(${identifiers.get(name)}, inputs, outputs),`).join("\n")}
      allocate: () => arraysOf(tensors) as ${prefix}Tensors<A>,
    };`;
}
