/** A derivation as Markdown: `derivation.md` and `derive --format markdown`. */
import { headerLine, type Header } from "../header.js";
import { describePattern } from "../../patterns/describe.js";
import type { Derivation, Formula, GradientFormula } from "./derivation.js";
import { listParams } from "./text.js";
import { wrapFormula } from "./wrap.js";

const width = 110;

/** @param header for a file that `build` writes */
export function toMarkdown(derivation: Derivation, header?: Header): string {
  const { layer, documentation, sizes, params, saved, shared, gradients, claims } = derivation;
  const facts = [
    sizes.length > 0 && `- Sizes: ${sizes.map(code).join(", ")}`,
    Object.keys(params).length > 0 && `- Params: ${code(listParams(params))}`,
    saved.length > 0 && `- Saved for the backward pass: ${saved.map(code).join(", ")}`,
  ].filter((line) => line !== false);
  const blocks = [
    ...(header ? [`<!-- ${headerLine(header)} -->`] : []),
    `# ${layer}`,
    ...(documentation ? [escape(documentation)] : []),
    ...(facts.length > 0 ? [facts.join("\n")] : []),
    "## Forward",
    fence([...derivation.definitions, ...derivation.forward.map(({ formula }) => formula)]),
    ...(derivation.forward.length > 0 ? [named(derivation.forward)] : []),
    ...(gradients.length > 0 ? ["## Gradients"] : []),
    ...(shared.length > 0
      ? ["Shared by the gradients:", fence(shared.map(({ formula }) => formula)), named(shared)]
      : []),
    ...gradients.flatMap(gradient),
    ...(claims.length > 0
      ? ["## Claims", claims.map((c) => `- Line ${c.line}, ${code(c.tensor)}: ${c.verdict}`).join("\n")]
      : []),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** What each statement was recognised as. */
const named = (formulas: readonly Formula[]): string =>
  formulas.map(({ tensor, pattern }) => `- ${code(tensor)} — ${describePattern(pattern)}`).join("\n");

function gradient({ tensor, of, formula, pattern, steps }: GradientFormula): string[] {
  const told = steps.flatMap((step) => [`By the rule *${step.rule}*:`, fence([step.formula])]);
  const reached = steps.at(-1)?.formula === formula;
  return [
    `### ${code(tensor)}: the gradient of ${code(of)}`,
    ...told,
    ...(reached ? [] : [...(steps.length > 0 ? ["The result:"] : []), fence([formula])]),
    named([{ tensor, formula, pattern }]),
  ];
}

const code = (text: string): string => `\`${text}\``;
const fence = (formulas: readonly string[]): string =>
  `\`\`\`layer\n${formulas.map((formula) => wrapFormula(formula, width, 0)).join("\n")}\n\`\`\``;

/** The documentation is the author's text: what Markdown would read as markup is shown as it stands. */
const escape = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|]/gu, String.raw`\$&`);
