/** Points at which training starts or data often lies: where a gradient is not finite there though the outputs are, users want to know. */
import { isDifferentiated, isGiven, type Layer } from "../notation/layer.js";
import { environmentOf } from "./environment.js";
import { compileLayer } from "./evaluate.js";
import { drawCotangents, realOutputs } from "./loss.js";
import { float64 } from "./numbers.js";
import { NoValue } from "./out-of-bounds.js";
import type { Random } from "./random.js";
import { smallSizes } from "./sizes.js";
import type { Values } from "./trial.js";

/** All tensors are 0, all are 1. */
const points = [0, 1] as const;
export type StandardPoint = (typeof points)[number];

/** The first such point by the tensor differentiated, at small sizes and the params' defaults. */
export function singularPoints(
  layer: Layer,
  gradientLayer: Layer,
  random: Random,
): ReadonlyMap<string, StandardPoint> {
  const defaults = Object.fromEntries(layer.params.map(({ name, value }) => [name, value]));
  const sizes = smallSizes(layer, random, undefined, defaults);
  const found = new Map<string, StandardPoint>();
  if (!sizes) return found;
  const { int } = environmentOf(layer, sizes);
  const isFinite = (values: Values, name: string): boolean =>
    Array.from(values.get(name) ?? []).every(Number.isFinite);
  for (const point of points) {
    const given = layer.tensors.filter(isGiven).map((t) => {
      const length = t.shape.reduce((n, extent) => n * int(extent), 1);
      return [t.name, Array.from({ length }, () => (t.type === "integer" ? 0 : point))] as const;
    });
    const inputs: Values = new Map(given);
    try {
      const forward = compileLayer(layer, sizes, float64).run(inputs);
      if (!realOutputs(layer).every(({ name }) => isFinite(forward, name))) continue;
      const cotangents = drawCotangents(layer, sizes, () => 1);
      const backward = compileLayer(gradientLayer, sizes, float64).run(new Map([...inputs, ...cotangents]));
      for (const { name } of layer.tensors.filter(isDifferentiated))
        if (!found.has(name) && !isFinite(backward, `g_${name}`)) found.set(name, point);
    } catch (error) {
      // a read that misses its tensor is told elsewhere
      if (!(error instanceof NoValue)) throw error;
    }
  }
  return found;
}
