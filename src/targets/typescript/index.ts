/** The TypeScript target: a program as the text of `index.ts`. */
import { format } from "./format.js";
import {
  Project,
  StructureKind,
  type FunctionDeclarationStructure,
  type SourceFileStructure,
  type StatementStructures,
} from "ts-morph";
import type { Buffer, Program } from "../../kernels/program.js";
import { headerLine, type Header } from "../header.js";
import { helperSources, type HelperName } from "./helpers.js";
import { argumentType, kernelFunction, routineFunction, spellKernel, type SpelledKernel } from "./kernels.js";
import { checks, machinery } from "./machinery.js";
import { key, makeScope, taken, typePrefix } from "./names.js";
import { moduleNames, namesText, spellPlan } from "./plan.js";
import { buffersByName, gradientNeeds, savedNames } from "./tensors.js";
import { typeStructures } from "./types.js";

const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });

/** The text of `generated/<layer>/index.ts`. The same program and header give the same text. */
export async function emitTypeScript(program: Program, header: Header): Promise<string> {
  const { structure, shared, helpers } = structureOf(program, header);
  const file = project.createSourceFile("index.ts", structure, { overwrite: true });
  const text = file.getFullText();
  project.removeSourceFile(file);
  const own = await format(text, style);
  // the machinery stands in its source as prettier would print it (a test holds it to that); the helpers do not
  const rest = [...(await Promise.all(helpers.map(formatted))), ...shared.map((text) => text.slice(1))];
  const kernels = own.slice(own.lastIndexOf(section("Float32Array")));
  return [own, overDoubles(kernels), ...rest].join("\n");
}
const style = { parser: "babel-ts", printWidth: 100 } as const;

/** Text that many files have, formatted once. */
function formatted(text: string): Promise<string> {
  const known = formattedTexts.get(text) ?? format(text, style);
  formattedTexts.set(text, known);
  return known;
}
const formattedTexts = new Map<string, Promise<string>>();

const section = (array: string): string => `// --- Kernels over ${array} ---`;
/**
 * The kernels again, over Float64Array and without their formulas: a function that has seen both kinds of array
 * runs at half its speed. Names are as long as before, so the text stays formatted.
 */
