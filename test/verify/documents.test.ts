/** The gradients that documents state, as claims: each has the verdict that the tables of docs/claims.md give it. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { compileText } from "../../src/pipeline.js";
import { judgeClaims, type Claim } from "../../src/verdicts.js";

const root = resolve(import.meta.dirname, "../..");
const samples = "test/documents";

interface Row {
  readonly equation: string;
  readonly claims: readonly string[];
  readonly verdict: string;
  /** Claims named in the remark: how the equation should read. */
  readonly mended: readonly string[];
}
/** `dw of specs/linear.layer` for each link of a cell. */
const claimsIn = (cell: string): string[] =>
  [...cell.matchAll(/\[\w+: (\w+)\]\(\.\.\/([\w/]+\.layer)\)/gu)].map((m) => `${m[1]} of ${m[2]}`);
const rows = readFileSync(join(root, "docs/claims.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => cells.length === 7 && cells[3]?.includes(".layer"))
  .map(([, , equation = "", claim = "", verdict = "", remark = ""]): Row => {
    return { equation, claims: claimsIn(claim), verdict, mended: claimsIn(remark) };
  });

const judged = new Map<string, readonly Claim[]>();
function verdictOf(claim: string): string | undefined {
  const [tensor, file = ""] = claim.split(" of ");
  const text = readFileSync(join(root, file), "utf8");
  if (!judged.has(file)) judged.set(file, judgeClaims(compileText(text, basename(file)), { file, text }));
  return judged.get(file)?.find((c) => c.tensor === tensor)?.verdict;
}

describe("the tables of docs/claims.md", () => {
  test("have rows for all five documents", () => expect(rows.length).toBeGreaterThan(70));
  test.each(rows.flatMap((row) => row.claims.map((claim) => [claim, row] as const)))(
    "%s",
    (claim, { verdict, mended }) => {
      expect(verdictOf(claim)).toBe(verdict);
      if (verdict === "refuted") expect(mended.length).toBeGreaterThan(0);
      for (const other of mended) expect(verdictOf(other)).toBe("proved");
    },
  );
  test("name every claim of the samples", () => {
    const named = new Set(rows.flatMap(({ claims, mended }) => [...claims, ...mended]));
    const missing = readdirSync(join(root, samples)).flatMap((file) => {
      const path = `${samples}/${file}`;
      const { layer } = compileText(readFileSync(join(root, path), "utf8"), file);
      return layer.claims.map(({ tensor }) => `${tensor} of ${path}`).filter((claim) => !named.has(claim));
    });
    // steps towards the claims that the tables name
    expect(missing.filter((claim) => !/^(dxhat|dv|dmu) of .*batch_norm/u.test(claim))).toEqual([]);
  });
});
