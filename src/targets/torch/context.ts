/** What the printers of this folder know of the place at which a formula stands. */
import type { Layer, Tensor } from "../../notation/layer.js";
import type { Pattern } from "../../patterns/pattern.js";
import type { Scope } from "../../patterns/scope.js";
import { factsInside } from "../../ranges/facts.js";
import type { Facts } from "../../ranges/prove.js";
import type { Box } from "./box.js";
import type { Value } from "./value.js";
import type { Writer } from "./writer.js";

export interface Context {
  readonly layer: Layer;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Positions of extremes, whose gradients gather. */
  readonly selectors: ReadonlySet<string>;
  readonly facts: Facts;
  /** What patterns are looked for in. */
  readonly scope: Scope;
  /** What the statement is that is being written. */
  readonly pattern?: Pattern | undefined;
  readonly writer: Writer;
  readonly box: Box;
  /**
   * Conditions under which the values here count. Where a derivative may be infinite, tensors are read as 1 elsewhere, so that
   * the derivative of what does not count is 0 and not 0·inf.
   */
  readonly held: readonly Value[];
  /** The arguments of the function whose formula is being written. */
  readonly given?: ReadonlyMap<string, Value>;
}

export const within = (context: Context, box: Box): Context => ({ ...context, box });

/** The facts of the place: each index of the box lies in its range. */
export const factsOf = ({ facts, box }: Context): Facts => factsInside(facts, box.binders);

export function tensorIn({ tensors }: Context, name: string): Tensor {
  const found = tensors.get(name);
  if (!found) throw new Error(`no tensor ${name}`);
  return found;
}