const overDoubles = (kernels: string): string =>
  kernels
    .replace(/^\/\*\*[^]*?\*\/\n/gm, "")
    .replace(/\bFloat32Array\b/g, "Float64Array")
    .replace(/^function (\S+)32\(/gm, (_, name: string) => `function ${name}64(`);

/** What is the layer's own as one structure, the kernels last, and the texts that follow it. */
function structureOf(
  program: Program,
  header: Header,
): { structure: SourceFileStructure; shared: readonly string[]; helpers: readonly string[] } {
  const buffers = buffersByName(program);
  const module = makeScope([]);
  const kernels: readonly NamedKernel[] = program.kernels.map((kernel) => ({
    ...spellKernel(kernel, [...moduleNames, ...program.routines.map((r) => r.name)]),
    identifier: module.fresh(kernel.name),
  }));
  const plan = spellPlan(program, new Map(kernels.map((k) => [k.kernel.name, k])));
  const helpers = new Set<HelperName>(plan.helpers);
  kernels.forEach((k) => k.helpers.forEach((h) => helpers.add(h)));
  const statements: (string | StatementStructures)[] = [
    `// ${headerLine(header)}\n`,
    ...typeStructures(program),
    ...planFunctions(program, plan.body, kernels),
    tablesText(program, kernels, buffers),
    ...program.routines.map(routineFunction),
    `${section("Float32Array")}\n`,
    ...kernels.map((k) => kernelFunction(k, `${k.identifier}32`, buffers)),
  ];
  return {
    structure: { kind: StructureKind.SourceFile, statements },
    helpers: helperSources(helpers),
    shared: [machinery, ...[...plan.checks].map((c) => checks[c])],
  };
}
/** The functions are called identifier32 and identifier64. */
type NamedKernel = SpelledKernel & { readonly identifier: string };

/** The exported function of the layer, and `plan` behind it. */
function planFunctions(
  program: Program,
  body: string,
  kernels: readonly NamedKernel[],
): (string | FunctionDeclarationStructure)[] {
  const { layer } = program;
  const prefix = typePrefix(layer.name);
  // The layer keeps its name inside the module unless something else has it there.
  const names = [...moduleNames, ...kernels.flatMap((k) => [`${k.identifier}32`, `${k.identifier}64`])];
  const clashes = taken.has(layer.name) || names.includes(layer.name);
  const name = clashes ? makeScope(names).fresh(`${layer.name}Layer`) : layer.name;
  const optional = layer.sizes.length === 0;
  const sizes = { name: "sizes", type: `${prefix}Sizes` };
  const plans = `${prefix}Plan | ${prefix}Plan<Float64Array>`;
  const main: FunctionDeclarationStructure = {
    kind: StructureKind.Function,
    name,
    isExported: !clashes,
    overloads: [
      {
        parameters: [
          { ...sizes, hasQuestionToken: optional },
          { name: "options", type: `{ readonly dtype?: "f32" | undefined }`, hasQuestionToken: true },
        ],
        returnType: `${prefix}Plan`,
        docs: [(layer.documentation || `The layer ${layer.name}.`).replaceAll("*/", "* /")],
      },
      {
        parameters: [
          optional ? { ...sizes, type: `${prefix}Sizes | undefined` } : sizes,
          { name: "options", type: `{ readonly dtype: "f64" }` },
        ],
        returnType: `${prefix}Plan<Float64Array>`,
      },
    ],
    parameters: [
      optional ? { ...sizes, initializer: "{}" } : sizes,
      { name: "options", type: `{ readonly dtype?: "f32" | "f64" | undefined }`, initializer: "{}" },
    ],
    returnType: plans,
    statements: `return isDouble(options)
      ? plan<Float64Array>(sizes, Float64Array, kernels64)
      : plan<Float32Array>(sizes, Float32Array, kernels32);`,
  };
  const behind: FunctionDeclarationStructure = {
    kind: StructureKind.Function,
    name: "plan",
    typeParameters: ["A extends Real"],
    parameters: [
      sizes,
      { name: "RealArray", type: "new (length: number) => A" },
      { name: "kernels", type: "Kernels<A>" },
    ],
    returnType: `${prefix}Plan<A>`,
    statements: body,
  };
  return [main, ...(clashes ? [`export { ${name} as ${layer.name} };`] : []), behind];
}

const list = (names: readonly string[]): string => `[${names.map((n) => JSON.stringify(n)).join(", ")}]`;

/** What the plan is made from: settings, names, needs, and the types of the kernels. */
function tablesText(
  program: Program,
  kernels: readonly NamedKernel[],
  buffers: ReadonlyMap<string, Buffer>,
): string {
  const table = (bits: number): string =>
    kernels.map((k) => `${key(k.kernel.name)}: ${k.identifier}${bits}`).join(", ");
  const outputs = program.buffers.filter((b) => b.role === "output").map((b) => b.name);
  const saved = savedNames(program);
  const reads = [...new Set(Object.values(program.forward.needs).flat())];
  const needs = [...gradientNeeds(program)].map(
    ([name, tensors]) => `[${JSON.stringify(name)}, ${list(tensors)}],`,
  );
  const signatures = kernels.map((k) => {
    const parameters = k.arguments.map((a) => `${a.identifier}: ${argumentType(a, buffers, "A")}`);
    return `readonly ${key(k.kernel.name)}: (${parameters.join(", ")}) => void;`;
  });
  return `${namesText(program)}
const forwardNames: Call = {
  reads: ${list(reads)},
  writes: ${list([...new Set([...outputs, ...saved])])},
  results: ${list(outputs)},
  saved: ${list(saved)},
};
/** What each gradient is computed from. */
const needs: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([${needs.join("\n")}]);
interface Kernels<A extends Real> { ${signatures.join("\n")} }
const kernels32: Kernels<Float32Array> = { ${table(32)} };
const kernels64: Kernels<Float64Array> = { ${table(64)} };`;
}
