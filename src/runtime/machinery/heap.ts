/** What plans over arrays of the caller's have besides: the choice of their type, and new ones. */
import { newArray } from "./calls.js";
import { checkNames, kindOf, type Tensor } from "./plans.js";

declare const layerName: string;

/** Whether the options ask for Float64Array. */
export function isDouble(options: { readonly dtype?: unknown }): boolean {
  checkNames("option", options, new Set(["dtype"]));
  const { dtype = "f32" } = options;
  if (dtype !== "f32" && dtype !== "f64")
    throw new TypeError(
      `${layerName}: dtype must be "f32" or "f64", got ${typeof dtype === "string" ? JSON.stringify(dtype) : kindOf(dtype)}`,
    );
  return dtype === "f64";
}

export const arraysOf = (tensors: ReadonlyMap<string, Tensor>): object =>
  Object.fromEntries([...tensors.values()].map((t) => [t.name, newArray(t.Type, t.name, t.shape)]));
