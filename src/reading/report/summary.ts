/** A report in a few sentences. */
import type { DocumentReport } from "./report.js";

export function summaryOf({ document, counts }: DocumentReport): readonly string[] {
  const { equations, forward, gradient, understood, proved, unproved, refuted, unfitting, depending } =
    counts;
  const stated = forward + gradient;
  const share = stated > 0 ? ` (${Math.round((100 * understood) / stated)}%)` : "";
  const verdicts = [
    ...(proved > 0 ? [`${proved} proved`] : []),
    ...(unproved > 0 ? [`${unproved} found without a difference`] : []),
    ...(depending > 0 ? [`${depending} that depend${depending === 1 ? "s" : ""} on the reading`] : []),
    ...(unfitting > 0 ? [`${unfitting} that do${unfitting === 1 ? "es" : ""} not fit`] : []),
    ...(refuted > 0 ? [`${refuted} refuted`] : []),
  ];
  return [
    `${document}: ${count(equations, "display equation")}, ${count(forward, "definition")}, ${count(gradient, "gradient statement")}.`,
    `Understood: ${understood} of ${stated}${share}.${verdicts.length > 0 ? ` Of the steps: ${verdicts.join(", ")}.` : ""}`,
  ];
}
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
