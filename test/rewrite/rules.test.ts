/** Every rule: its examples, and the equation itself by exact arithmetic. */
import { describe, expect, it } from "vitest";
import { printExpression } from "../../src/language/print.js";
import { keyOfExpression } from "../../src/notation/key.js";
import { deriveText } from "../../src/pipeline.js";
import { byRule, rewritten } from "../../src/rewrite/engine.js";
import { shortForms, stableForms } from "../../src/rewrite/rules/forms.js";
import { judgeClaims } from "../../src/verdicts.js";
import type { Expression } from "../../src/notation/expression.js";

const formulaOf = (text: string): Expression =>
  deriveText(`input x\ninput w\noutput y\ny = ${text}\n`, "rule.layer").layer.statements.at(-1)!.body;
/** Letters are called as they are in the rule. */
const spelled = (e: Expression): string => printExpression(e).replaceAll("?", "");

describe.each(stableForms.map((rule) => ({ ...rule })))("$name", (rule) => {
  const rules = shortForms.some(({ name }) => name === rule.name) ? shortForms : stableForms;
  it.each(rule.examples.map(([before, after]) => ({ before, after })))(
    "$before is $after",
    ({ before, after }) => {
      const found = rewritten(formulaOf(before), rules);
      expect(keyOfExpression(found), printExpression(found)).toBe(keyOfExpression(formulaOf(after)));
    },
  );

  it("changes what it is said to change, and nothing else", () => {
    expect(byRule({ ...rule, only: () => true }, rule.left, () => undefined)).toBeDefined();
    for (const name of ["x", "w"]) {
      const e = formulaOf(`${name} + 2`);
      expect(rewritten(e, [rule])).toBe(e);
    }
  });

  it("is an equation", () => {
    // the derivative of a·left by a is left: a claim that it is the right side is proved by exact arithmetic
    const text = `input u\ninput v\nweight a\noutput y\ny = a*(${spelled(rule.left)})\nclaim da = dy*(${spelled(rule.right)})\n`;
    const [claim] = judgeClaims(deriveText(text, "rule.layer"), { text, file: "rule.layer" });
    expect({ text, verdict: claim?.verdict }).toEqual({ text, verdict: "proved" });
  });
});
