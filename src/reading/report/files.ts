/** What was read, as `.layer` files that name the document, the section and the equation. */
import type { DocumentReport } from "./report.js";

/** A file for each equation that was understood; of its steps the last. Refuted claims are left out. */
export function layerFiles({
  document,
  equations,
}: DocumentReport): readonly { readonly name: string; readonly content: string }[] {
  const stem = document.replace(/\.[^.]*$/u, "").replaceAll(/[^A-Za-z0-9]+/gu, "_").replace(/^_+|_+$/gu, ""); // prettier-ignore
  const prefix = /^[A-Za-z]/u.test(stem) ? stem : `document_${stem}`;
  return equations.flatMap(({ number, statements }) => {
    const layers = statements.flatMap(({ steps }) => {
      const kept = steps.findLast(({ layer, verdict }) => layer !== undefined && verdict !== "refuted");
      return kept?.layer ?? [];
    });
    return [...new Set(layers)].map((content, i, all) => ({
      name: `${prefix}_${number}${all.length > 1 ? `_${i + 1}` : ""}.layer`,
      content,
    }));
  });
}
