/** The report of `leibniz read` for a terminal. */
import { summaryOf } from "../reading/report/summary.js";
import type {
  DocumentReport,
  EquationReport,
  StatementReport,
  StepReport,
} from "../reading/report/report.js";
import { isWrong } from "../reading/report/report.js";
import { toldBefore, type Told } from "../reading/report/told.js";
import { describeCounterexample } from "./failures.js";
import type { Terminal } from "./terminal.js";

export function readingText(report: DocumentReport, { color }: Terminal): string {
  const lines: string[] = wrongLines(report, color);
  const told = toldBefore(report);
  let section = "";
  for (const equation of report.equations) {
    const title = equation.section.at(-1) ?? "";
    if (title !== section && title !== "") lines.push("", color.bold(title));
    section = title;
    lines.push(
      "",
      headOf(equation, report.document, color),
      ...equation.statements.flatMap((s) => statementLines(s, told, color)),
    );
  }
  return [...lines, "", ...summaryOf(report)].join("\n").trim();
}

type Colors = Terminal["color"];

const headOf = (
  { number, line, kind, understood }: EquationReport,
  document: string,
  color: Colors,
): string =>
  `${color.dim(`${document}:${line}:`)} equation ${number}, ${describeKind[kind]}${understood || kind === "other" ? "" : color.yellow(", not understood")}`;
const describeKind = {
  forward: "a definition",
  gradient: "a gradient",
  other: "neither definition nor gradient",
} as const;

/** What is refuted or does not fit, before everything else. */
function wrongLines({ document, equations }: DocumentReport, color: Colors): string[] {
  const found = equations.flatMap(({ number, line, statements }) =>
    statements.flatMap(({ steps }) =>
      steps
        .filter(isWrong)
        .map(
          ({ verdict, reading, original }) =>
            `${color.dim(`${document}:${line}:`)} equation ${number} ${color.red(verdict ?? "")}: ${reading ?? `= ${oneLine(original)}`}`,
        ),
    ),
  );
  return found.length > 0 ? [color.bold("What does not hold"), "", ...found, ""] : [];
}

function statementLines(
  { original, steps, reason, kind }: StatementReport,
  told: Told,
  color: Colors,
): string[] {
  if (steps.length === 0)
    return [
      `  ${color.dim(oneLine(original))}`,
      ...(reason && kind !== "other" ? [`    ${color.yellow(reason)}`] : []),
    ];
  return [
    `  ${color.dim(oneLine(original))}`,
    ...steps.flatMap((step) => stepLines(step, told.get(step), color)),
  ];
}

function stepLines(
  { original, reading, verdict, tensor, counterexample, notes, reason, gradient }: StepReport,
  before: number | undefined,
  color: Colors,
): string[] {
  const label = verdict === undefined ? "" : `${verdictColor(verdict, color)}  `;
  const lines = [
    reading === undefined
      ? `    ${label}= ${oneLine(original)}: ${color.yellow(reason ?? "not understood")}`
      : `    ${label}${reading}`,
  ];
  for (const note of notes) lines.push(`      ${color.dim(note)}`);
  if (before !== undefined) return [...lines, `      as in equation ${before}`];
  if (verdict === "refuted" && tensor !== undefined)
    lines.push(
      `      ${describeCounterexample({ tensor, line: 0, verdict, counterexample: counterexample ?? null })}`,
    );
  if (gradient !== undefined)
    lines.push(`      the gradient is ${gradient.replaceAll("\n", "\n                      ")}`);
  return lines;
}
const verdictColor = (verdict: string, color: Colors): string =>
  verdict === "refuted" || verdict === "does not fit"
    ? color.red(verdict)
    : verdict === "proved"
      ? color.green(verdict)
      : color.yellow(verdict);
/** LaTeX without its line breaks. */
const oneLine = (source: string): string => source.replace(/\s+/gu, " ").trim();
