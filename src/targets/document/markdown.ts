/**
 * A derivation as Markdown with LaTeX, as GitHub renders it: `derivation.md` and `derive --format markdown`. Its blocks are a list of texts
 * with blank lines between, which needs no tree of Markdown; only the author's words are escaped.
 */
import { splitAtLineEnds } from "../../notation/line-ends.js";
import { headerLine, type Header } from "../code/header.js";
import { describePattern } from "../../patterns/describe.js";
import type { Derivation, DerivedFormula, Spelled } from "./derivation.js";
import { jacobianCaption, jacobianTitle } from "./jacobian.js";
import { capitalised, listParams, rulesOf, singularText } from "./outline.js";
import { wrapFormula } from "./wrap.js";

const width = 110;

/** @param header for a file that `build` writes */
export function toMarkdown(derivation: Derivation, header?: Header): string {
  const { layer, documentation, sizes, params, saved, shared, intermediates, gradients, claims, jacobian } =
    derivation;
  const facts = [
    sizes.length > 0 && `- Sizes: ${sizes.map(code).join(", ")}`,
    Object.keys(params).length > 0 && `- Params: ${code(listParams(params))}`,
    saved.length > 0 && `- Saved for the backward pass: ${saved.map(code).join(", ")}`,
  ].filter((line) => line !== false);
  const rules = [...rulesOf(derivation)];
  const blocks = [
    ...(header ? [`<!-- ${headerLine(header)} -->`] : []),
    `# ${layer}`,
    ...(documentation ? [splitAtLineEnds(documentation).map(escape).join("\n")] : []),
    ...(facts.length > 0 ? [facts.join("\n")] : []),
    "## Forward",
    ...derivation.definitions.map(display),
    ...derivation.forward.flatMap(shown),
    fence([...derivation.definitions, ...derivation.forward]),
    ...(derivation.forward.length > 0 ? [named(derivation.forward)] : []),
    ...(gradients.length > 0 ? ["## Gradients"] : []),
    ...(shared.length > 0
      ? ["Shared by the gradients:", ...shared.flatMap(shown), fence(shared), named(shared)]
      : []),
    ...(intermediates.length > 0
      ? [
          "<details>\n<summary>The way through the intermediates</summary>",
          ...mentioned(derivation),
          ...intermediates.flatMap(gradient),
          "</details>",
        ]
      : []),
    ...gradients.flatMap(gradient),
    ...(jacobian
      ? [`## ${capitalised(jacobianTitle(jacobian))}`, jacobianCaption(jacobian), math(jacobian.latex)]
      : []),
    ...(derivation.ordered.length > 0
      ? [
          "## Order of work",
          "The same values with the least work: products summed in pairs, and what is free of a loop computed before it.",
          fence(derivation.ordered),
        ]
      : []),
    ...(rules.length > 0
      ? ["## Rules", rules.map(([rule, says]) => `- *${capitalised(rule)}*: ${escape(says)}`).join("\n")]
      : []),
    ...(claims.length > 0
      ? ["## Claims", claims.map((c) => `- Line ${c.line}, ${code(c.tensor)}: ${c.verdict}`).join("\n")]
      : []),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** What the steps call by name and is never computed. */
const mentioned = ({ mentioned: told }: Derivation): string[] =>
  told.length > 0 ? ["Called by the steps alone:", ...told.map(display)] : [];

/** What each statement was recognised as. */
const named = (formulas: readonly Pick<DerivedFormula, "tensor" | "pattern">[]): string =>
  formulas
    .flatMap(({ tensor, pattern }) => (pattern ? [`- ${code(tensor)} — ${describePattern(pattern)}`] : []))
    .join("\n");

/** The index form, and the matrix form beside it. */
const shown = ({ latex, matrices }: Pick<DerivedFormula, "latex" | "matrices">): string[] => [
  math(latex),
  ...(matrices === undefined ? [] : ["that is", math(matrices)]),
];

function gradient(told: DerivedFormula): string[] {
  const { tensor, of, formula, latex, steps } = told;
  const reached = steps.some((step) => step.formula === formula);
  const singular = singularText(told, (condition) => `$${condition.latex}$`);
  return [
    `### ${code(tensor)}: the gradient of ${code(of)}`,
    ...steps.flatMap((step, at) => [`${at + 1}. ${capitalised(step.rule)}:`, display(step)]),
    ...(reached ? ["The result:"] : steps.length > 0 ? ["The result:", math(latex)] : shown(told)),
    fence([told]),
    ...(told.pattern ? [named([told])] : []),
    ...(singular === undefined ? [] : [capitalised(singular)]),
  ];
}

const code = (text: string): string => `\`${text}\``;
const math = (latex: string): string => `$$\n${latex}\n$$`;
const display = ({ latex }: Spelled): string => math(latex);
const fence = (formulas: readonly Pick<Spelled, "formula">[]): string =>
  `\`\`\`layer\n${formulas.map(({ formula }) => wrapFormula(formula, width, 0)).join("\n")}\n\`\`\``;

/** The documentation is the author's text: what Markdown would read as markup is shown as it stands. */
const escape = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|]/gu, String.raw`\$&`);
