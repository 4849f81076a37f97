/** What the closures of an expression are compiled from. */
import type { Scope } from "./integers.js";
import type { Arithmetic } from "./numbers.js";

export interface Context<T> extends Scope<T> {
  readonly arithmetic: Arithmetic<T>;
  /** Real params and real constants. */
  readonly reals: ReadonlyMap<string, T>;
  /** Tensors of the recurrence that is being compiled: their elements may be missing yet. */
  readonly recurrent?: ReadonlySet<string>;
  /** Keys of conditions that hold where it stands: those of the branches around it. */
  readonly held?: ReadonlySet<string>;
}
export type Code<T> = () => T;
