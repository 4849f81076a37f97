/** What each function's record says of it, held against its values. */
import { derivative as symbolic } from "mathjs";
import { describe, expect, it } from "vitest";
import { call } from "../../src/notation/construct.js";
import type { Expression } from "../../src/notation/expression.js";
import {
  isChoice,
  isFlat,
  primitives,
  slopesOf,
  unary,
  valueOfCall,
  type FunctionName,
} from "../../src/primitives/index.js";
import type { Value } from "../../src/primitives/record.js";
import { hasSigns, numberSigns } from "../../src/primitives/signs.js";
import { evaluateReal } from "../../src/ranges/evaluate.js";
import { compileFormula, gapsOf, lawOf } from "../../src/verify/formulas.js";
import { float64 } from "../../src/verify/numbers.js";

const names = Object.keys(primitives) as readonly FunctionName[];
const isUnary = (name: FunctionName): boolean => Object.hasOwn(unary, name);
const parameter = (name: string): Expression => ({ kind: "parameter", name });
const at = (e: Expression, u: number, v: number): number =>
  evaluateReal(
    e,
    new Map([
      ["u", u],
      ["v", v],
    ]),
  ) ?? NaN;
/** Points of all signs, none a kink or a step of any function. */
const points = [-2.3, -0.7, -0.27, 0.31, 0.6, 0.9, 1.7, 4.1];
const pairs = (name: FunctionName): readonly (readonly [number, number])[] =>
  isUnary(name)
    ? points.map((u) => [u, u])
    : points.flatMap((u) => points.filter((v) => v !== u).map((v) => [u, v] as const));

/** As mathjs writes them; it knows no other functions' derivatives. */
const asMathjs: Partial<Record<FunctionName, string>> = {
  ...{
    exp: "exp(u)",
    log: "log(u)",
    log1p: "log(1 + u)",
    expm1: "exp(u) - 1",
    sqrt: "sqrt(u)",
    abs: "abs(u)",
  },
  ...{ sin: "sin(u)", cos: "cos(u)", tan: "tan(u)", sinh: "sinh(u)", cosh: "cosh(u)", tanh: "tanh(u)" },
  ...{ asin: "asin(u)", acos: "acos(u)", atan: "atan(u)", sigmoid: "1/(1 + exp(-u))", square: "u^2" },
  softplus: "log(1 + exp(u))",
};

describe.each(names)("%s", (name) => {
  const record = primitives[name];
  const f = (u: number, v: number): number => valueOfCall(name, [u, v]);
  const slopes = record.derivative(parameter("u"), parameter("v"));

  it("has the derivative of its values", () => {
    for (const [u, v] of pairs(name)) {
      if (!Number.isFinite(f(u, v))) continue;
      const h = 1e-5;
      const measured = [(f(u + h, v) - f(u - h, v)) / (2 * h), (f(u, v + h) - f(u, v - h)) / (2 * h)];
      slopes.forEach((slope, i) => {
        const of = isUnary(name) ? (f(u + h, u + h) - f(u - h, u - h)) / (2 * h) : measured[i]!;
        if (Number.isFinite(of))
          expect(at(slope, u, v) / (1 + Math.abs(of))).toBeCloseTo(of / (1 + Math.abs(of)), 6);
      });
    }
  });
  it("has the derivative by its value that it has by its argument", () => {
    const byValue = record.fromValue?.(parameter("y"));
    if (byValue === undefined) return expect(record.fromValue).toBeUndefined();
    for (const u of points)
      if (Number.isFinite(f(u, u)))
        expect(evaluateReal(byValue, new Map([["y", f(u, u)]]))).toBeCloseTo(at(slopes[0]!, u, u), 9);
  });
  it("has signs among those it says", () => {
    for (const [u, v] of [...pairs(name), [0, 0] as const, [0, 1] as const, [-0, -1] as const]) {
      const value = f(u, v);
      if (!Number.isNaN(value))
        expect(hasSigns(record.signs(numberSigns(u), numberSigns(v)), numberSigns(value))).toBe(true);
    }
  });
  it("has the limits that it says", () => {
    if (!isUnary(name)) return expect(record.limits.minus).toBe(record.limits.plus);
    const is: Readonly<Record<Value, (value: number) => boolean>> = {
      zero: (value) => value === 0,
      plus: (value) => value === Infinity,
      minus: (value) => value === -Infinity,
      infinite: (value) => !Number.isFinite(value),
      finite: (value) => Number.isFinite(value),
    };
    const { zero, minus, plus } = record.limits;
    expect([is[zero](f(0, 0)), is[minus](f(-Infinity, 0)), is[plus](f(Infinity, 0))]).toEqual([
      true,
      true,
      true,
    ]);
  });
  it("is as large as it says", () => {
    const far = [-800, -30, ...points, 30, 800].flatMap((u) =>
      isUnary(name) ? [f(u, u)] : [f(u, 0.5), f(0.5, u)],
    );
    const holds = {
      bounded: far.every((value) => Math.abs(value) <= 4),
      finite: far.every((value) => Number.isFinite(value) && Math.abs(value) <= 1e6),
      growing: far.includes(Infinity) && !far.some(Number.isNaN),
      partial: name === "tan" || [...far, f(0, 0), f(-1, 0)].some((value) => !Number.isFinite(value)),
    };
    expect(holds[record.range]).toBe(true);
  });
  it("has the values of its law", () => {
    const law = lawOf(name);
    if (law === undefined) return expect(record.law).toBe(name);
    const code = compileFormula(law, float64);
    for (const [u, v] of pairs(name))
      if (Number.isFinite(f(u, v))) expect(code(u, v, u)).toBeCloseTo(f(u, v), 12);
  });
  it("has an infinite derivative, or none, at its poles", () => {
    const gaps = gapsOf(name, float64);
    const candidates = [-1, 0, 1].flatMap((u) => [-1, 0, 1].map((v) => [u, v] as const));
    const found = candidates.filter(
      ([u, v]) => !Number.isNaN(f(u, v)) && slopes.some((slope) => !Number.isFinite(at(slope, u, v))),
    );
    for (const [u, v] of found) expect(Math.min(...gaps.map((gap) => Math.abs(gap(u, v, u))))).toBe(0);
    expect(record.poles.length === 0 || found.length > 0).toBe(true);
  });
  it("decides what makes its derivative jump", () => {
    expect(isFlat(name) || isChoice(name)).toBe(
      record.decision !== undefined && !["abs", "mod"].includes(name),
    );
  });
  it("is a call where its formula is used", () => {
    const arity = isUnary(name) ? 1 : 2;
    const made = call(name, [parameter("u"), parameter("v")].slice(0, arity));
    expect(at(made, 0.3, 0.7)).toBeCloseTo(f(0.3, isUnary(name) ? 0.3 : 0.7), 12);
  });
});

it.each(Object.entries(asMathjs))("the derivative of %s is the one that mathjs derives", (name, text) => {
  const [derived, [slope]] = [symbolic(text, "u"), slopesOf(name as FunctionName)];
  for (const u of points) {
    const expected: unknown = derived.evaluate({ u });
    // mathjs goes on in the complex plane
    if (typeof expected === "number" && Number.isFinite(expected))
      if (Number.isFinite(valueOfCall(name as FunctionName, [u])))
        expect(at(slope!, u, u)).toBeCloseTo(expected, 11);
  }
});
