/** What kernels should give for some inputs: outputs and gradients, and by what each element's error is measured. */
import { isDifferentiated, type Layer } from "../notation/layer.js";
import { compileLayer } from "./evaluate.js";
import type { Measured } from "./measured.js";
import { measure, measuredFrom } from "./measured.js";
import { NoValue } from "./out-of-bounds.js";
import type { Dtype } from "./targets.js";
import type { Sizes, Values } from "./trial.js";

export interface Expected {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  /** By element; NaN where the formula itself gives nothing to compare with in that type. */
  readonly scales: Readonly<Record<Dtype, ArrayLike<number>>>;
}
/** One case for kernels. */
export interface Case {
  readonly sizes: Sizes;
  readonly inputs: Values;
  readonly cotangents: Values;
  readonly outputs: ReadonlyMap<string, Expected>;
  /** By the name of the tensor differentiated; none where a read of the gradient layer is out of bounds. */
  readonly gradients: ReadonlyMap<string, Expected>;
  /** Whether no branch is so near that rounding in that type may take the other one. */
  readonly isClear: (dtype: Dtype) => boolean;
}

/** The relative gap below which numbers that a branch compares may come out the other way round. */
const clear = { f32: 2 ** -17, f64: 2 ** -42 } as const;
/** Beyond it a type has no numbers. */
const mostOf = { f32: 2 ** 127, f64: 2 ** 1023 } as const;
/** The part of its terms by which float32 may miss the formula as it is written, and still be asked for it. */
const wellConditioned = 2 ** -16;

/**
 * @param special values chosen to be awkward: what is not finite is not compared, and ties count as near
 * @throws NoValue where the layer itself reads so
 */
export function expectedOf(
  layer: Layer,
  gradientLayer: Layer,
  { sizes, inputs, cotangents }: Pick<Case, "sizes" | "inputs" | "cotangents">,
  special: boolean,
): Case {
  const { arithmetic, nearest } = measure(special);
  const given = measuredFrom([...inputs, ...cotangents], layer, arithmetic);
  const evaluator = compileLayer(layer, sizes, arithmetic);
  const forward = evaluator.run(given);
  const expect = (name: string, data: ArrayLike<Measured | number> = []): Expected => ({
    shape: evaluator.shapes.get(name) ?? [],
    ...expected(data, special),
  });
  const results = layer.tensors.filter((t) => t.role === "output").map(({ name }) => name);
  const outputs = new Map(results.map((name) => [name, expect(name, forward.get(name))]));
  const gradients = new Map<string, Expected>();
  try {
    const backward = compileLayer(gradientLayer, sizes, arithmetic).run(given);
    for (const { name } of layer.tensors.filter(isDifferentiated))
      gradients.set(name, expect(name, backward.get(`g_${name}`)));
  } catch (error) {
    if (!(error instanceof NoValue)) throw error;
  }
  const gap = nearest();
  return { sizes, inputs, cotangents, outputs, gradients, isClear: (dtype) => gap > clear[dtype] };
}

function expected(data: ArrayLike<Measured | number>, special: boolean): Omit<Expected, "shape"> {
  const all: readonly (Measured | number)[] = Array.from(data);
  const values = all.map((e) => (typeof e === "number" ? e : e.value));
  const scales = { f32: new Float64Array(all.length), f64: new Float64Array(all.length) };
  all.forEach((e, i) => {
    if (typeof e === "number") return;
    const comparable = !special || Number.isFinite(e.value);
    scales.f64[i] = comparable && e.widest < mostOf.f64 ? e.terms : NaN;
    const off = e.single === e.value ? 0 : Math.abs(e.single - e.value);
    const scale = e.terms + leastOfSingle;
    const isInRange = e.widest < mostOf.f32 && off <= wellConditioned * scale;
    scales.f32[i] = comparable && isInRange ? scale : NaN;
  });
  return { values, scales };
}
/** Far below it float32 has few digits, and a device may take them for 0. */
const leastOfSingle = 2 ** -100;
