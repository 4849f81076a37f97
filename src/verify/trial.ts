/** One trial: sizes and values drawn, the layer and its gradients evaluated by the reference evaluator. */
import { isDifferentiated, type Layer } from "../notation/layer.js";
import { drawInputs, varied, type Kind } from "./draw.js";
import { compileLayer } from "./evaluate.js";
import { drawCotangents, realOutputs } from "./loss.js";
import { float64 } from "./numbers.js";
import { NoValue } from "./out-of-bounds.js";
import type { Random } from "./random.js";
import type { SingularElements } from "./singular.js";

export type Sizes = Readonly<Record<string, number>>;
export type Values = ReadonlyMap<string, ArrayLike<number>>;

export interface Trial {
  readonly sizes: Sizes;
  readonly kind: Kind;
  /** Given tensors. */
  readonly inputs: Values;
  readonly cotangents: Values;
  /** All tensors of the layer. */
  readonly forward: Values;
  /** Gradients by the name of the tensor differentiated; none where `fault` says why. */
  readonly gradients: Values;
  /** The read of the gradient layer that is out of bounds. */
  readonly fault?: string;
  /** Where gradients are not finite, as the layer says. */
  readonly singular?: SingularElements;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The least distance to a kink. */
  readonly distance: number;
  /** Operations of one evaluation of the layer. */
  readonly operations: number;
}

/**
 * Draws values for given sizes and evaluates the layer and its gradient layer. Throws `NoValue` where the layer
 * itself reads so. `kind` is what kind of values are drawn.
 */
export function makeTrial(
  layer: Layer,
  gradientLayer: Layer,
  sizes: Sizes,
  random: Random,
  kind: Kind = "plain",
): Trial {
  const { distance, operations, ...drawn } = drawInputs(layer, sizes, random);
  const inputs = varied(layer, sizes, drawn.inputs, kind, random);
  const cotangent = kind === "whole" ? () => 1 + random.integer(5) : () => Math.fround(random.normal());
  const cotangents = drawCotangents(layer, sizes, cotangent);
  return evaluateTrial(layer, gradientLayer, { sizes, kind, inputs, cotangents, distance, operations });
}

/** Evaluates the layer and its gradient layer for given values. Throws `NoValue` where the layer itself reads so. */
export function evaluateTrial(
  layer: Layer,
  gradientLayer: Layer,
  given: Pick<Trial, "sizes" | "kind" | "inputs" | "cotangents" | "distance" | "operations">,
): Trial {
  const { sizes, inputs, cotangents } = given;
  const evaluator = compileLayer(layer, sizes, float64);
  const forward = evaluator.run(inputs);
  const known = { ...given, forward, shapes: evaluator.shapes };
  try {
    const backward = compileLayer(gradientLayer, sizes, float64).run(new Map([...inputs, ...cotangents]));
    const differentiated = layer.tensors.filter(isDifferentiated);
    const gradients = new Map(differentiated.map(({ name }) => [name, backward.get(`g_${name}`) ?? []]));
    return { ...known, gradients };
  } catch (error) {
    if (!(error instanceof NoValue)) throw error;
    return { ...known, gradients: new Map(), fault: error.message };
  }
}

/** Whether all real outputs are finite: elsewhere the layer has no derivative. */
export const isFinite = (layer: Layer, { forward }: Trial): boolean =>
  realOutputs(layer).every(({ name }) => Array.from(forward.get(name) ?? []).every(Number.isFinite));
