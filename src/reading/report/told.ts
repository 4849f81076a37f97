/** What a report has told already: one root cause is told once. */
import type { DocumentReport, StepReport } from "./report.js";

/** For a step that says what an earlier one said, wrongly or for the same reason not understood: the number of that equation. */
export type Told = ReadonlyMap<StepReport, number>;

export function toldBefore({ equations }: Pick<DocumentReport, "equations">): Told {
  const first = new Map<string, number>();
  const told = new Map<StepReport, number>();
  for (const { number, statements } of equations)
    for (const { steps } of statements)
      for (const step of steps) {
        const cause = causeOf(step);
        if (cause === undefined) continue;
        const before = first.get(cause);
        if (before === undefined) first.set(cause, number);
        else told.set(step, before);
      }
  return told;
}

/** A claim that is refuted, or why a definition is not understood on which others depend. */
const causeOf = ({ verdict, reading, layer, reason }: StepReport): string | undefined => {
  if (verdict === "refuted") return `${reading}\n${layer?.replace(/^(?:#.*\n)+/u, "")}`;
  return verdict === undefined && reason !== undefined && reason.startsWith("the definition of")
    ? reason
    : undefined;
};
