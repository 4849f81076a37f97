/** Values of a layer as numbers of another arithmetic. */
import type { Layer } from "../notation/layer.js";

/**
 * Every real tensor of the values by `lift`; integers stay as they are.
 * @param values by the names of the layer's tensors, row-major
 */
export function lifted<V, T>(
  layer: Layer,
  values: Iterable<readonly [name: string, data: ArrayLike<V | number>]>,
  lift: (data: ArrayLike<V>, name: string) => ArrayLike<T>,
): Map<string, ArrayLike<T | number>> {
  const integers = new Set(layer.tensors.filter((t) => t.type === "integer").map((t) => t.name));
  return new Map(
    [...values].map(([name, data]) => [
      name,
      integers.has(name) ? (data as ArrayLike<number>) : lift(data as ArrayLike<V>, name),
    ]),
  );
}
