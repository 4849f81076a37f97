/** Claims whose verdict hangs on one cell: none that is wrong is proved, and all that are right are. */
import { describe, expect, test } from "vitest";
import { deriveText } from "../../src/pipeline.js";
import { judgeClaims } from "../../src/verdicts.js";
import { cellClaims, untold } from "./cell-claims.js";

const verdicts = (layer: string, claim: string, name = "sample"): readonly string[] => {
  const text = `${layer}\n${claim}\n`;
  const file = `${name}.layer`;
  return judgeClaims(deriveText(text, file), { file, text }).map(({ verdict }) => verdict);
};

describe.each(Object.entries(cellClaims))("%s", (_, { layer, right, wrong }) => {
  test.each(right)("proved: %s", (claim) => expect(verdicts(layer, claim)).toEqual(["proved"]));
  test.each(wrong)("wrong: %s", (claim) =>
    expect(verdicts(layer, claim)).toEqual([untold.has(claim) ? "unproved" : "refuted"]),
  );
});

test("an unproved claim names the cell that was not reached", () => {
  const text = "input x[N]\noutput z[N]\nz[n] = x[n]^2\nclaim dx[n] = where(N > 1000000, 0, 2*x[n]*dz[n])\n";
  const [claim] = judgeClaims(deriveText(text, "far.layer"), { file: "far.layer", text });
  expect(claim?.verdict).toBe("unproved");
  expect(claim?.untried).toEqual(["N - 1000001 == 0", "N - 1000001 > 0"]);
});

test("a verdict does not depend on the file's name", () => {
  const { layer, wrong, right } = cellClaims["a kink of two tensors"]!;
  for (const claim of [...wrong, ...right])
    expect(new Set(["a", "b", "conv2d", "x9"].map((name) => verdicts(layer, claim, name).join())).size).toBe(
      1,
    );
});
