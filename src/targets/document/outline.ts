/** What the documents have in common: their order and their headings. */
import type { Derivation, DerivedFormula, Spelled } from "./derivation.js";

/** Derivatives with respect to intermediates stand before the gradients that use them. */
export const derivationsOf = ({ intermediates, gradients }: Derivation): readonly DerivedFormula[] => [
  ...intermediates,
  ...gradients,
];

export const titleOf = ({ tensor, of }: DerivedFormula): string => `${tensor}: the gradient of ${of}`;

/** Where it is not finite though the outputs are, each condition as `spell` shows it. */
export const singularText = (
  { singular }: Pick<DerivedFormula, "singular">,
  spell: (condition: Spelled) => string,
): string | undefined =>
  singular.length > 0 ? `singular where ${singular.map(spell).join(" or ")}` : undefined;

export const listParams = (params: Readonly<Record<string, number>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");

/** The rules that fired anywhere, each once, with what it says. */
export function rulesOf(derivation: Derivation): ReadonlyMap<string, string> {
  const steps = derivationsOf(derivation).flatMap((told) => told.steps);
  return new Map(steps.map(({ rule, says }) => [rule, says]));
}

export const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
