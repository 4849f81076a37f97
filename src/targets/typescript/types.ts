/** The exported types of a generated file. */
import { commentLines, quote } from "../../notation/line-ends.js";
import {
  StructureKind,
  type InterfaceDeclarationStructure,
  type OptionalKind,
  type PropertySignatureStructure,
  type TypeAliasDeclarationStructure,
} from "ts-morph";
import type { Buffer, Program } from "../../kernels/program.js";
import type { Param } from "../../notation/layer.js";
import { languageText } from "../code/layer-language.js";
import { key, typePrefix } from "./names.js";
import { callerBuffers, gradientNeeds, savedNames } from "./tensors.js";

/** A type of these strings. */
export const union = (names: readonly string[]): string =>
  names.length === 0 ? "never" : names.map((name) => quote(name)).join(" | ");
const parameter = "A extends Float32Array | Float64Array = Float32Array";
/** Over arrays of a type that users choose, or over one. */
interface Over {
  readonly typeParameters: string[];
  /** What stands behind a type's name. */
  readonly suffix: string;
  readonly array: string;
}
export const overAny: Over = { typeParameters: [parameter], suffix: "<A>", array: "A" };
export const overFloat32: Over = { typeParameters: [], suffix: "", array: "Float32Array" };

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

const property = (name: string, type: string, doc?: string): OptionalKind<PropertySignatureStructure> => ({
  name: key(name),
  type,
  isReadonly: true,
  ...(doc === undefined ? {} : { docs: [doc] }),
});

/** The sizes as text: what targets other than this one declare. */
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

/** Sizes, tensors, their groups, and the plan. */
export function typeStructures(
  program: Program,
  over: Over = overAny,
): readonly (InterfaceDeclarationStructure | TypeAliasDeclarationStructure)[] {
  const { layer } = program;
  const { typeParameters } = over;
  const prefix = typePrefix(layer.name);
  const buffers = callerBuffers(program);
  const group = (suffix: string, doc: string, names: readonly string[]): TypeAliasDeclarationStructure => ({
    kind: StructureKind.TypeAlias,
    name: prefix + suffix,
    isExported: true,
    typeParameters,
    type: `Pick<${prefix}Tensors${over.suffix}, ${union(names)}>`,
    docs: [doc],
  });
  const ofRole = (role: Buffer["role"]): readonly string[] =>
    buffers.filter((b) => b.role === role).map((b) => b.name);
  const sizes = [
    ...layer.sizes.map((name) => property(name, "number")),
    ...layer.params.map((p) => ({
      ...property(p.name, "number | undefined", paramDoc(p)),
      hasQuestionToken: true,
    })),
  ];
  const sizesDoc = `Sizes${layer.params.length > 0 ? " and params" : ""} of a plan.`;
  return [
    sizes.length === 0
      ? {
          kind: StructureKind.TypeAlias,
          name: `${prefix}Sizes`,
          isExported: true,
          type: "Readonly<Record<string, never>>",
          docs: [sizesDoc],
        }
      : {
          kind: StructureKind.Interface,
          name: `${prefix}Sizes`,
          isExported: true,
          properties: sizes,
          docs: [sizesDoc],
        },
    {
      kind: StructureKind.Interface,
      name: `${prefix}Tensors`,
      isExported: true,
      typeParameters,
      properties: buffers.map((b) =>
        property(b.name, b.type === "integer" ? "Int32Array" : over.array, tensorDoc(b, program)),
      ),
      docs: ["Every tensor of the layer, row-major; a scalar has length 1."],
    },
    group("Inputs", "What the forward pass reads.", ofRole("given")),
    group("Outputs", "What the forward pass computes.", ofRole("output")),
    group("Saved", "What the forward pass hands to the backward pass.", savedNames(program)),
    group("Cotangents", "Derivatives of the loss with respect to the outputs.", ofRole("cotangent")),
    group("Gradients", "What the backward pass computes.", ofRole("gradient")),
    planInterface(program, prefix, over),
  ];
}

function planInterface(
  program: Program,
  prefix: string,
  { typeParameters, suffix }: Over,
): InterfaceDeclarationStructure {
  const tensors = `${prefix}Tensors${suffix}`;
  const gradients = `${prefix}Gradients${suffix}`;
  const some = { name: "outputs", type: `Partial<${tensors}>`, hasQuestionToken: true };
  // The tensors needed must be there, the others of the layer may be.
  const reading = (names: readonly string[]): string =>
    `Pick<${tensors}, ${union(names)}> & Partial<${tensors}>`;
  const needs = gradientNeeds(program);
  const everyNeed = [...new Set([...needs.values()].flat())];
  const forwardNeeds = [...new Set(Object.values(program.forward.needs).flat())];
  return {
    kind: StructureKind.Interface,
    name: `${prefix}Plan`,
    isExported: true,
    typeParameters,
    docs: [`The kernels for given sizes${suffix === "" ? "" : ", over arrays of type A"}.`],
    properties: [
      {
        name: "shapes",
        isReadonly: true,
        type: `{ readonly [T in keyof ${prefix}Tensors]: readonly number[] }`,
        docs: ["The extents of every tensor."],
      },
      {
        name: "workspaceBytes",
        isReadonly: true,
        type: "number",
        docs: [
          program.panels.length === 0
            ? "Bytes that the plan itself holds."
            : "Bytes that the plan works in; all plans of the layer share the panels among them.",
        ],
      },
      {
        name: "inPlace",
        isReadonly: true,
        type: `readonly (readonly [input: keyof ${prefix}Tensors, output: keyof ${prefix}Tensors])[]`,
        docs: ["The outputs that may be the very array of an input."],
      },
    ],
    methods: [
      {
        name: "forward",
        parameters: [{ name: "inputs", type: reading(forwardNeeds) }, some],
        returnType: `${prefix}Outputs${suffix} & { readonly saved: ${prefix}Saved${suffix} }`,
        docs: [
          "The outputs, and what `backward` needs of them. Written into `outputs` where arrays are given.",
        ],
      },
      {
        name: "backward",
        parameters: [{ name: "inputs", type: reading(everyNeed) }, some],
        returnType: gradients,
        docs: [
          "All gradients, or those that `only` names. Those that `add` names are added to what their arrays hold.",
        ],
      },
      {
        name: "backward",
        typeParameters: [`G extends keyof ${gradients}`],
        parameters: [
          { name: "inputs", type: `Partial<${tensors}>` },
          { name: "outputs", type: `Partial<${tensors}> | undefined` },
          {
            name: "options",
            type: `{ readonly only?: readonly G[] | undefined; readonly add?: readonly (keyof ${gradients})[] | undefined }`,
          },
        ],
        returnType: `Pick<${gradients}, G>`,
      },
      ...[...needs].map(([name, reads]) => ({
        name: key(name),
        parameters: [{ name: "inputs", type: reading(reads) }, some],
        returnType: `Pick<${gradients}, ${quote(name)}>`,
      })),
      {
        name: "allocate",
        returnType: tensors,
        docs: [
          suffix === ""
            ? "The array of every tensor, always the same ones, to be passed as inputs and outputs alike: they lie in the plan's memory, and are used in place."
            : "A new array for every tensor, to be passed as inputs and outputs alike.",
        ],
      },
    ],
  };
}
