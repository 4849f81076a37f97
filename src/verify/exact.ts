/** The dot test without rounding: layers that only add, multiply and divide, in arithmetic modulo a prime. */
import { isDifferentiated, isGiven, type Layer } from "../notation/layer.js";
import { forwardMode } from "./dot-test.js";
import { environmentOf } from "./environment.js";
import { compileLayer } from "./evaluate.js";
import { drawCotangents } from "./loss.js";
import { NotRational } from "./numbers.js";
import { modulus, NoInverse, primeField } from "./prime.js";
import type { Random } from "./random.js";

/**
 * For each differentiated tensor whether its gradient equals forward mode exactly at one random point. A wrong
 * gradient passes with probability below degree/2³¹. Undefined where the layer is not rational.
 */
export function exactGradients(
  layer: Layer,
  gradientLayer: Layer,
  sizes: Readonly<Record<string, number>>,
  random: Random,
): ReadonlyMap<string, boolean> | undefined {
  const element = (): number => random.integer(modulus);
  const { int } = environmentOf(layer, sizes);
  const lengthOf = (shape: Layer["tensors"][number]["shape"]): number =>
    shape.reduce((n, extent) => n * int(extent), 1);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const forward = forwardMode(layer, sizes, primeField);
      const backward = compileLayer(gradientLayer, sizes, primeField);
      const values = new Map(
        layer.tensors.filter(isGiven).map(({ name, shape, bound }) => {
          const draw = bound ? () => random.integer(int(bound)) : element;
          return [name, Array.from({ length: lengthOf(shape) }, draw)];
        }),
      );
      const cotangents = drawCotangents(layer, sizes, element);
      const gradients = backward.run(new Map([...values, ...cotangents]));
      return new Map(
        layer.tensors.filter(isDifferentiated).map(({ name, shape }) => {
          const direction = Array.from({ length: lengthOf(shape) }, element);
          const left = forward(values, cotangents, name, direction).reduce(primeField.add, 0);
          const gradient = gradients.get(`g_${name}`) ?? [];
          const right = direction.reduce(
            (sum, v, i) => primeField.add(sum, primeField.multiply(v, gradient[i] ?? 0)),
            0,
          );
          return [name, left === right];
        }),
      );
    } catch (error) {
      if (error instanceof NotRational) return undefined;
      if (!(error instanceof NoInverse)) throw error;
    }
  }
  return undefined;
}
