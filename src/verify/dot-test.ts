/**
 * ⟨J·v, u⟩ = ⟨v, Jᵀ·u⟩: the directional derivative by forward mode against the derived gradient. Both sides are
 * evaluated by the same evaluator and share no differentiation: one carries dual numbers through the layer, the
 * other evaluates the gradient layer. Over a prime field the equality is exact.
 */
import { cotangentName, type Layer } from "../notation/layer.js";
import { dual, type Dual } from "./dual.js";
import { compileLayer } from "./evaluate.js";
import { lifted } from "./lift.js";
import { realOutputs } from "./loss.js";
import type { Arithmetic } from "./numbers.js";

type Values<T> = ReadonlyMap<string, ArrayLike<T | number>>;

/**
 * ⟨J·v, u⟩ = Σ_z ⟨ż, dz⟩ for a direction v in one tensor, as its terms (to be summed by the caller, who may want
 * their size too). Set up once for given sizes; `given` as for the evaluator, `stops` as for dual numbers.
 */
export function forwardMode<T>(
  layer: Layer,
  sizes: Readonly<Record<string, number>>,
  arithmetic: Arithmetic<T>,
  { given = [], stops = false }: { readonly given?: Iterable<string>; readonly stops?: boolean } = {},
): (values: Values<T>, cotangents: Values<T>, tensor: string, direction: readonly T[]) => readonly T[] {
  const evaluator = compileLayer(layer, sizes, dual(arithmetic, stops), { given });
  const [zero, isZero] = [arithmetic.rational(0), arithmetic.compare("==")];
  return (values, cotangents, tensor, direction) => {
    const moving = lifted(layer, values, (data: ArrayLike<T>, name) =>
      Array.from(data, (value, i): Dual<T> => {
        const along = name === tensor ? direction[i] : undefined;
        const fixed = along === undefined || isZero(along, zero);
        return { value, tangent: along ?? zero, fixed };
      }),
    );
    const result = evaluator.run(moving);
    return realOutputs(layer).flatMap(({ name }) => {
      const outputs = result.get(name) as ArrayLike<Dual<T>>;
      const weights = cotangents.get(cotangentName(name)) as ArrayLike<T>;
      return Array.from(outputs, ({ tangent }, i) => arithmetic.multiply(tangent, weights[i] ?? zero));
    });
  };
}

/** |⟨J·v, u⟩ - ⟨v, Jᵀ·u⟩| relative to the size of the terms of both and of a gradient of the given scale. */
export function dotError(
  forward: readonly number[],
  direction: readonly number[],
  gradient: ArrayLike<number>,
  scale: number,
): { readonly left: number; readonly right: number; readonly error: number } {
  const right = direction.map((v, i) => v * (gradient[i] ?? NaN));
  const [a, b] = [sum(forward), sum(right)];
  const size = sum(forward.map(Math.abs)) + sum(right.map(Math.abs)) + scale * sum(direction.map(Math.abs));
  return { left: a, right: b, error: a === b ? 0 : Math.abs(a - b) / size };
}
const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);
