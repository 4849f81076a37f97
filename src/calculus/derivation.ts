/** What reverse mode makes of a layer. */
import type { Layer, Statement, Tensor } from "../notation/layer.js";

/** One rewrite: the rule's name and the statement after it. */
export interface DerivationStep {
  readonly rule: string;
  readonly statement: Statement;
}
export interface Gradient {
  /** `dw` */
  readonly tensor: string;
  /** `w` */
  readonly of: string;
  readonly statement: Statement;
  readonly steps: readonly DerivationStep[];
}
export interface Derived {
  /** The layer with explicit bounds, every nested reduction a statement of its own. */
  readonly layer: Layer;
  /** All tensors: the layer's, cotangents, gradients and intermediates of the backward pass. */
  readonly tensors: readonly Tensor[];
  /** Argmax and argmin tensors that say which point of a max or min takes the gradient. */
  readonly selectors: ReadonlySet<string>;
  /** Forward statements in order, those that only gradients need (an argmax) included. */
  readonly forward: readonly Statement[];
  /** Backward statements in order: shared intermediates and gradients. */
  readonly backward: readonly Statement[];
  readonly gradients: readonly Gradient[];
  /** Tensors that forward hands to backward; may contain outputs. */
  readonly saved: readonly string[];
}
