/** The exported types of a generated file. */
import type { Buffer, Program } from "../../kernels/program.js";
import type { Param } from "../../notation/layer.js";
import { languageText } from "./integers.js";
import { commentText } from "./layout.js";
import { key, typePrefix } from "./names.js";
import { callerBuffers, gradientNeeds, savedNames } from "./tensors.js";

const union = (names: readonly string[]): string =>
  names.length === 0 ? "never" : names.map((name) => JSON.stringify(name)).join(" | ");
const parameter = "A extends Float32Array | Float64Array = Float32Array";

/** `x[N, C]`; a scalar stands without brackets. */
const tensorText = ({ name, shape }: Buffer): string =>
  shape.length === 0 ? name : `${name}[${shape.map(languageText).join(", ")}]`;
function tensorDoc(buffer: Buffer, program: Program): string {
  const declared = program.layer.tensors.find((t) => t.name === buffer.name)?.role;
  const role = buffer.role === "given" ? (declared ?? "input") : buffer.role;
  const bound = buffer.bound ? ` < ${languageText(buffer.bound)}` : "";
  return `${role} ${tensorText(buffer)}${bound}`;
}
const paramDoc = (param: Param): string =>
  `${param.positive ? "positive integer" : param.type}; default ${param.value}`;

const documented = (comment: string, declaration: string): string =>
  `${commentText(comment)}\n${declaration}`;
const property = (name: string, type: string): string => `readonly ${name}: ${type};`;
const interfaceText = (comment: string, name: string, members: readonly string[]): string =>
  documented(comment, `export interface ${name} {\n${members.join("\n")}\n}`);

/** Sizes, tensors, their groups, and the plan; not laid out yet. */
export function typesText(program: Program): string {
  const { layer } = program;
  const prefix = typePrefix(layer.name);
  const buffers = callerBuffers(program);
  const group = (suffix: string, comment: string, names: readonly string[]): string =>
    documented(
      comment,
      `export type ${prefix}${suffix}<${parameter}> = Pick<${prefix}Tensors<A>, ${union(names)}>;`,
    );
  const ofRole = (role: Buffer["role"]): readonly string[] =>
    buffers.filter((b) => b.role === role).map((b) => b.name);
  const tensors = buffers.map((b) =>
    documented(tensorDoc(b, program), property(key(b.name), b.type === "integer" ? "Int32Array" : "A")),
  );
  const groups = [
    group("Inputs", "What the forward pass reads.", ofRole("given")),
    group("Outputs", "What the forward pass computes.", ofRole("output")),
    group("Saved", "What the forward pass hands to the backward pass.", savedNames(program)),
    group("Cotangents", "Derivatives of the loss with respect to the outputs.", ofRole("cotangent")),
    group("Gradients", "What the backward pass computes.", ofRole("gradient")),
  ];
  const tensorsDoc = "Every tensor of the layer, row-major; a scalar has length 1.";
  return [
    sizesText(program, prefix),
    interfaceText(tensorsDoc, `${prefix}Tensors<${parameter}>`, tensors),
    groups.join("\n"),
    planText(program, prefix),
  ].join("\n\n");
}

function sizesText({ layer }: Program, prefix: string): string {
  const sizes = [
    ...layer.sizes.map((name) => property(key(name), "number")),
    ...layer.params.map((p) => documented(paramDoc(p), property(`${key(p.name)}?`, "number | undefined"))),
  ];
  const comment = `Sizes${layer.params.length > 0 ? " and params" : ""} of a plan.`;
  return sizes.length === 0
    ? documented(comment, `export type ${prefix}Sizes = Readonly<Record<string, never>>;`)
    : interfaceText(comment, `${prefix}Sizes`, sizes);
}

function planText(program: Program, prefix: string): string {
  const tensors = `${prefix}Tensors<A>`;
  const gradients = `${prefix}Gradients<A>`;
  // The tensors needed must be there, the others of the layer may be.
  const taking = (names: readonly string[]): string =>
    `(inputs: Pick<${tensors}, ${union(names)}> & Partial<${tensors}>, outputs?: Partial<${tensors}>)`;
  const needs = gradientNeeds(program);
  const everyNeed = [...new Set([...needs.values()].flat())];
  const forwardNeeds = [...new Set(Object.values(program.forward.needs).flat())];
  const chosen = [
    `inputs: Partial<${tensors}>`,
    `outputs: Partial<${tensors}> | undefined`,
    "options: { readonly only?: readonly G[] | undefined }",
  ];
  return interfaceText("The kernels for given sizes, over arrays of type A.", `${prefix}Plan<${parameter}>`, [
    documented(
      "The extents of every tensor.",
      property("shapes", `{ readonly [T in keyof ${prefix}Tensors]: readonly number[] }`),
    ),
    documented("Bytes that the plan itself holds.", property("workspaceBytes", "number")),
    documented(
      "The outputs, and what `backward` needs of them. Written into `outputs` where arrays are given.",
      `forward${taking(forwardNeeds)}: ${prefix}Outputs<A> & { readonly saved: ${prefix}Saved<A> };`,
    ),
    documented("All gradients, or those that `only` names.", `backward${taking(everyNeed)}: ${gradients};`),
    `backward<G extends keyof ${gradients}>(${chosen.join(", ")}): Pick<${gradients}, G>;`,
    ...[...needs].map(
      ([name, reads]) => `${key(name)}${taking(reads)}: Pick<${gradients}, ${JSON.stringify(name)}>;`,
    ),
    documented(
      "A new array for every tensor, to be passed as inputs and outputs alike.",
      `allocate(): ${tensors};`,
    ),
  ]);
}
