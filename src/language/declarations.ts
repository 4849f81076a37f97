/** What lines declare: the kind of line and the trees of its parts. Nothing is resolved yet. */
import type { Role } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import type { Tree } from "./tree.js";

/** A name where it is introduced. */
export interface Name extends Span {
  readonly text: string;
}
/** name = tree; of a variant, a check or a param. */
export interface Setting {
  readonly name: Name;
  readonly tree: Tree;
}
export interface Equation {
  readonly name: Name;
  readonly subscripts: readonly Tree[] | undefined;
  readonly tree: Tree;
}
export type Declaration = Span &
  (
    | ({ readonly kind: "param" } & Setting)
    | {
        readonly kind: "tensor";
        readonly role: Role;
        readonly name: Name;
        /** Undefined where the brackets are left out. */
        readonly shape: readonly Tree[] | undefined;
        readonly bound: Tree | undefined;
      }
    | {
        readonly kind: "helper";
        readonly name: Name;
        readonly parameters: readonly Name[];
        readonly tree: Tree;
      }
    /** `name = tree`: a size, a constant, a scalar or a whole tensor; or `name[subscripts] = tree`. */
    | ({
        readonly kind: "definition";
        /** `a, m = f(x)`: the names after the first. */
        readonly others?: readonly Name[];
      } & Equation)
    | { readonly kind: "use"; readonly names: readonly Name[] }
    | ({ readonly kind: "claim" } & Equation)
    | { readonly kind: "requirement"; readonly tree: Tree; readonly message: string }
    | { readonly kind: "variant"; readonly name: Name; readonly settings: readonly Setting[] }
    | { readonly kind: "check"; readonly settings: readonly Setting[] }
  );
export type DeclarationOf<K extends Declaration["kind"]> = Extract<Declaration, { readonly kind: K }>;
