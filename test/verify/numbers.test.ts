import { describe, expect, test } from "vitest";
import { binary, unary, type BinaryName, type UnaryName } from "../../src/primitives/index.js";
import { dual } from "../../src/verify/dual.js";
import { float64 } from "../../src/verify/numbers.js";
import { erf, erfc, gelu } from "../../src/primitives/special.js";

const binaryNames = Object.keys(binary) as readonly BinaryName[];
const unaryNames = Object.keys(unary) as readonly UnaryName[];

describe("float64", () => {
  test("erf and its complement, to the last digits", () => {
    // values of the NIST tables
    expect(erf(0.1)).toBeCloseTo(0.1124629160182849, 15);
    expect(erf(1)).toBeCloseTo(0.8427007929497149, 15);
    expect(erf(2)).toBeCloseTo(0.9953222650189527, 15);
    expect(erf(3)).toBeCloseTo(0.9999779095030014, 15);
    expect(erf(-0.5)).toBeCloseTo(-0.5204998778130465, 15);
    expect(erfc(4) / 1.541725790028002e-8).toBeCloseTo(1, 13);
    expect(erfc(2.4999999) / erfc(2.5000001)).toBeCloseTo(1, 5);
    expect(gelu(-10)).toBeCloseTo(-7.61985302416e-23, 30);
    expect([erf(Infinity), erf(-Infinity), erf(0), gelu(-Infinity)]).toEqual([1, -1, 0, 0]);
  });
  test("stable where the formulas as written overflow", () => {
    expect(float64.unary("softplus")(800)).toBe(800);
    expect(float64.unary("softplus")(-800)).toBe(0);
    expect(float64.unary("sigmoid")(-800)).toBe(0);
    expect(float64.unary("sigmoid")(800)).toBe(1);
  });
  test("the language's own conventions", () => {
    const { round, sign, mod } = {
      round: float64.unary("round"),
      sign: float64.unary("sign"),
      mod: float64.binary("mod"),
    };
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4].map(round)).toEqual([0, 2, 2, 0, -2, 2]);
    expect(sign(0)).toBe(0);
    expect([mod(-1, 3), mod(5.5, 2), mod(-5.5, 2), mod(1, -3)]).toEqual([2, 1.5, 0.5, -2]);
    expect(float64.power(-2, 3)).toBe(-8);
    expect(float64.power(-2, -1)).toBe(-0.5);
  });
});

describe("dual numbers", () => {
  const numbers = dual(float64);
  const domain: Partial<Record<UnaryName, readonly number[]>> = {
    log: [0.3, 2],
    sqrt: [0.3, 2],
    log1p: [-0.4, 2],
    asin: [-0.7, 0.4],
    acos: [-0.7, 0.4],
  };
  test.each(unaryNames)("%s has the slope of its graph", (name) => {
    const f = float64.unary(name);
    for (const u of domain[name] ?? [-1.3, -0.2, 0.7, 2.1]) {
      const h = 1e-4;
      const wide = (f(u + 2 * h) - f(u - 2 * h)) / (4 * h);
      const narrow = (f(u + h) - f(u - h)) / (2 * h);
      const { value, tangent } = numbers.unary(name)({ value: u, tangent: 1 });
      expect(value).toBe(f(u));
      expect(tangent).toBeCloseTo((4 * narrow - wide) / 3, 9);
    }
  });
  test.each(binaryNames)("%s has the slopes of its graph", (name) => {
    const f = float64.binary(name);
    const h = 1e-5;
    for (const [a, b] of [
      [2.7, 1.1],
      [-0.4, 0.9],
      [0.3, -1.7],
    ] as const) {
      const slope = (da: number, db: number): number =>
        numbers.binary(name)({ value: a, tangent: da }, { value: b, tangent: db }).tangent;
      expect(slope(1, 0)).toBeCloseTo((f(a + h, b) - f(a - h, b)) / (2 * h), 8);
      expect(slope(0, 1)).toBeCloseTo((f(a, b + h) - f(a, b - h)) / (2 * h), 8);
    }
  });
  test("kinks and ties as the language says", () => {
    const at = (value: number, tangent = 1): { value: number; tangent: number } => ({ value, tangent });
    expect(numbers.unary("relu")(at(0)).tangent).toBe(0);
    expect(numbers.unary("abs")(at(0)).tangent).toBe(0);
    expect(numbers.binary("max")(at(1, 10), at(1, 20)).tangent).toBe(20);
    expect(numbers.binary("min")(at(1, 10), at(1, 20)).tangent).toBe(20);
    expect(numbers.unary("sqrt")(at(0)).tangent).toBe(Infinity);
    expect(numbers.unary("floor")(at(0.5)).tangent).toBe(0);
    expect(numbers.stop(at(3)).tangent).toBe(0);
    // an infinite slope makes nothing of what is fixed, or does not move on its branch
    expect(numbers.unary("sqrt")({ ...at(0, 0), fixed: true }).tangent).toBe(0);
    expect(numbers.unary("sqrt")(numbers.unary("relu")(at(0))).tangent).toBe(0);
    // but √(x²) has no derivative at 0
    expect(numbers.unary("sqrt")(numbers.power(at(0), 2)).tangent).toBe(NaN);
  });
  test("powers", () => {
    const at = (value: number, tangent: number) => ({ value, tangent });
    expect(numbers.power(at(-2, 1), 3)).toEqual(at(-8, 12));
    expect(numbers.power(at(0, 1), 1)).toEqual(at(0, 1));
    const { tangent } = numbers.raise()(at(2, 0), at(3, 1));
    expect(tangent).toBeCloseTo(8 * Math.log(2), 14);
    const raised = (a: number, b: number): number => numbers.raise()(at(a, 1), at(b, 1)).tangent;
    expect([raised(0, 2), raised(0, 1), raised(0, 0)]).toEqual([0, 1, -Infinity]);
    expect(numbers.raise()(at(0, 1), numbers.rational(0)).tangent).toBe(0);
  });
  test("duals over duals give second derivatives", () => {
    const second = dual(numbers);
    const x = { value: { value: 0.6, tangent: 1 }, tangent: { value: 1, tangent: 0 } };
    expect(second.unary("sin")(x).tangent.tangent).toBeCloseTo(-Math.sin(0.6), 14);
  });
});
