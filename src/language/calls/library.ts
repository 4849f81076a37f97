/** The layers that a text may call, and what reading calls needs of what comes after the language. */
import type { Int } from "../../notation/integer.js";
import type { Layer } from "../../notation/layer.js";
import { say, type Complaint } from "../messages.js";
import type { Problem, Source } from "../problem.js";

/** A layer that is called: every range known, its own calls written out. */
export interface Called {
  readonly layer: Layer;
  readonly source: Source;
}
export interface Library {
  /** The layer of that name; a complaint where there is none that can be used. */
  readonly find: (name: string) => Called | Complaint;
  /** Gives every index its range and every tensor its shape. */
  readonly infer: (layer: Layer) => { readonly layer: Layer; readonly problems: readonly Problem[] };
  /** Sizes written out by what they are defined as: two extents are equal if these are. */
  readonly expanded: (layer: Layer) => (value: Int) => Int;
}
export const isComplaint = (found: Called | Complaint): found is Complaint => "code" in found;
/** For texts that are read by themselves: no layer can be used, and no range is found. */
export const noLibrary: Library = {
  find: (name) => say.noLayer(name),
  infer: (layer) => ({ layer, problems: [] }),
  expanded: () => (value) => value,
};
