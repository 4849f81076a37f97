/** A derivation as `derive --format json` prints it. */
import type { Derivation, DerivedFormula, GradientFormula } from "./derivation.js";

type Told<F extends DerivedFormula> = Omit<F, "singular">;
export interface DerivationDocument extends Omit<
  Derivation,
  "documentation" | "gradients" | "intermediates"
> {
  readonly intermediates: readonly Told<DerivedFormula>[];
  readonly gradients: readonly (Told<GradientFormula> & { readonly singular: readonly string[] })[];
}

export function toDocument({
  documentation: _documentation,
  intermediates,
  gradients,
  ...document
}: Derivation): DerivationDocument {
  return {
    ...document,
    intermediates: intermediates.map(({ singular: _singular, ...told }) => told),
    gradients: gradients.map((told) => ({ ...told, singular: told.singular.map(({ formula }) => formula) })),
  };
}
