/** The WebAssembly target: a program as the text of `wasm.ts`, which has the module's bytes inside. */
import { alsoComputed } from "../../kernels/shared.js";
import type { Program } from "../../kernels/program.js";
import { commentLines } from "../../notation/line-ends.js";
import { headerLine, type Header } from "../code/header.js";
import { layerDoc } from "../typescript/documentation.js";
import { formatTypeScript, formatShared } from "../typescript/format.js";
import { helperSources } from "../typescript/made.js";
import { checks, machinery, memory } from "../typescript/machinery.js";
import { key, makeScope, moduleName, typePrefix } from "../typescript/names.js";
import { namesText } from "../typescript/settings.js";
import { passTablesText } from "../typescript/tables.js";
import { overFloat32, typesText } from "../typescript/types.js";
import { encode } from "./encode/module.js";
import { functionsCalled } from "./made.js";
import { spellProgram, type SpelledKernel, type SpelledProgram } from "./kernels.js";
import { moduleNames, spellPlan } from "./plan.js";

/** The text of `generated/<layer>/wasm.ts`. The same program and header give the same text. */
export async function emitWasm(program: Program, header: Header): Promise<string> {
  const spelled = spellProgram(program);
  const plan = spellPlan(program, spelled);
  const tables = [
    namesText(program),
    passTablesText(program),
    ownText(spelled.kernels),
    kernelsText(program, spelled),
  ];
  const head = [
    `// ${headerLine(header)}`,
    typesText(program, overFloat32),
    planText(program, plan.body),
    tables.join("\n"),
  ].join("\n\n");
  const parts = await Promise.all([formatTypeScript(head), ...helperSources(plan.helpers).map(formatShared)]);
  return [
    ...parts,
    machinery.text,
    memory.text,
    ...[...plan.checks].map((c) => checks[c]),
    bytesText(moduleOf(spelled)),
  ].join("\n");
}

/** The module of a program: its kernels are exported by their names. */
export function moduleOf({ kernels, routines, called }: SpelledProgram): Uint8Array {
  return encode({
    functions: [...functionsCalled(called), ...routines, ...kernels.map((k) => k.function)],
    exported: kernels.map((k) => k.kernel.name),
  });
}

function planText(program: Program, body: string): string {
  const { layer } = program;
  const prefix = typePrefix(layer.name);
  const { name, clashes } = moduleName(layer.name, moduleNames);
  const optional = layer.sizes.length === 0;
  const sizes = (mark: string, initial: string): string =>
    `sizes${optional ? mark : ""}: ${prefix}Sizes${optional ? initial : ""}`;
  return `/** Makes plans, and says how many bytes a plan takes of a memory. */
export interface ${prefix}Plans {
  (${sizes("?", "")}, options?: Place): ${prefix}Plan;
  readonly bytes: (${sizes("?", "")}) => number;
  /**
   * A plan whose kernels n threads share, in a memory of its own. Its calls are synchronous and give the same bits as one thread's;
   * \`close\` ends the workers. Rejects where the host has no shared memory, or the calling thread may not wait.
   */
  readonly threads: (${sizes("", "")}, n: number) => Promise<${prefix}Plan & { readonly close: () => void }>;
}

/**
${layerDoc(layer)
  .map((line) => ` * ${line}`.trimEnd())
  .join("\n")}
 */
${clashes ? "" : "export "}const ${name}: ${prefix}Plans = /* @__PURE__ */ Object.assign(
  (${sizes("", " = {}")}, options: Place = {}) => plan(sizes, options).plan,
  {
    bytes: (${sizes("", " = {}")}) => plan(sizes, {}).room.bytes,
    threads: async (${sizes("", "")}, n: number) => {
      checkThreads(n);
      const made = plan(sizes, {}, n);
      return { ...made.plan, close: await openPool(made.room, n) };
    },
  },
);
${clashes ? `export { ${name} as ${layer.name} };` : ""}

function plan(
  sizes: ${prefix}Sizes,
  options: Place,
  threads?: number,
): { readonly room: Room<Kernels>; readonly plan: ${prefix}Plan } {
${body}
}
`;
}

/** Which arrays of the kernels that threads share each thread has for itself. */
function ownText(kernels: readonly SpelledKernel[]): string {
  const members = kernels.flatMap(({ kernel, own }) =>
    own ? [`${key(kernel.name)}: [${own.join(", ")}],`] : [],
  );
  const says = "/** Of each kernel that threads share, which of its arrays each thread has for itself. */";
  return `${says}\nconst ownArrays: Readonly<Record<string, readonly number[]>> = {${members.join("\n")}};`;
}

/** What the module exports: kernels over addresses and numbers, their formulas above them. */
function kernelsText(program: Program, { kernels, stands }: SpelledProgram): string {
  const members = kernels.map(({ kernel, arrays, numbers }) => {
    const scope = makeScope([]);
    const parameters = [...arrays.map((a) => `tensor ${a}`), ...numbers].map(
      (name) => `${scope.fresh(name.replace(/^tensor /u, ""))}: number`,
    );
    const { formula, pattern } = kernel;
    const also = alsoComputed(program.kernels, (n) => stands.get(n)?.kernel, kernel.name);
    const says = commentLines([formula, ...(pattern === undefined ? [] : [pattern]), ...also].join("\n\n"));
    return `/**\n${says.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */
readonly ${key(kernel.name)}: (${parameters.join(", ")}) => void;`;
  });
  return `/** The module's kernels: over addresses of arrays, then numbers. */\ninterface Kernels {\n${members.join("\n")}\n}`;
}

/** The module in base64, in lines. */
function bytesText(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(/.{1,100}/gu) ?? [];
  return `/** The module, ${bytes.length} bytes. */\nconst moduleText = \`\n${lines.join("\n")}\n\`;\n`;
}
