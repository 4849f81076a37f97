/** A derivation as `derive --format json` prints it. */
import type { Derivation } from "./derivation.js";

export type DerivationDocument = Omit<Derivation, "documentation">;

export function toDocument({ documentation: _documentation, ...document }: Derivation): DerivationDocument {
  return document;
}
