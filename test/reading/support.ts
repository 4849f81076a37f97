/** Documents of a few lines, and what is read of them. */
import { readDocument } from "../../src/reading/read.js";
import type { StepReport } from "../../src/reading/report/report.js";

/** The last step of each statement, in order. */
export function stepsOf(document: string): readonly StepReport[] {
  const { equations } = readDocument(document, "notes.md");
  return equations.flatMap(({ statements }) => statements.flatMap(({ steps }) => steps.at(-1) ?? []));
}
export const readingsOf = (document: string): readonly (string | undefined)[] =>
  stepsOf(document).map(({ reading }) => reading);
/** What holds is proved or found without a difference. */
export const verdictsOf = (document: string): readonly string[] =>
  stepsOf(document).map(({ verdict, reading, reason }) =>
    verdict === undefined ? (reading ?? `? ${reason}`) : verdict === "refuted" ? "refuted" : "holds",
  );
