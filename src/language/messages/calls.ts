/** What is wrong with layers that call layers, and with whole tensors. */
import { near, text } from "./text.js";

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
const shapeOf = (extents: readonly string[]): string =>
  extents.length === 0 ? "a scalar" : `[${extents.join(", ")}]`;

export const calls = {
  // --- use lines
  noLayer: (name: string) =>
    text(
      `there is no layer ${name} to use`,
      `it is looked for as ${name}.layer beside this file, among the project's specs, and among the standard layers`,
    ),
  /** @param why what is wrong, at its place in the other file */
  layerUnusable: (name: string, why: string) => text(`${name} cannot be used: ${why}`),
  usesItself: (chain: readonly string[]) =>
    text(
      chain.length <= 2
        ? `${chain[0]} uses itself`
        : `${chain[0]} uses itself: ${chain.slice(0, -1).join(" uses ")} uses ${chain.at(-1)}`,
    ),
  usesTooDeep: () => text("layers use each other over 50 deep"),
  usedTwice: (name: string) => text(`${name} is used already`),
  usedFunction: (name: string) =>
    text(
      `${name} is a function of the language, and no layer of that name can be used`,
      `on whole tensors it acts element by element without a use line: y = ${name}(x)`,
    ),
  usedHelper: (name: string) =>
    text(`${name} is a function of this file, and no layer of that name can be used`, "rename the function"),

  // --- calls
  layerInFormula: (name: string) =>
    text(
      `the layer ${name} takes whole tensors and cannot stand inside a formula over indices`,
      `give the call a line of its own, without subscripts: h = ${name}(…)`,
    ),
  callMisplaced: (name: string) =>
    text(
      `the layer ${name} takes whole tensors and cannot be called here`,
      `give the call a line of its own: h = ${name}(…)`,
    ),
  onlyACall: () => text("several names on the left take the outputs of a layer: a, m = f(x)"),
  tooManyOutputs: (layer: string, outputs: readonly string[], given: number) =>
    text(
      `${layer} has ${outputs.length === 1 ? "one output" : `${outputs.length} outputs`}, ${listed(outputs)}, and ${given} names stand on the left`,
    ),
  outputTwice: (name: string) => text(`${name} cannot take two outputs of one call`),
  tooManyArguments: (layer: string, tensors: readonly string[], given: number) =>
    text(
      `${layer} takes ${tensors.length === 1 ? "one tensor" : `${tensors.length} tensors`}, ${listed(tensors)}, and ${given} are given`,
      "params and sizes are given by name",
    ),
  missingArguments: (layer: string, missing: readonly string[]) =>
    text(
      `${layer} also takes ${listed(missing)}`,
      `give ${missing.length === 1 ? "it" : "them"}: ${layer}(…, ${missing.map((m) => `${m} = …`).join(", ")})`,
    ),
  unknownArgument: (layer: string, name: string, meant: string | undefined) =>
    near(text(`${layer} has no tensor, param or size ${name}`), name, meant),
  derivedArgument: (layer: string, name: string) =>
    text(`${name} is computed by ${layer} from other sizes and cannot be given`),
  argumentTwice: (layer: string, name: string) => text(`${name} of ${layer} is given twice`),
  positionalAfterNamed: () =>
    text("an argument without a name cannot follow one that has a name", "give it by name, or before"),
  ambiguousHere: (name: string) =>
    text(
      `${name} is both a tensor and a value here: it is not clear which is meant`,
      "call one of them something else",
    ),
  ambiguousThere: (layer: string, name: string) =>
    text(`${name} is both a tensor and a size of ${layer}: it is not clear which is given`),
  subscriptedArgument: (name: string) =>
    text(
      `the arguments of a layer are whole tensors`,
      `write ${name} without its subscripts, or give a line of its own to what you mean`,
    ),
  gradientArgument: (name: string) =>
    text(`${name} belongs to the claims: a layer is called on what the layer itself computes`),
  realAsIndex: (layer: string, name: string, given: string) =>
    text(`${name} of ${layer} is an index tensor, and ${given} is real`),
  fewerAxes: (
    layer: string,
    name: string,
    declared: readonly string[],
    given: string,
    shape: readonly string[],
  ) =>
    text(`${name} of ${layer} is ${shapeOf(declared)}, and ${given} has fewer axes: it is ${shapeOf(shape)}`),
  frontsDiffer: (
    layer: string,
    first: string,
    front: readonly string[],
    other: string,
    others: readonly string[],
  ) =>
    text(
      `${layer} is mapped over the axes in front: ${first} has ${shapeOf(front)} there, and ${other} has ${shapeOf(others)}`,
      "all arguments that have axes in front have the same ones",
    ),
  sizeUnsolved: (layer: string, names: readonly string[]) =>
    text(
      `the shapes of the arguments do not tell ${listed(names)} of ${layer}`,
      `give ${names.length === 1 ? "it" : "them"} by name: ${names.map((n) => `${n} = …`).join(", ")}`,
    ),
  argumentShape: (
    layer: string,
    name: string,
    meant: readonly string[],
    given: string,
    shape: readonly string[],
  ) => text(`${name} of ${layer} is ${shapeOf(meant)} here, and ${given} is ${shapeOf(shape)}`),
  notAtLeastOne: (layer: string, name: string, value: string) =>
    text(`${name} of ${layer} must be at least 1, and is ${value} here`),
  neverHolds: (message: string) => text(`what is required never holds here: ${message}`),
  callsTooLarge: (layer: string, most: number) =>
    text(`with this call of ${layer} the layer comes to over ${most} statements`),

  // --- whole tensors
  shapesDiffer: (first: string, shape: readonly string[], other: string, others: readonly string[]) =>
    text(
      `between whole tensors shapes are equal: ${first} is ${shapeOf(shape)}, and ${other} is ${shapeOf(others)}`,
      "write it with indices: y[n, c] = …",
    ),
  resultShape: (name: string, declared: readonly string[], shape: readonly string[]) =>
    text(`${name} is declared ${shapeOf(declared)}, and what it is defined as is ${shapeOf(shape)}`),
};
