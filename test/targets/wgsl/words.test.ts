import { describe, expect, test } from "vitest";
import * as build from "../../../src/notation/construct.js";
import type { Expression } from "../../../src/notation/expression.js";
import * as integer from "../../../src/notation/integer.js";
import type { Int } from "../../../src/notation/integer.js";
import type { Code } from "../../../src/kernels/program.js";
import { conditionText, realText } from "../../../src/targets/code/expressions.js";
import { intText } from "../../../src/targets/code/integers.js";
import { makeScope } from "../../../src/targets/code/scope.js";
import type { Speller } from "../../../src/targets/code/speller.js";
import { linesOf } from "../../../src/targets/code/lines.js";
import { linesFor } from "../../../src/targets/code/statements.js";
import { wgslIn, type Helpers } from "../../../src/targets/wgsl/words.js";
import { accumulator, assign, at, loop, minus, n, p, plus, v } from "../typescript/build.js";

/** N and C are sizes, t is an index tensor, q and the local `four` are vectors; i is never negative. */
const noHelpers = (): Helpers => ({
  ones: new Set(),
  fours: new Set(),
  combinations: new Set(),
  numbers: new Set(),
});
const speller = (helpers = noHelpers()): Speller =>
  wgslIn(
    makeScope([]),
    {
      outside: new Set(["N", "C"]),
      integerTensors: new Set(["t"]),
      natural: new Set(["N", "C", "i"]),
      kernel: { vectors: new Set(["q"]), wide: new Set(["four"]) },
    },
    helpers,
  );
const [a, b, four] = [p("a"), p("b"), p("four")];
const { add, call, multiply, raise, rational, select } = build;
const inside = build.below(v("i"), v("N"));

describe("integers", () => {
  test.each<[string, Int]>([
    ["plan.N + i", plus(v("N"), v("i"))],
    ["i / plan.C", integer.floorDivide(v("i"), v("C"))],
    ["floorDivide(i - j, plan.C)", integer.floorDivide(minus(v("i"), v("j")), v("C"))],
    ["(i % plan.C)", integer.modulo(v("i"), v("C"))],
    ["modulo(j, plan.C)", integer.modulo(v("j"), v("C"))],
    ["max(0, plan.N - i)", integer.extremum("max", n(0), minus(v("N"), v("i")))],
    ["integerPower(2, i)", integer.power(n(2), v("i"))],
    ["t[i]", integer.element("t", [v("i")])],
  ])("%s", (text, value) => {
    expect(intText(value, speller())).toBe(text);
  });
});

describe("reals", () => {
  test.each<[string, Expression]>([
    ["3.0", rational(3)],
    ["0.5 * a", multiply(rational(1, 2), a)],
    ["-plan.inf", rational(-Infinity)],
    ["-plan.inf", call("log", [rational(0)])],
    ["a * f32(i + 1)", multiply(a, build.ofInt(plus(v("i"), n(1))))],
    ["f32(t[i])", at("t", v("i"))],
    ["1.0 / (a * a)", raise(a, rational(-2))],
    ["wholePower(a, 7)", raise(a, rational(7))],
    ["power(a, b)", raise(a, b)],
    ["select(a, 0.0, a <= 0.0)", call("max", [a, rational(0)])],
    ["sine(a)", call("sin", [a])],
    ["select(b, a, (i < plan.N) & (a < b))", select(build.and(inside, build.compare("<", a, b)), a, b)],
  ])("%s", (text, value) => {
    expect(realText(value, speller())).toBe(text);
  });
});

describe("numbers beside vectors", () => {
  test.each<[string, Expression]>([
    ["q[i] + a", add(at("q", v("i")), a)],
    ["greater4(four, vec4<f32>(a))", call("max", [four, a])],
    ["relu4(four)", call("relu", [four])],
    ["power4(four, vec4<f32>(a))", raise(four, a)],
    [
      "select(vec4<f32>(b), vec4<f32>(a), vec4<bool>(i < plan.N) & (four < vec4<f32>(a)))",
      select(build.and(inside, build.compare("<", four, a)), a, b),
    ],
  ])("%s", (text, value) => {
    expect(realText(value, speller())).toBe(text);
  });
});

test("helpers are noted, by themselves and for four numbers", () => {
  const helpers = noHelpers();
  realText(add(call("sin", [a]), call("relu", [four])), speller(helpers));
  expect([...helpers.numbers]).toEqual([]);
  realText(rational(Infinity), speller(helpers));
  expect([...helpers.numbers]).toEqual(["inf"]);
  expect([...helpers.ones, "/", ...helpers.fours]).toEqual(["sine", "/", "relu"]);
});

test("conditions that take a branch", () => {
  const either = build.or(build.below(v("j"), v("N")), build.compare("!=", a, b));
  expect(conditionText(build.and(either, inside), speller())).toBe("(j < plan.N || !(a == b)) && i < plan.N");
});

test("statements, with and without a branch", () => {
  const block = (branchless: boolean): Code[] => [
    accumulator("four", rational(0)),
    loop("k", plus(v("N"), n(1)), assign("four", add(four, at("q", integer.floorDivide(v("k"), n(2))))), {
      kind: "if",
      condition: build.compare("<", a, b),
      then: [assign("best", v("k"))],
      otherwise: [],
      branchless,
    }),
  ];
  const around = (choice: string): string => `var four = vec4<f32>(0.0);
let kEnd = plan.N + 1;
for (var k = 0; k < kEnd; k++) {
four += q[k / 2];
${choice}
}`;
  const blockText = (code: readonly Code[], words: Speller): string =>
    linesOf(linesFor(code, words))
      .map((line) => line.code)
      .join("\n");
  expect(blockText(block(false), speller())).toBe(around("if (a < b) {\nbest = k;\n}"));
  expect(blockText(block(true), speller())).toBe(around("best = select(best, k, a < b);"));
});
