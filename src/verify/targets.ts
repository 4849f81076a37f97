/** A case's kernels against the reference evaluator. Every target is a row of one list. */
import { cotangentName, type Layer, type Tensor } from "../notation/layer.js";
import { worstElement, type Disagreement } from "./compare.js";
import type { Case } from "./expected.js";
import type { Values } from "./trial.js";
import type { Stated } from "../kernels/edges.js";

export type Dtype = "f32" | "f64";
type TypedArray = Float32Array | Float64Array | Int32Array;
type Arrays = Readonly<Record<string, TypedArray>>;
type Results = Readonly<Record<string, unknown>>;
/** A generated plan, as the check calls it. */
export interface KernelPlan {
  /** Also gives `saved`, unless the plan keeps these itself until `backward`. */
  forward(inputs: Arrays, outputs?: Arrays): Results | Promise<Results>;
  backward(
    inputs: Arrays,
    outputs?: Arrays,
    options?: { readonly only?: readonly string[]; readonly add?: readonly string[] },
  ): Results | Promise<Results>;
  /** Lets go of what the plan holds. */
  close?(): void;
}
export interface Target {
  /** `ts`, `wasm`, … */
  readonly name: string;
  readonly dtypes: readonly Dtype[];
  /** Whether its gradients can be added to what their arrays hold. */
  readonly adds?: boolean;
  /** Whether plans share arrays that their kernels pack into. */
  readonly shares?: boolean;
  /** What its program says of its kernels. */
  readonly stated?: Stated | undefined;
  /** The target's own check of the gradients at a point: what is wrong with them, nothing where they are right. */
  readonly gradientFault?: (
    sizes: Readonly<Record<string, number>>,
    inputs: Values,
  ) => Promise<string | undefined>;
  readonly plan: (sizes: Readonly<Record<string, number>>, dtype: Dtype) => KernelPlan | Promise<KernelPlan>;
}
export interface KernelFinding extends Disagreement {
  readonly tensor: string;
  readonly comparison: "forward" | "gradient";
  readonly target: string;
  readonly dtype: Dtype;
  readonly sizes: Case["sizes"];
  readonly shape: readonly number[];
}

/** A plan that has run for a case. */
interface Ran {
  readonly plan: KernelPlan;
  readonly known: Case;
  /** What the passes write into. */
  readonly places: Places;
}
/** Arrays that are overwritten, by pass. */
interface Places {
  readonly forward: Arrays;
  readonly backward: Arrays;
}

/**
 * Runs cases on a target, one after the other. Each plan runs first on nothing but NaN, so that whatever it keeps for itself
 * and does not overwrite is seen; and once more while the next case's plan, of other sizes, is under way.
 */
export class KernelJudge {
  private readonly layer: Layer;
  readonly target: Target;
  private readonly last = new Map<Dtype, Ran>();
  private turn = 0;

  constructor(layer: Layer, target: Target) {
    this.layer = layer;
    this.target = target;
  }

  /** @param thorough whether the plan before runs once more meanwhile, and each gradient is computed by itself as well, which is another way through the plan */
  async *judge(known: Case, thorough: boolean): AsyncGenerator<KernelFinding> {
    for (const dtype of this.target.dtypes) {
      if (!known.isClear(dtype)) continue;
      const plan = await this.target.plan(known.sizes, dtype);
      const last = this.last.get(dtype);
      this.last.delete(dtype);
      try {
        const places = await spoil(this.layer, known, plan, dtype);
        this.last.set(dtype, { plan, known, places });
        const { outputs, given } = await forward(this.layer, known, plan, dtype, places.forward);
        yield* this.compare(known, "forward", dtype, outputs);
        if (last && thorough) yield* this.repeat(last, dtype);
        if (known.gradients.size === 0) continue;
        const gradients = await plan.backward(given, places.backward);
        yield* this.compare(known, "gradient", dtype, gradients);
        if (this.target.shares) {
          // the NaN of the first run are gone from what plans share: a kernel that meets a NaN may sum again, and be right by that
          const again = await forward(this.layer, known, plan, dtype, places.forward);
          yield* this.compare(known, "forward", dtype, again.outputs);
        }
        if (!thorough) continue;
        if (this.target.adds)
          yield* this.compare(known, "gradient", dtype, await added(plan, given, gradients));
        if (dtype !== this.target.dtypes[0]) continue;
        for (const name of this.alone([...known.gradients.keys()])) {
          const only = [cotangentName(name)];
          yield* this.compare(known, "gradient", dtype, await plan.backward(given, {}, { only }), only);
        }
      } finally {
        last?.plan.close?.();
      }
    }
  }

