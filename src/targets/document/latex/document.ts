/** A derivation as a LaTeX document that compiles with any engine. */
import { splitAtLineEnds } from "../../../notation/line-ends.js";
import { describePattern } from "../../../patterns/describe.js";
import type { Derivation, DerivedFormula, Formula } from "../derivation.js";
import { jacobianCaption, jacobianTitle } from "../jacobian.js";
import { capitalised, listParams, rulesOf, singularText } from "../outline.js";
import { isGreek, texName, texTensor } from "./names.js";

export function toLatex(derivation: Derivation): string {
  const { layer, documentation, sizes, params, saved, shared, intermediates, gradients, claims } = derivation;
  const facts = [
    ...(sizes.length > 0 ? [`Sizes: ${escape(sizes.join(", "))}.`] : []),
    ...(Object.keys(params).length > 0 ? [`Params: ${escape(listParams(params))}.`] : []),
    ...(saved.length > 0 ? [`Saved for the backward pass: ${escape(saved.join(", "))}.`] : []),
  ];
  const rules = [...rulesOf(derivation)];
  const blocks = [
    preamble,
    `\\section*{${escape(layer)}}`,
    ...(documentation ? [splitAtLineEnds(documentation).map(escape).join("\n")] : []),
    ...(facts.length > 0 ? [facts.join(" \\\\\n")] : []),
    "\\subsection*{Forward}",
    ...derivation.definitions.map((d) => display(d.latex)),
    ...derivation.forward.map(formula),
    ...(shared.length > 0 ? ["\\subsection*{Shared by the gradients}", ...shared.map(formula)] : []),
    ...(intermediates.length > 0
      ? [
          "\\subsection*{The way through the intermediates}",
          ...derivation.mentioned.map((m) => display(m.latex)),
          ...intermediates.flatMap(gradient),
        ]
      : []),
    ...(gradients.length > 0 ? ["\\subsection*{Gradients}", ...gradients.flatMap(gradient)] : []),
    ...(derivation.jacobian
      ? [
          `\\subsection*{${capitalised(escape(jacobianTitle(derivation.jacobian)))}}`,
          escape(jacobianCaption(derivation.jacobian)),
          `{\\small\n${display(derivation.jacobian.latex)}\n}`,
        ]
      : []),
    ...(rules.length > 0
      ? [
          "\\subsection*{Rules}",
          `\\begin{description}\n${rules
            .map(([rule, says]) => `\\item[${capitalised(escape(rule))}] ${escape(says)}`)
            .join("\n")}\n\\end{description}`,
        ]
      : []),
    ...(claims.length > 0
      ? [
          "\\subsection*{Claims}",
          claims.map((c) => `Line ${c.line}, ${escape(c.tensor)}: ${c.verdict}.`).join(" \\\\\n"),
        ]
      : []),
    "\\end{document}",
  ];
  return `${blocks.join("\n\n")}\n`;
}

const preamble = `\\documentclass[a4paper,10pt]{article}
\\usepackage[T1]{fontenc}
\\usepackage[utf8]{inputenc}
\\usepackage[margin=18mm]{geometry}
\\usepackage{amsmath,amssymb,graphicx}
\\allowdisplaybreaks
\\setlength{\\parindent}{0pt}
\\setlength{\\parskip}{4pt}
% an equation that is wider than the page is made smaller
\\newsavebox{\\equationbox}
\\newcommand{\\fitted}[1]{\\sbox{\\equationbox}{$\\displaystyle #1$}%
  \\ifdim\\wd\\equationbox>\\linewidth\\resizebox{\\linewidth}{!}{\\usebox{\\equationbox}}\\else\\usebox{\\equationbox}\\fi}
\\begin{document}`;

const display = (latex: string): string => `\\[\n\\fitted{${inMath(latex)}}\n\\]`;

const formula = ({ latex, matrices, tensor, pattern }: Formula): string =>
  [
    display(latex),
    ...(matrices === undefined ? [] : [`In matrix form`, display(matrices)]),
    `{\\small ${escape(tensor)}: ${escape(describePattern(pattern))}}`,
  ].join("\n");

function gradient(told: DerivedFormula): string[] {
  const { of, formula: text, latex, matrices, steps, pattern } = told;
  const singular = singularText(told, (condition) => `$${inMath(condition.latex)}$`);
  const reached = steps.some((step) => step.formula === text);
  return [
    `\\subsubsection*{The gradient of $${texTensor(of, [])}$}`,
    ...steps.map((step) => `\\textit{${capitalised(escape(step.rule))}}:\n${display(step.latex)}`),
    ...(reached ? [] : [`${steps.length > 0 ? "\\textit{The result}:\n" : ""}${display(latex)}`]),
    ...(steps.length === 0 && matrices !== undefined ? [display(matrices)] : []),
    ...(pattern ? [`{\\small ${escape(describePattern(pattern))}}`] : []),
    ...(singular === undefined ? [] : [`${capitalised(singular)}.`]),
  ];
}

/** Characters of text that LaTeX reads as commands, and those that its usual fonts lack. */
const written = new Map<string, string>([
  ["\\", "\\textbackslash{}"],
  ["~", "\\textasciitilde{}"],
  ["^", "\\textasciicircum{}"],
  ["<", "\\textless{}"],
  [">", "\\textgreater{}"],
  ["|", "\\textbar{}"],
  ..."{}$&#_%".split("").map((c) => [c, `\\${c}`] as const),
]);
const mathematical = new Map<string, string>(
  "Σ\\Sigma ∂\\partial ·\\cdot ×\\times ≤\\le ≥\\ge ⌊\\lfloor ⌋\\rfloor √\\surd ᵀ^{\\top} ₀_0 ∞\\infty ²^2 ³^3 →\\to"
    .split(" ")
    .map((pair) => [pair.slice(0, 1), pair.slice(1)] as const),
);
/** Text as LaTeX shows it. */
const escape = (text: string): string => [...text].map(escapeCharacter).join("");
function escapeCharacter(c: string): string {
  const symbol = mathematical.get(c) ?? (isGreek(c) ? texName(c) : undefined);
  return written.get(c) ?? (symbol === undefined ? inFonts(c) : `$${symbol}$`);
}
/** A character that the usual fonts lack goes by its number. */
const inFonts = (c: string): string => {
  const code = c.codePointAt(0) ?? 0;
  const known = code < 0x180 || "–—‘’“”…".includes(c);
  return known ? c : `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
};
/** Formulas are ASCII but for names in other scripts. */
const inMath = (latex: string): string => [...latex].map(inFonts).join("");
