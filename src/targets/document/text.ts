/** A derivation for a terminal. */
import type { Derivation } from "./derivation.js";
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
  const { layer, documentation, sizes, params, saved, forward, gradients, claims } = derivation;
  const formula = (text: string, indent = 2): string => wrapFormula(text, width, indent);
  const blocks: string[] = [];
  const title = documentation.split("\n")[0] ?? "";
  const facts = [
    ...(sizes.length > 0 ? [["sizes", sizes.join(", ")]] : []),
    ...(Object.keys(params).length > 0 ? [["params", listParams(params)]] : []),
    ...(saved.length > 0 ? [["saved", saved.join(", ")]] : []),
  ];
  blocks.push(
    [
      title ? `${style.heading(layer)}  ${title}` : style.heading(layer),
      ...facts.map(([name, value]) => `  ${style.note(`${name}:`.padEnd(8))}${value}`),
    ].join("\n"),
  );
  blocks.push([style.heading("Forward"), ...forward.map((f) => formula(f.formula))].join("\n"));
  for (const { of, tensor, formula: result, steps } of gradients) {
    const lines = [style.heading(`${tensor}: the gradient of ${of}`)];
    for (const step of steps) {
      if (step.formula === result) continue; // told as the result
      lines.push(style.note(`  by ${step.rule}:`), formula(step.formula, 4));
    }
    const last = steps.at(-1);
    if (steps.length > 1 && last?.formula === result) lines.push(style.note(`  by ${last.rule}:`));
    lines.push(style.result(formula(result)));
    blocks.push(lines.join("\n"));
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
