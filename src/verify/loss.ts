/** The scalar loss of every check: L = Σ_z ⟨z, dz⟩ over the real outputs, with given cotangents dz. */
import { cotangentName, type Layer, type Tensor } from "../notation/layer.js";
import { environmentOf } from "./environment.js";

/** Real outputs: those that have a cotangent. */
export const realOutputs = (layer: Layer): readonly Tensor[] =>
  layer.tensors.filter((t) => t.role === "output" && t.type === "real");

/** A tensor `dz` for each real output `z` that does not declare one. */
export const cotangentTensors = (layer: Layer): readonly Tensor[] =>
  realOutputs(layer)
    .filter((t) => !layer.tensors.some((other) => other.name === cotangentName(t.name)))
    .map((t) => ({ name: cotangentName(t.name), role: "cotangent", type: "real", shape: t.shape }));

/** One value a cotangent element. */
export function drawCotangents<T>(
  layer: Layer,
  sizes: Readonly<Record<string, number>>,
  draw: () => T,
): Map<string, readonly T[]> {
  const { int } = environmentOf(layer, sizes);
  return new Map(
    realOutputs(layer).map(({ name, shape }) => {
      const length = shape.reduce((n, extent) => n * int(extent), 1);
      return [cotangentName(name), Array.from({ length }, draw)];
    }),
  );
}
