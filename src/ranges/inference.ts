/** The state of range inference. */
import type { Problem } from "../language/problem.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Role, Statement, Tensor } from "../notation/layer.js";
import { isOpen } from "./facts.js";
import type { Facts } from "./prove.js";

/** What inference knows so far. */
export interface Inference {
  facts: Facts;
  /** The layer's tensors; bounds of integer ones are filled in. */
  readonly tensors: Map<string, Tensor>;
  /** Extents found, by the name of the open variable. */
  readonly solutions: Map<string, Int>;
  /** Shapes of the tensors declared or defined so far; entries may still be open. */
  readonly shapes: Map<string, readonly Int[]>;
  readonly problems: Problem[];
  /** Open variables that a problem was reported for: what depends on them is not reported again. */
  readonly failed: Set<string>;
}
export const solved = (inference: Inference, value: Int): Int =>
  isOpen(value) ? integer.substituteInt(value, inference.solutions) : value;

/** The shape of a tensor, or of what it is the derivative of: `dT` has the shape of `T`. */
export function shapeOf(inference: Inference, tensor: string): readonly Int[] | undefined {
  const shape = inference.shapes.get(tensor) ?? inference.shapes.get(tensor.replace(/^d/, ""));
  return shape?.map((extent) => solved(inference, extent));
}

export const roleOf = (inference: Inference, { tensor }: Statement): Role =>
  inference.tensors.get(tensor)?.role ?? "local";