  /** Some of many, others each time. */
  private alone(names: readonly string[]): readonly string[] {
    const parts = Math.ceil(names.length / mostAlone);
    const part = this.turn++ % parts;
    return names.filter((_, i) => i % parts === part);
  }

  /** Lets go of the plans that ran last. */
  close(): void {
    for (const { plan } of this.last.values()) plan.close?.();
    this.last.clear();
  }

  private async *repeat({ plan, known, places }: Ran, dtype: Dtype): ReturnType<KernelJudge["judge"]> {
    const { outputs, given } = await forward(this.layer, known, plan, dtype, places.forward);
    yield* this.compare(known, "forward", dtype, outputs);
    if (known.gradients.size > 0)
      yield* this.compare(known, "gradient", dtype, await plan.backward(given, places.backward));
  }

  private *compare(
    { sizes, outputs, gradients }: Case,
    comparison: KernelFinding["comparison"],
    dtype: Dtype,
    results: Results,
    only?: readonly string[],
  ): Generator<KernelFinding> {
    const expected = comparison === "forward" ? outputs : gradients;
    for (const [tensor, { values, scales, shape }] of expected) {
      const name = comparison === "forward" ? tensor : cotangentName(tensor);
      if (only && !only.includes(name)) continue;
      const got = results[name] as ArrayLike<number> | undefined;
      const where = { tensor, comparison, target: this.target.name, dtype, sizes, shape };
      yield { ...where, ...worstElement(got, values, scales[dtype]) };
    }
  }
}

/** Gradients of one case that are computed by themselves too, which takes a pass each. */
const mostAlone = 6;

/** Half of what two backward passes add to nothing: the gradients again, to the bit. */
async function added(plan: KernelPlan, given: Arrays, gradients: Results): Promise<Results> {
  const totals = Object.fromEntries(
    Object.entries(gradients as Arrays).map(([name, array]) => [name, array.slice().fill(0)]),
  );
  for (let pass = 0; pass < 2; pass++) await plan.backward(given, totals, { add: Object.keys(totals) });
  for (const array of Object.values(totals)) array.forEach((sum, i) => (array[i] = sum / 2));
  return totals;
}

/** The forward pass, and what the backward pass is given after it. */
async function forward(
  layer: Layer,
  { inputs, cotangents }: Pick<Case, "inputs" | "cotangents">,
  plan: KernelPlan,
  dtype: Dtype,
  places?: Arrays,
): Promise<{ outputs: Results; saved: Arrays; given: Arrays }> {
  const typed = (values: Values): Arrays =>
    Object.fromEntries([...values].map(([name, data]) => [name, toTyped(data, typeOf(layer, name), dtype)]));
  const own = typed(inputs);
  const { saved: kept = {}, ...outputs } = await plan.forward(own, places);
  const saved = kept as Arrays;
  return { outputs, saved, given: { ...own, ...typed(cotangents), ...saved } };
}

/** Both passes on nothing but NaN; index tensors keep their values. Gives what they wrote, as places to be overwritten. */
async function spoil(layer: Layer, known: Case, plan: KernelPlan, dtype: Dtype): Promise<Places> {
  const nothing = (values: Values): Values =>
    new Map(
      [...values].map(([name, data]) => [
        name,
        typeOf(layer, name) === "integer" ? data : new Float64Array(data.length).fill(NaN),
      ]),
    );
  const inputs = nothing(known.inputs);
  const cotangents = nothing(known.cotangents);
  const { outputs, saved, given } = await forward(layer, { inputs, cotangents }, plan, dtype);
  return {
    forward: unwritten({ ...(outputs as Arrays), ...saved }),
    backward: unwritten((await plan.backward(given)) as Arrays),
  };
}

/** The arrays with what no kernel may leave in them. */
function unwritten(arrays: Arrays): Arrays {
  for (const data of Object.values(arrays)) data.fill(data instanceof Int32Array ? -(2 ** 31) : NaN);
  return arrays;
}

const typeOf = (layer: Layer, name: string): Tensor["type"] =>
  layer.tensors.find((t) => t.name === name)?.type ?? "real";
function toTyped(data: ArrayLike<number>, type: Tensor["type"], dtype: Dtype): TypedArray {
  if (type === "integer") return Int32Array.from(data);
  return dtype === "f32" ? Float32Array.from(data) : Float64Array.from(data);
}
