/**
 * Claims that are right for all legal sizes, params and values, and claims that are wrong for some: just beyond a constant, at a tie,
 * for a param that few would choose.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deriveText } from "../../src/pipeline.js";
import { judgeClaims, type Claim } from "../../src/verdicts.js";

const folder = new URL("claims/", import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(".layer", ""));
const judged = (name: string): readonly Claim[] => {
  const text = readFileSync(new URL(`${name}.layer`, folder), "utf8");
  return judgeClaims(deriveText(text, `${name}.layer`), { file: `${name}.layer`, text });
};
describe("right claims", () => {
  test.each(names.filter((name) => name.startsWith("right")))("%s is proved", (name) => {
    for (const { tensor, verdict } of judged(name)) expect(`${tensor} ${verdict}`).toBe(`${tensor} proved`);
  });
});

describe("wrong claims", () => {
  test.each(names.filter((name) => name.startsWith("wrong")))(
    "%s is refuted, by what is legal and finite",
    (name) => {
      const claims = judged(name);
      expect(claims.length).toBeGreaterThan(0);
      for (const { verdict, counterexample } of claims) {
        expect(verdict).toBe("refuted");
        expect(counterexample?.["derived"]).toSatisfy(Number.isFinite);
      }
    },
  );
});
