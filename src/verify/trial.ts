/** One trial: sizes and values drawn, the layer and its gradients evaluated by the reference evaluator. */
import { isDifferentiated, type Layer } from "../notation/layer.js";
import { drawInputs } from "./draw.js";
import { compileLayer } from "./evaluate.js";
import { drawCotangents } from "./loss.js";
import { float64 } from "./numbers.js";
import { OutOfBounds } from "./out-of-bounds.js";
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
  /** Gradients by the name of the tensor differentiated; none where `fault` says why. */
  readonly gradients: Values;
  /** The read of the gradient layer that is out of bounds. */
  readonly fault?: string;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The least distance to a kink. */
  readonly distance: number;
  /** Operations of one evaluation of the layer. */
  readonly operations: number;
}

/** Draws values for given sizes and evaluates the layer and its gradient layer. Throws `OutOfBounds` where the layer itself reads so. */
export function makeTrial(layer: Layer, gradientLayer: Layer, sizes: Sizes, random: Random): Trial {
  const { inputs, distance, operations } = drawInputs(layer, sizes, random);
  const cotangents = drawCotangents(layer, sizes, () => Math.fround(random.normal()));
  const evaluator = compileLayer(layer, sizes, float64);
  const forward = evaluator.run(inputs);
  const drawn = { sizes, inputs, cotangents, forward, shapes: evaluator.shapes, distance, operations };
  try {
    const backward = compileLayer(gradientLayer, sizes, float64).run(new Map([...inputs, ...cotangents]));
    const differentiated = layer.tensors.filter(isDifferentiated);
    const gradients = new Map(differentiated.map(({ name }) => [name, backward.get(`g_${name}`) ?? []]));
    return { ...drawn, gradients };
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    return { ...drawn, gradients: new Map(), fault: error.message };
  }
}
