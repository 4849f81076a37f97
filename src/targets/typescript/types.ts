/** The exported types of a generated file. */
import { commentLines, quote } from "../../notation/line-ends.js";
import type { Buffer, Program } from "../../kernels/program.js";
import type { Param } from "../../notation/layer.js";
import { languageText } from "../code/layer-language.js";
import { key, typePrefix } from "./names.js";
import { callerBuffers, gradientNeeds, savedNames } from "./tensors.js";

/** A type of these strings. */
export const union = (names: readonly string[]): string =>
  names.length === 0 ? "never" : names.map((name) => quote(name)).join(" | ");
/** Over arrays of a type that users choose, or over one. */
interface Over {
  /** What stands behind the name of a type where it is declared, and where it is used. */
  readonly parameter: string;
  readonly suffix: string;
  readonly array: string;
}
export const overAny: Over = {
  parameter: "<A extends Float32Array | Float64Array = Float32Array>",
  suffix: "<A>",
  array: "A",
};
export const overFloat32: Over = { parameter: "", suffix: "", array: "Float32Array" };

/** `x[N, C]`; a scalar stands without brackets. */
const tensorText = ({ name, shape }: Buffer): string =>
  shape.length === 0 ? name : `${name}[${shape.map(languageText).join(", ")}]`;
export function tensorDoc(buffer: Buffer, program: Pick<Program, "layer">): string {
  const declared = program.layer.tensors.find((t) => t.name === buffer.name)?.role;
  const role = buffer.role === "given" ? (declared ?? "input") : buffer.role;
  const bound = buffer.bound ? ` < ${languageText(buffer.bound)}` : "";
  return commentLines(`${role} ${tensorText(buffer)}${bound}`).join("\n");
}
const paramDoc = (param: Param): string =>
  `${param.positive ? "positive integer" : param.type}; default ${param.value}`;

/** The interface or the type of the sizes. */
export function sizesType({ layer }: Pick<Program, "layer">): string {
  const prefix = typePrefix(layer.name);
  const doc = `/** Sizes${layer.params.length > 0 ? " and params" : ""} of a plan. */`;
  const members = [
    ...layer.sizes.map((name) => `readonly ${key(name)}: number;`),
    ...layer.params.map((p) => `/** ${paramDoc(p)} */\nreadonly ${key(p.name)}?: number | undefined;`),
  ];
  return members.length === 0
    ? `${doc}\nexport type ${prefix}Sizes = Readonly<Record<string, never>>;`
    : `${doc}\nexport interface ${prefix}Sizes {\n${members.join("\n")}\n}`;
}

/** A member of an interface under its comment. */
const member = (text: string, doc: string): string => `/** ${doc} */\n${text};`;
const exported = (declaration: string, doc: string, members: readonly string[]): string =>
  `/** ${doc} */\nexport interface ${declaration} {\n${members.join("\n")}\n}`;

/** Sizes, tensors, their groups, and the plan. */
export function typesText(program: Program, over: Over = overAny): string {
  const { layer } = program;
  const { parameter, suffix: own } = over;
  const prefix = typePrefix(layer.name);
  const buffers = callerBuffers(program);
  const group = (suffix: string, doc: string, names: readonly string[]): string =>
    `/** ${doc} */\nexport type ${prefix}${suffix}${parameter} = Pick<${prefix}Tensors${own}, ${union(names)}>;`;
  const ofRole = (role: Buffer["role"]): readonly string[] =>
    buffers.filter((b) => b.role === role).map((b) => b.name);
  const tensors = buffers.map((b) =>
    member(
      `readonly ${key(b.name)}: ${b.type === "integer" ? "Int32Array" : over.array}`,
      tensorDoc(b, program),
    ),
  );
  const groups = [
    group("Inputs", "What the forward pass reads.", ofRole("given")),
    group("Outputs", "What the forward pass computes.", ofRole("output")),
    group("Saved", "What the forward pass hands to the backward pass.", savedNames(program)),
    group("Cotangents", "Derivatives of the loss with respect to the outputs.", ofRole("cotangent")),
    group("Gradients", "What the backward pass computes.", ofRole("gradient")),
  ];
  const declared = `${prefix}Tensors${parameter}`;
  return [
    sizesType(program),
    exported(declared, "Every tensor of the layer, row-major; a scalar has length 1.", tensors),
    groups.join("\n"),
    planInterface(program, prefix, over),
  ].join("\n\n");
}

function planInterface(program: Program, prefix: string, { parameter, suffix }: Over): string {
  const tensors = `${prefix}Tensors${suffix}`;
  const gradients = `${prefix}Gradients${suffix}`;
  // The tensors needed must be there, the others of the layer may be.
  const reading = (names: readonly string[]): string =>
    `inputs: Pick<${tensors}, ${union(names)}> & Partial<${tensors}>, outputs?: Partial<${tensors}>`;
  const needs = gradientNeeds(program);
  const everyNeed = [...new Set([...needs.values()].flat())];
  const forwardNeeds = [...new Set(Object.values(program.forward.needs).flat())];
  const options = `{ readonly only?: readonly G[] | undefined; readonly add?: readonly (keyof ${gradients})[] | undefined }`;
  return exported(
    `${prefix}Plan${parameter}`,
    `The kernels for given sizes${suffix === "" ? "" : ", over arrays of type A"}.`,
    [
      member(
        `readonly shapes: { readonly [T in keyof ${prefix}Tensors]: readonly number[] }`,
        "The extents of every tensor.",
      ),
      member(
        "readonly workspaceBytes: number",
        program.panels.length === 0
          ? "Bytes that the plan itself holds."
          : "Bytes that the plan works in; all plans of the layer share the panels among them.",
      ),
      member(
        `readonly inPlace: readonly (readonly [input: keyof ${prefix}Tensors, output: keyof ${prefix}Tensors])[]`,
        "The outputs that may be the very array of an input.",
      ),
      member(
        `forward(${reading(forwardNeeds)}): ${prefix}Outputs${suffix} & { readonly saved: ${prefix}Saved${suffix} }`,
        "The outputs, and what `backward` needs of them. Written into `outputs` where arrays are given.",
      ),
      member(
        `backward(${reading(everyNeed)}): ${gradients}`,
        "All gradients, or those that `only` names. Those that `add` names are added to what their arrays hold.",
      ),
      `backward<G extends keyof ${gradients}>(inputs: Partial<${tensors}>, outputs: Partial<${tensors}> | undefined, options: ${options}): Pick<${gradients}, G>;`,
      ...[...needs].map(
        ([name, reads]) => `${key(name)}(${reading(reads)}): Pick<${gradients}, ${quote(name)}>;`,
      ),
      member(
        `allocate(): ${tensors}`,
        suffix === ""
          ? "The array of every tensor, always the same ones, to be passed as inputs and outputs alike: they lie in the plan's memory, and are used in place."
          : "A new array for every tensor, to be passed as inputs and outputs alike.",
      ),
    ],
  );
}
