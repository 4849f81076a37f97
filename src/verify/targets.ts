/** A trial's kernels against the reference evaluator. Every target is a row of one list. */
import { cotangentName, type Layer, type Tensor } from "../notation/layer.js";
import { rms, scaleOf, typicalSize, worstElement, type Disagreement } from "./compare.js";
import type { Trial, Values } from "./trial.js";

export type Dtype = "f32" | "f64";
type TypedArray = Float32Array | Float64Array | Int32Array;
/** The part of a generated plan that the check uses. `forward` also returns `saved`. */
export interface KernelPlan {
  forward(inputs: Readonly<Record<string, TypedArray>>): Readonly<Record<string, unknown>>;
  backward(
    inputs: Readonly<Record<string, TypedArray>>,
    outputs?: Readonly<Record<string, TypedArray>>,
    options?: { readonly only?: readonly string[] },
  ): Readonly<Record<string, unknown>>;
}
export interface Target {
  /** `ts`, `wasm`, … */
  readonly name: string;
  readonly dtypes: readonly Dtype[];
  readonly plan: (sizes: Readonly<Record<string, number>>, dtype: Dtype) => KernelPlan;
}
export interface KernelFinding extends Disagreement {
  readonly tensor: string;
  readonly comparison: "forward" | "gradient";
  readonly target: string;
  readonly dtype: Dtype;
}

/** Below this distance to a kink float32 may take another branch than float64, and is not compared. */
const clear = 1e-4;

export function* judgeKernels(layer: Layer, trial: Trial, target: Target): Generator<KernelFinding> {
  for (const dtype of target.dtypes) {
    if (dtype === "f32" && trial.distance < clear) continue;
    const plan = target.plan(trial.sizes, dtype);
    const typed = (values: Values): Record<string, TypedArray> =>
      Object.fromEntries(
        [...values].map(([name, data]) => [name, toTyped(data, typeOf(layer, name), dtype)]),
      );
    const inputs = typed(trial.inputs);
    const { saved = {}, ...outputs } = plan.forward(inputs);
    const results = layer.tensors.filter((t) => t.role === "output");
    const expected = new Map(results.map(({ name }) => [name, trial.forward.get(name) ?? []]));
    const size = sized(expected, trial.inputs);
    const where = { target: target.name, dtype };
    yield* compareAll(expected, (name) => outputs[name], size, { ...where, comparison: "forward" });
    if (trial.gradients.size === 0) continue;
    const given = { ...inputs, ...typed(trial.cotangents), ...(saved as object) };
    const gradients = plan.backward(given);
    const typical = sized(trial.gradients, trial.cotangents);
    yield* compareAll(trial.gradients, (name) => gradients[cotangentName(name)], typical, {
      ...where,
      comparison: "gradient",
    });
    if (dtype === "f32") continue;
    // each gradient alone takes another way through the plan
    const alone = (name: string): unknown =>
      plan.backward(given, {}, { only: [cotangentName(name)] })[cotangentName(name)];
    yield* compareAll(trial.gradients, alone, typical, { ...where, comparison: "gradient" });
  }
}

/** float32 cancels at the size of the layer's largest tensors, and no result is more exact than a hundredth of its origins. */
interface Sized {
  readonly typical: number;
  readonly least: number;
}
const sized = (results: Values, origins: Values): Sized => ({
  typical: typicalSize(results.values(), origins.values()),
  least: Math.max(0, ...[...origins.values()].map(rms)) / 100,
});

function* compareAll(
  expected: Values,
  result: (tensor: string) => unknown,
  { typical, least }: Sized,
  where: Pick<KernelFinding, "comparison" | "target" | "dtype">,
): Generator<KernelFinding> {
  for (const [tensor, values] of expected) {
    const scale = where.dtype === "f32" ? Math.max(typical, least) : scaleOf(values, typical);
    const got = result(tensor) as ArrayLike<number> | undefined;
    yield { tensor, ...where, ...worstElement(got, values, scale) };
  }
}

const typeOf = (layer: Layer, name: string): Tensor["type"] =>
  layer.tensors.find((t) => t.name === name)?.type ?? "real";
function toTyped(data: ArrayLike<number>, type: Tensor["type"], dtype: Dtype): TypedArray {
  if (type === "integer") return Int32Array.from(data);
  return dtype === "f32" ? Float32Array.from(data) : Float64Array.from(data);
}
