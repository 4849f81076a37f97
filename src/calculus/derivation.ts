/** What reverse mode makes of a layer. */
import type { Condition, Expression, Reduction } from "../notation/expression.js";
import type { Index, Layer, Statement, Tensor } from "../notation/layer.js";
import type { RuleName } from "./rules.js";
import type { Replacement } from "./solve.js";

/** One rewrite: the rule that fired and the statement after it; what stood before is the step before. */
export interface DerivationStep {
  readonly rule: RuleName;
  readonly statement: Statement;
  /** Every condition is to be spelled out, those too that follow from the bounds of the reads. */
  readonly explicit?: boolean;
  /** What the indicator's indices were found to be. */
  readonly solved?: readonly Replacement[];
  /** The definitions that were put in. */
  readonly because?: readonly Statement[];
  /** Sums that are 0 by these definitions. */
  readonly vanishing?: readonly Expression[];
}
export interface Gradient {
  /** `dw` */
  readonly tensor: string;
  /** `w` */
  readonly of: string;
  readonly statement: Statement;
  readonly steps: readonly DerivationStep[];
}
/** A condition under which a gradient is not finite. */
export interface Singularity {
  readonly condition: Condition;
  /** Where it stands: under the indices of a statement, within these reductions. */
  readonly places: readonly { readonly indices: readonly Index[]; readonly around: readonly Reduction[] }[];
}
export interface Derived {
  /** The layer with explicit bounds, every nested reduction a statement of its own. */
  readonly layer: Layer;
  /** All tensors: the layer's, cotangents, gradients and intermediates of the backward pass. */
  readonly tensors: readonly Tensor[];
  /** Argmax and argmin tensors that say which point of a max or min takes the gradient. */
  readonly selectors: ReadonlySet<string>;
  /** Forward statements in order, those that only gradients read (an argmax) included. */
  readonly forward: readonly Statement[];
  /** Backward statements in order: shared intermediates and gradients. */
  readonly backward: readonly Statement[];
  readonly gradients: readonly Gradient[];
  /**
   * How the derivatives with respect to intermediates came about, in the order of the backward pass. Some are
   * statements of `backward`; others stand only in the steps of what uses them.
   */
  readonly intermediates: readonly Gradient[];
  /** What the steps call by name and is never computed: a maximum's argmax whose path vanishes. */
  readonly mentioned: readonly Statement[];
  /** By the tensor differentiated: where its gradient is not finite though an output is. */
  readonly singular: ReadonlyMap<string, readonly Singularity[]>;
  /** Tensors that forward hands to backward, outputs among them; other values that gradients read are computed again. */
  readonly saved: readonly string[];
  /** The statements by which it is computed in the order of least work, where these are not the ones that are told. */
  readonly ordered?: readonly Statement[];
}
