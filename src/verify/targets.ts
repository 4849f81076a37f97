/** A trial's kernels against the reference evaluator. Every target is a row of one list. */
import { cotangentName, type Layer, type Tensor } from "../notation/layer.js";
import { rms, scaleOf, typicalSize, worstElement, type Disagreement } from "./compare.js";
import type { Trial, Values } from "./trial.js";

export type Dtype = "f32" | "f64";
type TypedArray = Float32Array | Float64Array | Int32Array;
type Arrays = Readonly<Record<string, TypedArray>>;
type Results = Readonly<Record<string, unknown>>;
/** A generated plan, as the check calls it. */
export interface KernelPlan {
  /** Also gives `saved`, unless the plan keeps these itself until `backward`. */
  forward(inputs: Arrays): Results | Promise<Results>;
  backward(
    inputs: Arrays,
    outputs?: Arrays,
    options?: { readonly only?: readonly string[] },
  ): Results | Promise<Results>;
  /** Lets go of what the plan holds. */
  close?(): void;
}
export interface Target {
  /** `ts`, `wasm`, … */
  readonly name: string;
  readonly dtypes: readonly Dtype[];
  readonly plan: (sizes: Readonly<Record<string, number>>, dtype: Dtype) => KernelPlan | Promise<KernelPlan>;
}
export interface KernelFinding extends Disagreement {
  readonly tensor: string;
  readonly comparison: "forward" | "gradient";
  readonly target: string;
  readonly dtype: Dtype;
}

/** Below this distance to a kink float32 may take another branch than float64, and is not compared. */
const clear = 1e-4;

export async function* judgeKernels(
  layer: Layer,
  trial: Trial,
  target: Target,
): AsyncGenerator<KernelFinding> {
  for (const dtype of target.dtypes) {
    if (dtype === "f32" && trial.distance < clear) continue;
    const plan = await target.plan(trial.sizes, dtype);
    try {
      yield* judgePlan(layer, trial, plan, target, dtype);
    } finally {
      plan.close?.();
    }
  }
}

async function* judgePlan(
  layer: Layer,
  trial: Trial,
  plan: KernelPlan,
  target: Target,
  dtype: Dtype,
): AsyncGenerator<KernelFinding> {
  const typed = (values: Values): Record<string, TypedArray> =>
    Object.fromEntries([...values].map(([name, data]) => [name, toTyped(data, typeOf(layer, name), dtype)]));
  const inputs = typed(trial.inputs);
  const { saved = {}, ...outputs } = await plan.forward(inputs);
  const results = layer.tensors.filter((t) => t.role === "output");
  const expected = new Map(results.map(({ name }) => [name, trial.forward.get(name) ?? []]));
  const where = { target: target.name, dtype };
  yield* compareAll(expected, (name) => outputs[name], sized(expected, trial.inputs), {
    ...where,
    comparison: "forward",
  });
  if (trial.gradients.size === 0) return;
  const given = { ...inputs, ...typed(trial.cotangents), ...(saved as object) };
  const size = sized(trial.gradients, trial.cotangents);
  const compare = (wanted: Values, got: Results): Generator<KernelFinding> =>
    compareAll(wanted, (name) => got[cotangentName(name)], size, { ...where, comparison: "gradient" });
  yield* compare(trial.gradients, await plan.backward(given));
  // each gradient alone takes another way through the plan, the same in every dtype
  if (dtype !== target.dtypes[0]) return;
  for (const [name, values] of trial.gradients) {
    const alone = await plan.backward(given, {}, { only: [cotangentName(name)] });
    yield* compare(new Map([[name, values]]), alone);
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
