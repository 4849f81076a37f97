/** The TypeScript target: a program as the text of `index.ts`. */
import { layerDoc } from "./documentation.js";
import { formatShared, formatTypeScript } from "./format.js";
import { alsoComputed, standIns } from "../../kernels/shared.js";
import type { Buffer, Program } from "../../kernels/program.js";
import { headerLine, type Header } from "../code/header.js";
import type { HelperName } from "./helpers.js";
import { helperSources } from "./made.js";
import { block } from "../code/lines.js";
import { argumentType, kernelCode, routineCode, spellKernel, type SpelledKernel } from "./kernels.js";
import { commentText, functionText, layOut, withComment, type FunctionCode } from "./layout.js";
import { checks, heap, machinery } from "./machinery.js";
import { key, makeScope, moduleName, typePrefix } from "./names.js";
import { panelNames, panelsText } from "./panels.js";
import { moduleNames, spellPlan } from "./plan.js";
import { namesText } from "./settings.js";
import { passTablesText } from "./tables.js";
import { buffersByName } from "./tensors.js";
import { typesText } from "./types.js";

/** The text of `generated/<layer>/index.ts`. The same program and header give the same text. */
export async function emitTypeScript(program: Program, header: Header): Promise<string> {
  const { head, routines, kernels, helpers, shared } = partsOf(program, header);
  const functions = await layOut([...routines, ...kernels, addTo]);
  const [common, over] = [functions.slice(0, routines.length), functions.slice(routines.length)];
  // The kernels stand there twice, the second time without their formulas: a function that has seen both kinds of array runs at
  // half its speed.
  const singles = over.map((code) => withComment(code, functionText(code, "Float32Array", "32")));
  const doubles = over.map((code) => functionText(code, "Float64Array", "64"));
  const parts = [
    await formatTypeScript(head),
    ...common.map((code) => withComment(code, functionText(code, "Float64Array"))),
    `${section("Float32Array")}\n\n${singles.join("\n")}`,
    `${section("Float64Array")}\n\n${doubles.join("\n")}`,
    ...(await Promise.all(helpers.map(formatShared))),
    ...shared,
  ];
  return parts.join("\n");
}

/**
 * Adds a gradient to what its array holds. It is computed as always and added in a pass of its own: kernels that add instead of
 * storing would stand in the file twice for each dtype, and those that go over their result several times (partial sums of a
 * contraction, rows) would round differently; one pass reads and writes a gradient once more, which its sum dwarfs.
 */
const addTo: FunctionCode = {
  comment: "total += part",
  name: "addTo",
  parameters: (real) => [`total: ${real}`, `part: ${real}`],
  body: [block("for (let i = 0; i < total.length; i++) {", ["total[i] = total[i]! + part[i]!;"])],
};

const section = (array: string): string => `// --- Kernels over ${array} ---`;

/** What a file is made of, in its order. */
interface Parts {
  /** The types, the plan and its tables; not laid out yet. */
  readonly head: string;
  readonly routines: readonly FunctionCode[];
  readonly kernels: readonly FunctionCode[];
  readonly helpers: readonly string[];
  readonly shared: readonly string[];
}

function partsOf(program: Program, header: Header): Parts {
  const buffers = buffersByName(program);
  const module = makeScope([]);
  const around = {
    functions: [...moduleNames, ...program.routines.map((r) => r.name)],
    panels: panelNames(program),
  };
  const stands = standIns(program);
  const kernels: readonly NamedKernel[] = program.kernels
    .filter(({ name }) => !stands.has(name))
    .map((kernel) => ({ ...spellKernel(kernel, around), identifier: module.fresh(kernel.name) }));
  const plan = spellPlan(program, new Map(kernels.map((k) => [k.kernel.name, k])), stands);
  const helpers = new Set<HelperName>(plan.helpers);
  kernels.forEach((k) => k.helpers.forEach((h) => helpers.add(h)));
  const head = [
    `// ${headerLine(header)}`,
    typesText(program),
    planFunctions(program, plan.body, kernels),
    `${tablesText(program, kernels, buffers)}\n${panelsText(program.panels)}`,
  ];
  return {
    head: head.join("\n\n"),
    routines: program.routines.map((r) => routineCode(r, around)),
    kernels: kernels.map((k) =>
      kernelCode(
        k,
        k.identifier,
        buffers,
        alsoComputed(program.kernels, (n) => stands.get(n)?.kernel, k.kernel.name),
      ),
    ),
    helpers: helperSources(helpers),
    shared: [machinery.text, heap.text, ...[...plan.checks].map((c) => checks[c])],
  };
}

/** The functions are called identifier32 and identifier64. */
type NamedKernel = SpelledKernel & { readonly identifier: string };

/** The exported function of the layer, and `plan` behind it. */
function planFunctions(program: Program, body: string, kernels: readonly NamedKernel[]): string {
  const { layer } = program;
  const prefix = typePrefix(layer.name);
  const names = [...moduleNames, ...kernels.flatMap((k) => [`${k.identifier}32`, `${k.identifier}64`])];
  const { name, clashes } = moduleName(layer.name, names);
  const heading = `${clashes ? "" : "export "}function ${name}`;
  const optional = layer.sizes.length === 0;
  const sizes = `sizes: ${prefix}Sizes`;
  const [single, double] = [`${prefix}Plan`, `${prefix}Plan<Float64Array>`];
  return `${commentText(layerDoc(layer).join("\n"))}
${heading}(${optional ? `sizes?: ${prefix}Sizes` : sizes}, options?: { readonly dtype?: "f32" | undefined }): ${single};
${heading}(${sizes}${optional ? " | undefined" : ""}, options: { readonly dtype: "f64" }): ${double};
${heading}(${sizes}${optional ? " = {}" : ""}, options: { readonly dtype?: "f32" | "f64" | undefined } = {}): ${single} | ${double} {
  return isDouble(options)
    ? plan<Float64Array>(sizes, Float64Array, kernels64)
    : plan<Float32Array>(sizes, Float32Array, kernels32);
}

${clashes ? `export { ${name} as ${layer.name} };\n\n` : ""}function plan<A extends Real>(${sizes}, RealArray: new (length: number) => A, kernels: Kernels<A>): ${prefix}Plan<A> {
${body}
}`;
}

/** What the plan is made from: settings, names, needs, and the types of the kernels. */
function tablesText(
  program: Program,
  kernels: readonly NamedKernel[],
  buffers: ReadonlyMap<string, Buffer>,
): string {
  const table = (bits: number): string =>
    [...kernels.map((k) => `${key(k.kernel.name)}: ${k.identifier}${bits}`), `addTo: addTo${bits}`].join(
      ", ",
    );
  const signatures = kernels.map((k) => {
    const parameters = k.arguments.map((a) => `${a.identifier}: ${argumentType(a, buffers, "A")}`);
    return `readonly ${key(k.kernel.name)}: (${parameters.join(", ")}) => void;`;
  });
  return `${namesText(program)}
${passTablesText(program)}
interface Kernels<A extends Real> { ${[...signatures, "readonly addTo: (total: A, part: A) => void;"].join("\n")} }
const kernels32: Kernels<Float32Array> = { ${table(32)} };
const kernels64: Kernels<Float64Array> = { ${table(64)} };`;
}
