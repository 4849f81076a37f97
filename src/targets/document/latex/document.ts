/** A derivation as a LaTeX document that compiles with any engine. */
import { describePattern } from "../../../patterns/describe.js";
import type { Derivation, DerivedFormula, Formula } from "../derivation.js";
import { jacobianCaption, jacobianTitle } from "../jacobian.js";
import { capitalised, listParams, rulesOf } from "../outline.js";
import { texTensor } from "./names.js";

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
    ...(documentation ? [escape(documentation)] : []),
    ...(facts.length > 0 ? [facts.join(" \\\\\n")] : []),
    "\\subsection*{Forward}",
    ...derivation.definitions.map((d) => display(d.latex)),
    ...derivation.forward.map(formula),
    ...(shared.length > 0 ? ["\\subsection*{Shared by the gradients}", ...shared.map(formula)] : []),
    ...(intermediates.length > 0
      ? ["\\subsection*{The way through the intermediates}", ...intermediates.flatMap(gradient)]
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
\\usepackage{amsmath,amssymb}
\\allowdisplaybreaks
\\setlength{\\parindent}{0pt}
\\setlength{\\parskip}{4pt}
\\begin{document}`;

const display = (latex: string): string => `\\[\n${latex}\n\\]`;

const formula = ({ latex, matrices, tensor, pattern }: Formula): string =>
  [
    display(latex),
    ...(matrices === undefined ? [] : [`In matrix form`, display(matrices)]),
    `{\\small ${escape(tensor)}: ${escape(describePattern(pattern))}}`,
  ].join("\n");

function gradient({ of, latex, matrices, steps, pattern }: DerivedFormula): string[] {
  const reached = steps.some((step) => step.latex === latex);
  return [
    `\\subsubsection*{The gradient of $${texTensor(of, [])}$}`,
    ...steps.map((step) => `\\textit{${capitalised(escape(step.rule))}}:\n${display(step.latex)}`),
    ...(reached ? [] : [`${steps.length > 0 ? "\\textit{The result}:\n" : ""}${display(latex)}`]),
    ...(steps.length === 0 && matrices !== undefined ? [display(matrices)] : []),
    ...(pattern ? [`{\\small ${escape(describePattern(pattern))}}`] : []),
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
const mathematical = new Map<string, string>([
  ..."α\\alpha β\\beta γ\\gamma δ\\delta ε\\varepsilon μ\\mu ρ\\rho σ\\sigma φ\\phi"
    .split(" ")
    .map((pair) => [pair.slice(0, 1), pair.slice(1)] as const),
  ..."Σ\\sum ∂\\partial ·\\cdot ×\\times ≤\\le ≥\\ge ⌊\\lfloor ⌋\\rfloor √\\surd ᵀ^{\\top} ₀_0 ∞\\infty"
    .split(" ")
    .map((pair) => [pair.slice(0, 1), pair.slice(1)] as const),
]);
/** Text as LaTeX shows it; a character that no font of it has is left to the engine. */
const escape = (text: string): string =>
  [...text].map((c) => written.get(c) ?? (mathematical.has(c) ? `$${mathematical.get(c)}$` : c)).join("");
