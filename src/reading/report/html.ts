/**
 * The report as one HTML page. Formulas are MathML, which browsers set by themselves: the page needs no fonts, no style
 * sheets and no network.
 */
import { escape } from "../../targets/document/html/escape.js";
import type { DocumentReport, EquationReport, StatementReport, StepReport } from "./report.js";
import { summaryOf } from "./summary.js";
import { mathMl } from "../latex/katex.js";

type Describe = (claim: {
  tensor: string;
  line: number;
  verdict: "refuted";
  counterexample: Readonly<Record<string, unknown>> | null;
}) => string;

export function toHtml(report: DocumentReport, describe: Describe): string {
  const title = `${report.document}, as it was read`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${style}</style>
<main>
<h1>${escape(title)}</h1>
<p>${summaryOf(report).map(escape).join("<br>")}</p>
${sections(report, describe)}
</main>
</html>`;
}

function sections({ equations, macros }: DocumentReport, describe: Describe): string {
  let last = "";
  return equations
    .map((equation) => {
      const title = equation.section.at(-1) ?? "";
      const head = title !== last && title !== "" ? `<h2>${escape(title)}</h2>\n` : "";
      last = title;
      return head + equationHtml(equation, macros, describe);
    })
    .join("\n");
}
const equationHtml = (
  { number, line, original, kind, understood, statements }: EquationReport,
  macros: DocumentReport["macros"],
  describe: Describe,
): string =>
  `<section id="equation-${number}">
<h3>Equation ${number} <small>line ${line}${kind === "other" ? "" : understood ? `, ${kind}` : `, ${kind}, <b class="unproved">not understood</b>`}</small></h3>
<div class="formula">${mathMl(original, macros)}</div>
${statements.map((statement) => statementHtml(statement, describe)).join("\n")}
</section>`;
const statementHtml = ({ steps, reason, kind }: StatementReport, describe: Describe): string =>
  steps.length === 0
    ? reason !== undefined && kind !== "other"
      ? `<p class="reason">${escape(reason)}</p>`
      : ""
    : `<ul>\n${steps.map((step) => stepHtml(step, describe)).join("\n")}\n</ul>`;

function stepHtml(
  { original, reading, verdict, tensor, counterexample, layer, notes, reason }: StepReport,
  describe: Describe,
): string {
  if (reading === undefined)
    return `<li><code class="original">= ${escape(original)}</code><p class="reason">${escape(reason ?? "not understood")}</p></li>`;
  const label = verdict === undefined ? "" : `<b class="${verdict}">${verdict}</b> `;
  const remarks = notes.map((note) => `<p class="note">${escape(note)}</p>`).join("");
  const against =
    verdict === "refuted" && tensor !== undefined
      ? `<p class="reason">${escape(describe({ tensor, line: 0, verdict, counterexample: counterexample ?? null }))}</p>`
      : "";
  const whole =
    layer === undefined ? "" : `<details><summary>the layer</summary><pre>${escape(layer)}</pre></details>`;
  return `<li>${label}<code>${escape(reading)}</code>${remarks}${against}${whole}</li>`;
}
const style = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --dim: light-dark(#666, #aaa); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 56rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
section { border-top: 1px solid var(--line); padding: .25rem 0 1rem; }
h2 { margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: .5rem 0; } small { color: var(--dim); font-weight: normal; }
.formula { overflow-x: auto; padding: .5rem 0; } math { font-size: 1.1rem; }
ul { list-style: none; padding: 0; } li { margin: .5rem 0; } p { margin: .2rem 0; }
code, pre { font: 14px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { background: light-dark(#f6f6f6, #222); padding: .75rem; border-radius: 6px; }
.original, .note, summary { color: var(--dim); font-size: .9rem; }
.proved { color: light-dark(#17692f, #6fcf87); } .refuted, .reason { color: light-dark(#a8201a, #ff8a80); }
.unproved { color: light-dark(#8a5a00, #ffc766); }
`;
