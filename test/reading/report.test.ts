/** The report on the five documents stands in docs/: its verdicts are those of docs/claims.md, its counts those of docs/reading.md. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const docs = resolve(import.meta.dirname, "../../docs");
const linesOf = (file: string): readonly string[] => readFileSync(join(docs, file), "utf8").split("\n");
/** Rows of tables below their headings of the second level. */
function rowsOf(file: string): readonly { readonly title: string; readonly cells: readonly string[] }[] {
  let title = "";
  return linesOf(file).flatMap((line) => {
    if (line.startsWith("## ")) title = line.slice(3).replaceAll(/[“”"]/gu, "");
    if (!line.startsWith("|") || line.startsWith("| ---")) return [];
    const cells = line.slice(1, -1).split(/(?<!\\)\|/u).map((cell) => cell.trim()); // prettier-ignore
    return [{ title, cells }];
  });
}
/** `3.1.1` of “3.1.1 Gradient on Kernel”, `linear` of “1.Linear”. */
const sectionKey = (section: string): string =>
  (/^(?:\d+\.)*\d+(?=[.\s]|$)/u.exec(section)?.[0].includes(".")
    ? /^(?:\d+\.)*\d+/u.exec(section)![0]
    : section.replace(/^(?:Ops )?\d+\.?\s*/u, "")
  ).toLowerCase();

const claims = rowsOf("claims.md").flatMap(({ title, cells: [section = "", , claim = "", verdict = ""] }) => {
  const tensors = [...claim.matchAll(/\[\w+: d(\w+)\]/gu)].map((match) => match[1]!.toLowerCase());
  return tensors.length > 0 ? [{ title, section: sectionKey(section), tensors, verdict }] : [];
});
const steps = rowsOf("reading-report.md")
  .filter(({ cells }) => cells[0] !== "equation")
  .map(({ title, cells: [equation = "", section = "", step = "", read = "", verdict = ""] }) => {
    const tensor = /^`d([^[\s]+)/u.exec(read)?.[1]?.toLowerCase();
    const last = /^(\d+) of \1$/u.test(step);
    return { title, equation, section: sectionKey(section), tensor, last, verdict };
  });

describe("the report on the five documents", () => {
  it("refutes what docs/claims.md refutes, and nothing else", () => {
    const refuted = steps.filter(({ verdict }) => verdict === "refuted");
    expect(refuted.map(({ title, section, tensor }) => [title, section, tensor])).toEqual([
      ["Back Propagation Summary", "3.2.1", "k"],
      ["Backpropgation", "linear", "w"],
      ["Backpropgation", "bmm", "x"],
    ]);
    for (const { title, section, tensor } of refuted)
      expect(claims).toContainEqual(
        expect.objectContaining({
          title,
          section,
          verdict: "refuted",
          tensors: expect.arrayContaining([tensor]),
        }),
      );
  });

  it("proves nothing that docs/claims.md only refutes", () => {
    const wrong = steps.filter(({ title, section, tensor, last, verdict }) => {
      if (verdict !== "proved" || !last || tensor === undefined) return false;
      const about = claims.filter(
        (claim) => claim.title === title && claim.section === section && claim.tensors.includes(tensor),
      );
      return about.length > 0 && about.every((claim) => claim.verdict === "refuted");
    });
    expect(wrong).toEqual([]);
  });

  it("speaks of the sections of docs/claims.md", () => {
    const about = steps.filter((step) =>
      claims.some(
        (claim) => claim.title.startsWith(step.title.slice(0, 24)) && claim.section === step.section,
      ),
    );
    expect(about.length).toBeGreaterThan(60);
  });

  it("has the counts of docs/reading.md", () => {
    const table = rowsOf("reading.md").filter(({ title }) => title === "Five documents");
    for (const { cells } of table.slice(1, 6)) {
      const name = cells[0]!.replaceAll(/[“”]/gu, "");
      const own = steps.filter(({ title }) => title.replaceAll(/[“”]/gu, "") === name);
      const counts = ["proved", "refuted"].map(
        (verdict) => own.filter((step) => step.verdict === verdict).length,
      );
      expect([name, ...counts.map(String)]).toEqual([name, cells[4], cells[5]]);
    }
  });
});
