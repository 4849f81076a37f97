/** A derivation for a terminal. */
import { describePattern } from "../../patterns/describe.js";
import type { Derivation, Formula } from "./derivation.js";
import { wrapFormula } from "./wrap.js";

/** How the parts of the text are set off; each the identity where there are no colours. */
export interface Style {
  readonly heading: (text: string) => string;
  readonly note: (text: string) => string;
  readonly result: (text: string) => string;
}
const plain: Style = { heading: String, note: String, result: String };

/** @param width in columns */
export function toText(derivation: Derivation, width: number, style: Style = plain): string {
  const { layer, documentation, sizes, params, saved, claims } = derivation;
  const formula = (text: string, indent = 2): string => wrapFormula(text, width, indent);
  const pattern = (told: Formula): string => style.note(`  # ${describePattern(told.pattern)}`);
  const section = (title: string, definitions: readonly string[], told: readonly Formula[]): string =>
    [
      style.heading(title),
      ...definitions.map((text) => formula(text)),
      ...told.flatMap((t) => [pattern(t), formula(t.formula)]),
    ].join("\n");
  const facts = [
    ...(sizes.length > 0 ? [["sizes", sizes.join(", ")]] : []),
    ...(Object.keys(params).length > 0 ? [["params", listParams(params)]] : []),
    ...(saved.length > 0 ? [["saved", saved.join(", ")]] : []),
  ];
  const blocks = [
    [
      style.heading(layer),
      ...documentation
        .split("\n")
        .filter(Boolean)
        .map((line) => `  ${line}`),
    ].join("\n"),
    facts.map(([name, value]) => `  ${style.note(`${name}:`.padEnd(8))}${value}`).join("\n"),
    section("Forward", derivation.definitions, derivation.forward),
    ...(derivation.shared.length > 0 ? [section("Shared by the gradients", [], derivation.shared)] : []),
  ];
  for (const gradient of derivation.gradients) {
    const { of, tensor, formula: result, steps } = gradient;
    const told = steps.filter((step) => step.formula !== result);
    const last = steps.find((step) => step.formula === result);
    blocks.push(
      [
        style.heading(`${tensor}: the gradient of ${of}`),
        ...told.flatMap((step) => [style.note(`  by ${step.rule}:`), formula(step.formula, 4)]),
        ...(steps.length > 0 ? [style.note(last ? `  by ${last.rule}:` : "  result:")] : []),
        pattern(gradient),
        style.result(formula(result)),
      ].join("\n"),
    );
  }
  if (claims.length > 0)
    blocks.push(
      [style.heading("Claims"), ...claims.map((c) => `  line ${c.line}: ${c.tensor} ${c.verdict}`)].join(
        "\n",
      ),
    );
  return blocks.join("\n\n");
}

export const listParams = (params: Readonly<Record<string, number>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");
