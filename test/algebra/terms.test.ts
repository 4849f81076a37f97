/** Sums of terms: branches of one condition are one, groups that share what is left are one. Each example is proved by exact arithmetic. */
import { describe, expect, it } from "vitest";
import { collectTerms } from "../../src/algebra/terms.js";
import { printExpression } from "../../src/language/print.js";
import { keyOfExpression } from "../../src/notation/key.js";
import type { Expression } from "../../src/notation/expression.js";
import { deriveText } from "../../src/pipeline.js";
import { noFacts } from "../../src/ranges/prove.js";
import { judgeClaims } from "../../src/verdicts.js";

const declared = "input x\ninput u\ninput v\ninput w\nweight a\noutput y\n";
const formulaOf = (text: string): Expression =>
  deriveText(`${declared}y = ${text}\n`, "terms.layer").layer.statements.at(-1)!.body;

const examples: readonly (readonly [before: string, after: string])[] = [
  ["where(x > 0, u, v) + where(x > 0, w, u)", "where(x > 0, u + w, u + v)"],
  ["where(x > 0, u, v) + where(not(x > 0), w, u)", "where(x > 0, 2*u, v + w)"],
  [
    "where(x > 0, u, v) + w + 2*where(not(x > 0), v, u) + where(x > 0, exp(v), 0)",
    "where(x > 0, exp(v) + 3*u, 3*v) + w",
  ],
  ["where(not(x == u), u, v) - where(x == u, w, 0)", "where(x == u, v - w, u)"],
  ["where(x > 0, u, v) + where(x >= 0, w, u)", "where(x > 0, u, v) + where(x >= 0, w, u)"],
  ["u*x + u*w + v*x + v*w", "(u + v)*(x + w)"],
  ["u*exp(x) + v*exp(x) - 2*u*w - 2*v*w", "(u + v)*(exp(x) - 2*w)"],
  [
    "u*sigmoid(x) + u*x*sigmoid(x)*(1 - sigmoid(x)) + v*sigmoid(x) + v*x*sigmoid(x)*(1 - sigmoid(x))",
    "(u + v)*sigmoid(x)*(x*(1 - sigmoid(x)) + 1)",
  ],
  ["u*x + u*w + v*x + exp(w)", "u*x + u*w + v*x + exp(w)"],
];

describe.each(examples.map(([before, after]) => ({ before, after })))("$before", ({ before, after }) => {
  it(`is ${after}`, () => {
    const found = collectTerms(formulaOf(before), noFacts);
    expect(keyOfExpression(found), printExpression(found)).toBe(keyOfExpression(formulaOf(after)));
  });
  it("is so by exact arithmetic", () => {
    const text = `${declared}y = a*(${before})\nclaim da = dy*(${after})\n`;
    const [claim] = judgeClaims(deriveText(text, "terms.layer"), { text, file: "terms.layer" });
    expect(claim?.verdict).toBe("proved");
  });
});
