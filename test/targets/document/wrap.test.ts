import { expect, it } from "vitest";
import { wrapFormula } from "../../../src/targets/document/wrap.js";

const formula = "z[n, k] = sum[c < C](x[n, c] * w[c, k]) + b[k] - sqrt(u[n]) / v[n]";

it("leaves a short formula on its line", () => {
  expect(wrapFormula(formula, 100, 2)).toBe(`  ${formula}`);
});
it("ends lines in an operator, a comma or =", () => {
  expect(wrapFormula(formula, 30, 2)).toMatchInlineSnapshot(`
    "  z[n, k] =
          sum[c < C](x[n, c] *
          w[c, k]) + b[k] -
          sqrt(u[n]) / v[n]"
  `);
});
it("loses nothing but line breaks", () => {
  for (let width = 1; width < 80; width++)
    expect(wrapFormula(formula, width, 0).replaceAll(/\s*\n\s*/gu, " ")).toBe(formula);
});
