/** The WGSL target: a program as the text of `webgpu.ts`, and its shaders as files on request. */
import { escapeTemplate, quote, splitAtLineEnds } from "../../notation/line-ends.js";
import { alsoComputed } from "../../kernels/shared.js";
import type { GpuProgram } from "../../kernels/gpu/program.js";
import { headerLine, type Header } from "../code/header.js";
import { layerDoc } from "../typescript/documentation.js";
import { formatShared, formatTypeScript } from "../typescript/format.js";
import { helperSources } from "../typescript/made.js";
import { checks } from "../typescript/machinery.js";
import { moduleName, typePrefix } from "../typescript/names.js";
import { namesText } from "../typescript/settings.js";
import { buffersByName } from "../typescript/tensors.js";
import { isNatural } from "../code/signs.js";
import { spellKernel, type SpelledKernel } from "./kernels.js";
import { moduleNames, spellPlan } from "./plan.js";
import { sharedShaders } from "./shared.js";
import { typesText } from "./types.js";

export interface WgslOptions {
  readonly shaders?: boolean;
  /** The module that plans import. */
  readonly runtime?: string;
}
/** The files of `generated/<layer>/` by name, the shaders among them on request. The same program and header give the same text. */
export async function emitWgsl(
  program: GpuProgram,
  header: Header,
  { shaders = false, runtime = "../runtime.js" }: WgslOptions = {},
): Promise<Record<string, string>> {
  const buffers = buffersByName(program);
  const natural = naturalNames(program);
  const kernels = program.kernels.map((kernel) => spellKernel(kernel, buffers, natural));
  const shared = sharedShaders(kernels);
  const plan = spellPlan(program, kernels, shared);
  const head = `// ${headerLine(header)}`;
  const own = `${head}

import { checksOf, createPlan, ${plan.software ? "isSoftware, " : ""}type LayerPlan, type Setting } from ${quote(runtime)};

${typesText(program)}
${planFunction(program, plan.body)}

${namesText(program)}
`;
  const used = [...plan.checks].map((c) => checks[c]);
  const rest = [...helperSources(plan.helpers).map(formatShared), ...used];
  const text = await Promise.all([formatTypeScript(own), ...rest]);
  return {
    "webgpu.ts": [...text, shadersText(kernels, shared)].join("\n"),
    ...Object.fromEntries(
      (shaders ? kernels : []).map((k) => [`${k.kernel.name}.wgsl`, `${head}\n\n${k.source}`]),
    ),
  };
}

/** Sizes and params that are never negative. */
function naturalNames({ layer, planConstants, forward, backward }: GpuProgram): ReadonlySet<string> {
  const natural = new Set([
    ...layer.sizes,
    ...layer.derived.map((d) => d.name),
    ...layer.params.filter((p) => p.positive).map((p) => p.name),
  ]);
  for (const { loops = [] } of [...forward.steps, ...backward.steps])
    for (const { index } of loops) natural.add(index);
  for (const c of planConstants)
    if (c.kind !== "value" || isNatural(c.value, { natural })) natural.add(c.name);
  return natural;
}

/** The exported function of the layer. */
function planFunction(program: GpuProgram, body: string): string {
  const { layer } = program;
  const prefix = typePrefix(layer.name);
  const { name, clashes } = moduleName(layer.name, moduleNames);
  const sizes = `sizes: ${prefix}Sizes${layer.sizes.length === 0 ? " = {}" : ""}`;
  return `/**
${layerDoc(layer)
  .map((line) => ` * ${line}`.trimEnd())
  .join("\n")}
 */
${clashes ? "" : "export "}async function ${name}(device: GPUDevice, ${sizes}): Promise<${prefix}Plan> {
${body}
}
${clashes ? `export { ${name} as ${layer.name} };` : ""}`;
}

/** The sources as they stand in the .wgsl files, under their formulas what else they compute. */
function shadersText(kernels: readonly SpelledKernel[], shared: ReadonlyMap<string, string>): string {
  const all = kernels.map(({ kernel }) => kernel);
  const texts = kernels.flatMap(({ kernel, source }) => {
    if (shared.has(kernel.name)) return [];
    const also = alsoComputed(all, (name) => shared.get(name), kernel.name)
      .flatMap(splitAtLineEnds)
      .map((line) => `// ${line}\n`);
    const told = also.length > 0 ? source.replace("\n\n", () => `\n${also.join("")}\n`) : source;
    return [`  ${kernel.name}: /* wgsl */ \`\n${escapeTemplate(told)}\`,`];
  });
  return `const shaders = {\n${texts.join("\n")}\n};\n`;
}
