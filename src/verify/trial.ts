/** One trial: sizes and values drawn, the layer and its gradients evaluated by the reference evaluator. */
import { isDifferentiated, type Layer } from "../notation/layer.js";
import { drawInputs } from "./draw.js";
import { compileLayer } from "./evaluate.js";
import { drawCotangents } from "./loss.js";
import { float64 } from "./numbers.js";
import type { Random } from "./random.js";

export type Sizes = Readonly<Record<string, number>>;
export type Values = ReadonlyMap<string, ArrayLike<number>>;

export interface Trial {
  readonly sizes: Sizes;
  /** Given tensors. */
  readonly inputs: Values;
  readonly cotangents: Values;
  /** All tensors of the layer. */
  readonly forward: Values;
  /** Gradients by the name of the tensor differentiated. */
  readonly gradients: Values;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The least distance to a kink. */
  readonly distance: number;
  /** Operations of one evaluation of the layer. */
  readonly operations: number;
}

/** Draws values for given sizes and evaluates the layer and its gradient layer. */
export function makeTrial(layer: Layer, gradientLayer: Layer, sizes: Sizes, random: Random): Trial {
  const { inputs, distance, operations } = drawInputs(layer, sizes, random);
  const cotangents = drawCotangents(layer, sizes, () => Math.fround(random.normal()));
  const evaluator = compileLayer(layer, sizes, float64);
  const forward = evaluator.run(inputs);
  const backward = compileLayer(gradientLayer, sizes, float64).run(new Map([...inputs, ...cotangents]));
  const gradients = new Map(
    layer.tensors.filter(isDifferentiated).map(({ name }) => [name, backward.get(`g_${name}`) ?? []]),
  );
  return { sizes, inputs, cotangents, forward, gradients, shapes: evaluator.shapes, distance, operations };
}
