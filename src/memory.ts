/** Layers in memory: text in, derivation and kernels out, without a file being read or written. */
import { judgeClaims } from "./verdicts.js";
import { LayerError } from "./language/problem.js";
import { compileText, emit } from "./pipeline.js";
import { describe, type DescribeOptions } from "./targets/document/derivation.js";
import { toDocument, type DerivationDocument } from "./targets/document/json.js";
import { specHash } from "./targets/code/header.js";
import { loadPlan } from "./targets/typescript/load.js";
import { version } from "./version.js";

/** A tensor's elements, row-major: `Int32Array` for integer tensors, else of the plan's dtype. */
export type TensorArray = Float32Array | Float64Array | Int32Array;
export type Tensors = Readonly<Record<string, TensorArray>>;

/** The plan of CONTRACT's generated code, untyped: generated files have the layer's own types. */
export interface Plan {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly workspaceBytes: number;
  /** Outputs, and the saved tensors under `saved`. */
  forward(
    inputs: Tensors,
    outputs?: Tensors,
  ): Record<string, TensorArray> & { saved: Record<string, TensorArray> };
  /** Every gradient, or those named by `only`. */
  backward(
    inputs: Tensors,
    outputs?: Tensors,
    options?: { readonly only?: readonly string[] },
  ): Record<string, TensorArray>;
  /** One typed array a tensor: inputs, outputs, saved tensors and gradients. */
  allocate(): Record<string, TensorArray>;
  /** One method a gradient: `plan.dw(inputs)` gives `{ dw }`. */
  readonly [gradient: string]: unknown;
}
/** Makes a plan for sizes and params. Throws a RangeError or TypeError that names what is wrong with them. */
export type PlanFunction = (
  sizes: Readonly<Record<string, number>>,
  options?: { readonly dtype?: "f32" | "f64" },
) => Plan;

export interface LayerInMemory {
  readonly name: string;
  /** Formulas, gradients and steps, as `leibniz derive --format json` prints them. */
  derive(options?: Pick<DescribeOptions, "steps" | "wrt">): DerivationDocument;
  /** The plan functions of the layer and of its variants, by name. */
  compile(): Promise<Record<string, PlanFunction>>;
}

/**
 * @param text of a `.layer` file
 * @param file what messages call it; the layer's name is the file's name
 * @throws LayerError one error that lists all problems of the text
 */
export function parseLayer(text: string, file: string): LayerInMemory {
  const compiled = compileText(text, file);
  return {
    name: compiled.layer.name,
    derive: (options = {}) =>
      toDocument(
        describe(compiled.layer, compiled.derived, {
          ...options,
          claims: judgeClaims(compiled, { file, text }),
        }),
      ),
    compile: async () => {
      const spec = `${compiled.layer.name}.layer`;
      const folders = await emit(compiled, { spec, hash: specHash(text), version });
      const plans = await Promise.all(
        folders.map(
          async ({ name, files }) => [name, await loadPlan(files["index.ts"] ?? "", name)] as const,
        ),
      );
      return Object.fromEntries(plans) as Record<string, PlanFunction>;
    },
  };
}

/**
 * A layer as a tagged template: ``layer("linear")`…` ``.
 * @throws LayerError one error that lists all problems of the text
 */
export function layer(name: string): (strings: TemplateStringsArray, ...values: unknown[]) => LayerInMemory {
  return (strings, ...values) => {
    const text = String.raw(strings, ...values);
    const file = `${name}.layer`;
    if (/[/\\]/u.test(name)) {
      const problem = {
        code: "layer-name",
        message: `a layer's name is an identifier, not ${JSON.stringify(name)}`,
        span: { start: 0, end: 0 },
      };
      throw new LayerError([problem], { file, text });
    }
    return parseLayer(text, file);
  };
}
