/**
 * The report as one HTML page, in the look of a derivation's. Formulas are MathML, which browsers set by themselves: the page needs
 * no fonts, no scripts and no network.
 */
import { escape } from "../../targets/document/html/escape.js";
import { pageStyle } from "../../targets/document/html/style.js";
import { markedMathMl } from "./formula.js";
import {
  isWrong,
  type DocumentReport,
  type EquationReport,
  type StatementReport,
  type StepReport,
} from "./report.js";
import { summaryOf } from "./summary.js";
import { toldBefore, type Told } from "./told.js";

type Describe = (claim: {
  tensor: string;
  line: number;
  verdict: "refuted";
  counterexample: Readonly<Record<string, unknown>> | null;
}) => string;

export function toHtml(report: DocumentReport, describe: Describe): string {
  const title = `${report.document}, as it was read`;
  const told = toldBefore(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${pageStyle}${style}</style>
</head>
<body>
<div class="page">
${contents(report)}
<main>
<header>
<h1>${escape(report.document)}</h1>
<p class="documentation">${summaryOf(report).map(escape).join("\n")}</p>
</header>
${wrongOnes(report)}
${sections(report, { describe, told, macros: report.macros })}
</main>
</div>
</body>
</html>
`;
}

interface Words {
  readonly describe: Describe;
  readonly told: Told;
  readonly macros: DocumentReport["macros"];
}

/** Links to the sections, and to each equation that says something wrong. */
function contents({ equations }: DocumentReport): string {
  const items: string[] = [];
  let last = "";
  for (const { number, section } of equations) {
    const title = section.at(-1) ?? "";
    if (title !== last && title !== "")
      items.push(`<li><a href="#equation-${number}">${escape(title)}</a></li>`);
    last = title;
  }
  const own = wrongSteps(equations).map(
    ({ number, step }) =>
      `<li><a class="refuted" href="#equation-${number}">Equation ${number}: ${step.verdict}</a></li>`,
  );
  const all = [...own, ...items];
  return `<nav aria-label="Contents">${all.length > 0 ? `<details open><summary>Contents</summary><ul>\n${all.join("\n")}\n</ul></details>` : ""}</nav>`;
}

const wrongSteps = (
  equations: readonly EquationReport[],
): readonly { number: number; line: number; step: StepReport }[] =>
  equations.flatMap(({ number, line, statements }) =>
    statements.flatMap(({ steps }) => steps.filter(isWrong).map((step) => ({ number, line, step }))),
  );

/** What is refuted or does not fit, before everything else, each with what is right. */
function wrongOnes({ equations }: DocumentReport): string {
  const found = wrongSteps(equations);
  if (found.length === 0) return "";
  const items = found.map(
    ({
      number,
      line,
      step,
    }) => `<li><a href="#equation-${number}">Equation ${number}, line ${line}</a> <b class="refuted">${step.verdict}</b>
<div class="scroll"><code>${escape(step.reading ?? `= ${step.original}`)}</code></div>${gradientHtml(step)}</li>`,
  );
  return `<section id="wrong" class="result"><h2>What does not hold</h2>
<ul class="plain">
${items.join("\n")}
</ul></section>`;
}

function sections({ equations }: DocumentReport, words: Words): string {
  let last = "";
  return equations
    .map((equation) => {
      const title = equation.section.at(-1) ?? "";
      const head = title !== last && title !== "" ? `<h2>${escape(title)}</h2>\n` : "";
      last = title;
      return head + equationHtml(equation, words);
    })
    .join("\n");
}

const equationHtml = (
  { number, line, original, kind, understood, statements }: EquationReport,
  words: Words,
): string => {
  const wrong = statements.flatMap(({ steps }) => steps.filter(isWrong).map((step) => step.original));
  const open = understood || kind === "other" ? "" : `, <b class="unproved">not understood</b>`;
  return `<section class="equation-part" id="equation-${number}">
<h3>Equation ${number} <small>line ${line}${kind === "other" ? "" : `, ${kinds[kind]}`}${open}</small></h3>
<div class="equation">${markedMathMl(original, wrong, words.macros)}</div>
${statements.map((statement) => statementHtml(statement, words)).join("\n")}
</section>`;
};
const kinds = { forward: "a definition", gradient: "a gradient" } as const;

const statementHtml = ({ steps, reason, kind }: StatementReport, words: Words): string =>
  steps.length === 0
    ? reason !== undefined && kind !== "other"
      ? `<p class="reason">${escape(reason)}</p>`
      : ""
    : `<ol class="plain">\n${steps.map((step) => stepHtml(step, words)).join("\n")}\n</ol>`;

function stepHtml(step: StepReport, { describe, told }: Words): string {
  const { original, reading, verdict, tensor, counterexample, layer, notes, reason } = step;
  const label = verdict === undefined ? "" : `<b class="${classes[verdict]}">${verdict}</b> `;
  const remarks = notes.map((note) => ` <span class="note">${escape(note)}</span>`).join("");
  const before = told.get(step);
  const again = before === undefined ? "" : `<p class="note">as in <a href="#equation-${before}">equation ${before}</a></p>`; // prettier-ignore
  if (reading === undefined)
    return `<li>${label}${remarks}<div class="scroll"><code class="original">= ${escape(original)}</code></div>${again === "" ? `<p class="reason">${escape(reason ?? "not understood")}</p>` : again}${gradientHtml(step)}</li>`;
  const against =
    verdict === "refuted" && tensor !== undefined
      ? `<p class="reason">${escape(describe({ tensor, line: 0, verdict, counterexample: counterexample ?? null }))}</p>`
      : "";
  const whole =
    layer === undefined
      ? ""
      : `<details class="language"><summary>the layer</summary><pre>${escape(layer)}</pre></details>`;
  return `<li>${label}${remarks}<div class="scroll"><code>${escape(reading)}</code></div>${again === "" ? against + gradientHtml(step) : again}${whole}</li>`;
}
const gradientHtml = ({ gradient }: StepReport): string =>
  gradient === undefined ? "" : `<p class="beside">the gradient is</p><pre>${escape(gradient)}</pre>`;

const classes = {
  proved: "proved",
  refuted: "refuted",
  "does not fit": "refuted",
  unproved: "unproved",
  "depends on the reading": "unproved",
} as const;

const style = `
:root { --good: #17692f; --bad: #a8201a; --open: #8a5a00; --mark: #a8201a22; }
@media (prefers-color-scheme: dark) { :root { --good: #6fcf87; --bad: #ff8a80; --open: #ffc766; --mark: #ff8a8030; } }
.equation-part { border-top: 1px solid var(--line); padding: .2rem 0 1rem; }
.equation-part h3 { margin: .9rem 0 .3rem; } h3 small { color: var(--faint); font-weight: normal; }
h1 { overflow-wrap: anywhere; } .equation math { font-size: 1.1rem; }
.equation math[display=block] { width: max-content; margin: 0; } .equation mtd { text-align: left; }
.marked { background: var(--mark); border-bottom: 2px solid var(--bad); }
.plain { list-style: none; margin: 0; padding: 0; } .plain > li { margin: .7rem 0; } p { margin: .25rem 0; }
.result h2 { border: 0; margin: 0 0 .5rem; padding: 0; }
.scroll { overflow-x: auto; } .scroll code { white-space: pre-wrap; overflow-wrap: anywhere; }
.original, .note { color: var(--faint); font-size: .9rem; } .reason { white-space: pre-wrap; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.proved { color: var(--good); } .refuted, .reason { color: var(--bad); } .unproved { color: var(--open); }
`;
