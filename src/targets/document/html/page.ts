/** A derivation as one HTML page that needs nothing else: no network, no scripts. */
import { escape } from "./escape.js";
import { describePattern } from "../../../patterns/describe.js";
import type { Derivation, DerivedFormula, Formula, Spelled } from "../derivation.js";
import { jacobianCaption, jacobianTitle, type JacobianTable } from "../jacobian.js";
import { capitalised, listParams, rulesOf, singularText } from "../outline.js";
import { texTensor } from "../latex/names.js";
import { wrapFormula } from "../wrap.js";
import { pageStyle } from "./style.js";
import { sparsity } from "./sparsity.js";
import { mathStyle, typeset } from "./typeset.js";

interface Section {
  readonly id: string;
  /** HTML. */
  readonly title: string;
  readonly under: boolean;
  readonly body: string;
}

export function toHtml(derivation: Derivation): string {
  const { layer, documentation, shared, intermediates, gradients, claims } = derivation;
  const sections = [
    section("forward", "Forward", forward(derivation)),
    ...(shared.length > 0 ? [section("shared", "Shared by the gradients", statements(shared))] : []),
    ...(intermediates.length > 0
      ? [
          section(
            "intermediates",
            "The way through the intermediates",
            mentioned(derivation) + intermediates.map(folded).join(""),
          ),
        ]
      : []),
    ...gradients.map((g) => section(g.tensor, `The gradient of ${inline(texTensor(g.of, []))}`, gradient(g))),
    ...(derivation.jacobian
      ? [
          section(
            "jacobian",
            capitalised(escape(jacobianTitle(derivation.jacobian))),
            matrix(derivation.jacobian),
          ),
        ]
      : []),
    ...(rulesOf(derivation).size > 0 ? [section("rules", "The rules", rules(derivation))] : []),
    ...(claims.length > 0 ? [section("claims", "Claims", claimTable(derivation))] : []),
  ];
  const contents = sections.map((s) => `<li><a href="#${s.id}">${s.title}</a></li>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(layer)}: gradients</title>
<style>${mathStyle()}${pageStyle}</style>
</head>
<body>
<div class="page">
<nav aria-label="Contents"><details open><summary>Contents</summary><ul>
${contents}
</ul></details></nav>
<main>
<header>
<h1>${escape(layer)}</h1>
${documentation ? `<p class="documentation">${escape(documentation)}</p>` : ""}
${facts(derivation)}
</header>
${sections.map(({ id, title, body }) => `<section id="${id}">\n<h2>${title}${anchor(id)}</h2>\n${body}</section>`).join("\n")}
</main>
</div>
</body>
</html>
`;
}

const section = (id: string, title: string, body: string): Section => ({ id, title, under: false, body });

function facts({ sizes, params, saved }: Derivation): string {
  const rows = [
    ...(sizes.length > 0 ? [["sizes", sizes.join(", ")]] : []),
    ...(Object.keys(params).length > 0 ? [["params", listParams(params)]] : []),
    ...(saved.length > 0 ? [["saved for the backward pass", saved.join(", ")]] : []),
  ];
  return `<dl>${rows.map(([name = "", value = ""]) => `<dt>${name}</dt><dd><code>${escape(value)}</code></dd>`).join("")}</dl>`;
}

const forward = ({ definitions, forward: told }: Derivation): string =>
  definitions.map((d) => equation(d.latex)).join("") + statements(told, definitions);

/** Statements one below the other, what each is beside it, and their text. */
const statements = (told: readonly Formula[], before: readonly Spelled[] = []): string =>
  told
    .map(
      (t) =>
        `<div class="formula"><div>${equation(t.latex)}${t.matrices === undefined ? "" : equation(t.matrices)}</div>${pattern(t)}</div>\n`,
    )
    .join("") + language([...before, ...told]);

function gradient(told: DerivedFormula): string {
  const { steps } = told;
  const items = steps.map(
    ({ rule, says, latex, formula: text }) => `<li><details open>
<summary>${capitalised(escape(rule))}<span class="says">${escape(says)}</span></summary>
${equation(latex)}${language([{ formula: text, latex }])}
</details></li>`,
  );
  const singular = singularText(told, (condition) => inline(condition.latex));
  const warning = singular === undefined ? "" : `<p class="pattern">${singular}</p>`;
  return `<div class="result">${equation(told.latex)}${beside(told)}${pattern(told)}${warning}${language([told])}</div>
${items.length > 0 ? `<ol class="steps">\n${items.join("\n")}\n</ol>` : ""}
`;
}

const folded = (
  told: DerivedFormula,
): string => `<details class="part" id="${told.tensor}"${told.steps.some(({ rule }) => rule === "terms that vanish") ? " open" : ""}>
<summary>${inline(derivative(told.of))}</summary>
${gradient(told)}</details>
`;
const derivative = (of: string): string => `\\partial L / \\partial ${texTensor(of, [])}`;

const beside = ({ matrices }: Pick<DerivedFormula, "matrices">): string =>
  matrices === undefined ? "" : `<p class="beside">in matrix form</p>${equation(matrices)}`;
const pattern = ({ pattern: told }: Pick<DerivedFormula, "pattern">): string =>
  told ? `<p class="pattern">${escape(describePattern(told))}</p>` : "";
const language = (formulas: readonly Spelled[]): string =>
  `<details class="language"><summary>in the layer language</summary><pre>${escape(
    formulas.map((f) => wrapFormula(f.formula, 100, 0)).join("\n"),
  )}</pre></details>`;

const rules = (derivation: Derivation): string =>
  `<div class="table"><table class="rules">${[...rulesOf(derivation)]
    .map(([rule, says]) => `<tr><td>${escape(rule)}</td><td>${escape(says)}</td></tr>`)
    .join("\n")}</table></div>`;
const claimTable = ({ claims }: Derivation): string =>
  `<div class="table"><table class="rules">${claims
    .map(
      (c) => `<tr><td>line ${c.line}</td><td><code>${escape(c.tensor)}</code></td><td>${c.verdict}</td></tr>`,
    )
    .join("\n")}</table></div>`;

/** What the steps call by name and is never computed. */
const mentioned = ({ mentioned: told }: Derivation): string =>
  told.length === 0
    ? ""
    : `<p class="beside">Called by the steps alone:</p>${told.map((m) => equation(m.latex)).join("")}`;

const matrix = (jacobian: JacobianTable): string =>
  `<p class="beside">${escape(jacobianCaption(jacobian))}</p>${equation(jacobian.latex)}
<figure class="picture">${sparsity(jacobian)}<figcaption>Where it is not zero; entries that are equal have one colour.</figcaption></figure>
`;

const equation = (latex: string): string => `<div class="equation">${typeset(latex, true)}</div>`;
const inline = (latex: string): string => typeset(latex, false);
const anchor = (id: string): string =>
  `<a class="anchor" href="#${id}" aria-label="link to this section">#</a>`;
