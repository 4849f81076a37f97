import { beforeAll, describe, expect, test } from "vitest";
import { helperNames, helperSources, type HelperName } from "../../../src/targets/typescript/helpers.js";
import { stripTypes } from "../../../src/targets/typescript/javascript.js";

let helpers: Record<HelperName, (...args: number[]) => number>;
beforeAll(async () => {
  const source = [...helperSources(new Set(helperNames)), `export { ${helperNames.join(", ")} };`].join("\n");
  helpers = await import(`data:text/javascript,${encodeURIComponent(stripTypes(source))}`);
});
const relative = (value: number, exact: number): number => Math.abs(value - exact) / (Math.abs(exact) || 1);

test("only what is used and needed is written, in one order", () => {
  const [near, ...rest] = helperSources(new Set<HelperName>(["gelu", "mod"]));
  expect(near).toContain("function mod(");
  expect(rest.map((source) => /function (\w+)/.exec(source)?.[1])).toEqual(["polynomial", "erf", "gelu"]);
  expect(helperSources(new Set())).toEqual([]);
});

describe("erf", () => {
  // computed with 40 digits
  test.each([
    [0, 0.0],
    [1e-300, 1.1283791670955126e-300],
    [1e-8, 1.1283791670955126e-8],
    [0.1, 0.1124629160182849],
    [0.46875, 0.49261347321793797],
    [0.5, 0.5204998778130465],
    [0.8, 0.7421009647076605],
    [0.9999999999, 0.8427007929082041],
    [1, 0.8427007929497149],
    [1.0000000001, 0.8427007929912256],
    [1.25, 0.9229001282564583],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [2.6, 0.9997639655834707],
    [3, 0.9999779095030014],
    [3.7, 0.9999998328489421],
    [4.5, 0.9999999998033839],
    [5.5, 0.9999999999999927],
    [5.9999, 1.0],
    [6, 1.0],
    [30, 1.0],
  ])("erf(%s)", (u, exact) => {
    expect(relative(helpers.erf(u), exact)).toBeLessThan(1e-15);
    expect(helpers.erf(-u)).toBe(-helpers.erf(u));
  });
  test("NaN, and the far ends", () => {
    expect(helpers.erf(NaN)).toBeNaN();
    expect([helpers.erf(Infinity), helpers.erf(-Infinity)]).toEqual([1, -1]);
  });
});

describe("the others", () => {
  test("sigmoid and softplus neither overflow nor lose small values", () => {
    expect([helpers.sigmoid(-1000), helpers.sigmoid(1000), helpers.sigmoid(0)]).toEqual([0, 1, 0.5]);
    expect(relative(helpers.sigmoid(-40), Math.exp(-40))).toBeLessThan(1e-15);
    expect([helpers.softplus(1000), helpers.softplus(-1000)]).toEqual([1000, 0]);
    expect(relative(helpers.softplus(-40), Math.exp(-40))).toBeLessThan(1e-15);
    expect(relative(helpers.softplus(0), Math.LN2)).toBeLessThan(1e-15);
  });
  test("gelu(1) = Φ(1)", () => {
    expect(relative(helpers.gelu(1), 0.8413447460685429)).toBeLessThan(1e-15);
    expect(helpers.gelu(-40)).toBe(-0);
  });
  test("mod has the sign of the divisor", () => {
    expect([helpers.mod(7, 3), helpers.mod(-7, 3), helpers.mod(7, -3), helpers.mod(-0.5, 1)]).toEqual([
      1, 2, -2, 0.5,
    ]);
  });
  test("round goes to even", () => {
    const values = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, 2.6, -2.6, 7];
    expect(values.map((u) => helpers.roundEven(u) + 0)).toEqual([0, 2, 2, 0, -2, -2, 2, 3, -3, 7]);
    expect([helpers.roundEven(Infinity), helpers.roundEven(2 ** 52 + 1)]).toEqual([Infinity, 2 ** 52 + 1]);
  });
  test("ties of max and min go to the second argument, as does NaN", () => {
    expect([
      helpers.greater(2, 1),
      helpers.greater(NaN, 1),
      helpers.lesser(2, 1),
      helpers.lesser(NaN, 1),
    ]).toEqual([2, 1, 1, 1]);
    expect(Object.is(helpers.greater(0, -0), -0)).toBe(true);
  });
  test("gcd and inverse, all small pairs", () => {
    for (let m = 1; m <= 30; m++)
      for (let a = 1; a <= 60; a++) {
        const g = helpers.gcd(a, m);
        expect(a % g === 0 && m % g === 0).toBe(true);
        for (let d = g + 1; d <= m; d++) expect(a % d === 0 && m % d === 0).toBe(false);
        if (g !== 1) continue;
        const x = helpers.inverse(a, m);
        expect(x >= 0 && x < m && (a * x) % m === 1 % m).toBe(true);
        expect(helpers.inverse(-a, m)).toBe(m === 1 ? 0 : m - x);
      }
    expect(helpers.gcd(-4, 6)).toBe(2);
  });
});
