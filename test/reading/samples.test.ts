/**
 * Notes on backpropagation in many styles. Each ends with a comment that says, for each equation, what its steps must be
 * found to be: read, proved, refuted, or not understood with the reason. Steps are separated by commas, statements by
 * semicolons. What no comment expects is a failure, so nothing can be misread unnoticed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseLayer } from "../../src/language/parse.js";
import { layerFiles } from "../../src/reading/report/files.js";
import { readDocument } from "../../src/reading/read.js";
import type { EquationReport } from "../../src/reading/report/report.js";

const folder = join(import.meta.dirname, "samples");
const expected = /^(?:<!--|% ?)?\s*(?<number>\d+): (?<outcome>.*?)\s*$/gmu;

const outcomeOf = ({ statements }: EquationReport): string =>
  statements
    .map(({ steps, reason }) =>
      steps.length === 0
        ? `? ${reason ?? "nothing is stated"}`
        : steps
            .map(
              ({ verdict, reading, reason: why }) => verdict ?? (reading === undefined ? `? ${why}` : "read"),
            )
            .join(", "),
    )
    .join("; ");

it.each(readdirSync(folder))("%s", (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const end = text.lastIndexOf("expected");
  const report = readDocument(text, file);
  const wanted = [...text.slice(end).matchAll(expected)].map(
    ({ groups }) => `${groups?.["number"]}: ${groups?.["outcome"]}`,
  );
  expect(report.equations.map((equation) => `${equation.number}: ${outcomeOf(equation)}`)).toEqual(wanted);
  for (const { content } of layerFiles(report)) {
    expect(content).toMatch(
      new RegExp(`^# ${file}, .*equation \\d+, line \\d+\\.|^# ${file}: equation`, "u"),
    );
    expect(parseLayer(content, "read.layer").problems).toEqual([]);
  }
});
