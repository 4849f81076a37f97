import { beforeAll, describe, expect, test } from "vitest";
import {
  helpers as table,
  type HelperName,
  type OwnHelper,
} from "../../../src/targets/typescript/helpers.js";
import { helperSources } from "../../../src/targets/typescript/made.js";
import { stripTypes } from "../../../src/targets/typescript/javascript.js";

const helperNames = Object.keys(table) as readonly OwnHelper[];
let helpers: Record<OwnHelper, (...args: number[]) => number>;
beforeAll(async () => {
  const source = [...helperSources(new Set(helperNames)), `export { ${helperNames.join(", ")} };`].join("\n");
  helpers = await import(`data:text/javascript,${encodeURIComponent(stripTypes(source))}`);
});
const relative = (value: number, exact: number): number => Math.abs(value - exact) / (Math.abs(exact) || 1);

test("only what is used and needed is written, in one order", () => {
  const sources = helperSources(new Set<HelperName>(["gelu", "mod"]));
  expect(sources.map((source) => /(?:function|const) (\w+)/.exec(source)?.[1])).toEqual([
    "mod",
    "fractionalPowers",
    "wholePowers",
    "exp",
    "erfNear",
    "erfcFar",
    "erf",
    "gelu",
  ]);
  expect(helperSources(new Set())).toEqual([]);
});

/** `count` numbers between two, evenly and with their neighbours in double precision. */
function* between(from: number, to: number, count: number): Generator<number> {
  for (let i = 0; i <= count; i++) {
    const u = from + ((to - from) * i) / count;
    yield* [u, u * (1 + 2 ** -52), u * (1 - 2 ** -53)];
  }
}
/** The largest relative difference over the numbers. */
const worst = (
  numbers: Iterable<number>,
  ours: (u: number) => number,
  exact: (u: number) => number,
): number => {
  let most = 0;
  for (const u of numbers) most = Math.max(most, relative(ours(u), exact(u)));
  return most;
};

describe("exp", () => {
  // computed with 40 digits
  test.each([
    [-744, 1e-323],
    [-720, 2.0322308024e-313],
    [-708, 3.307553003638408e-308],
    [-100.5, 2.256340135917036e-44],
    [-1, 0.36787944117144233],
    [-1e-10, 0.9999999999],
    [0, 1],
    [1e-300, 1],
    [0.1, 1.1051709180756477],
    [1.5, 4.4816890703380645],
    [10.25, 28282.541920334977],
    [88.7, 3.325986980250579e38],
    [709.78, 1.7928227943945155e308],
  ])("exp(%s)", (u, exact) => {
    // where doubles are far apart, to the nearest one but one
    const unit = Math.max(Math.abs(exact) * 2 ** -52, Number.MIN_VALUE);
    expect(Math.abs(helpers.exp(u) - exact)).toBeLessThanOrEqual(2 * unit);
  });
  test("two units in the last place of Math.exp over the whole range", () => {
    expect(worst(between(-708, 709.7, 100_000), helpers.exp, Math.exp)).toBeLessThan(2 * 2 ** -52);
    expect(worst(between(-1, 1, 100_000), helpers.exp, Math.exp)).toBeLessThan(2 * 2 ** -52);
    for (const u of between(-746, -708, 10_000))
      expect(Math.abs(helpers.exp(u) - Math.exp(u))).toBeLessThanOrEqual(
        2 * Math.max(Number.MIN_VALUE, Math.exp(u) * 2 ** -52),
      );
  });
  test("NaN, and the far ends", () => {
    expect(helpers.exp(NaN)).toBeNaN();
    expect([Infinity, 1e300, 709.79, 710].map((u) => helpers.exp(u))).toEqual(
      Array.from({ length: 4 }, () => Infinity),
    );
    expect([-Infinity, -1e300, -746, -745.2].map((u) => helpers.exp(u))).toEqual([0, 0, 0, 0]);
  });
});

describe("tanh, sigmoid and softplus", () => {
  test("to a few units in the last place", () => {
    const sigmoid = (u: number): number => (u < 0 ? Math.exp(u) / (1 + Math.exp(u)) : 1 / (1 + Math.exp(-u)));
    const softplus = (u: number): number => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)));
    for (const span of [1, 25, 700]) {
      const numbers = [...between(-span, span, 20_001)];
      expect(worst(numbers, helpers.tanh, Math.tanh)).toBeLessThan(4 * 2 ** -52);
      expect(worst(numbers, helpers.sigmoid, sigmoid)).toBeLessThan(4 * 2 ** -52);
      expect(worst(numbers, helpers.softplus, softplus)).toBeLessThan(4 * 2 ** -52);
    }
  });
  test("NaN, zeros and the far ends", () => {
    for (const f of [helpers.tanh, helpers.sigmoid, helpers.softplus]) expect(f(NaN)).toBeNaN();
    expect([-Infinity, 0, -0, 1e-300, Infinity].map((u) => helpers.tanh(u))).toEqual([-1, 0, -0, 1e-300, 1]);
    expect([-Infinity, 0, Infinity].map((u) => helpers.sigmoid(u))).toEqual([0, 0.5, 1]);
    expect([-Infinity, Infinity].map((u) => helpers.softplus(u))).toEqual([0, Infinity]);
  });
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
    expect([helpers.gelu(-40), helpers.gelu(-Infinity), helpers.gelu(NaN)]).toEqual([-0, -0, NaN]);
  });
  // computed with 60 digits; -u² is rounded before it is raised to
  test.each([
    [-2.5, -0.015524163314440337],
    [-5, -1.4332578593959695e-6],
    [-8.5, -8.05760459887282e-17],
    [-20, -5.507248237212468e-88],
    [-37, -2.1184613523340935e-298],
  ])("gelu(%d), where 1 + erf cancels", (u, exact) => {
    expect(relative(helpers.gelu(u), exact)).toBeLessThan(2e-16 * (4 + u * u));
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
  test("relu of what is special", () => {
    const values = [NaN, Infinity, -Infinity, -0, -1, 5e-324, Number.MAX_VALUE];
    expect(values.map((u) => helpers.relu(u))).toEqual([NaN, Infinity, 0, 0, 0, 5e-324, Number.MAX_VALUE]);
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
