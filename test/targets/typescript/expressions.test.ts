import { describe, expect, test } from "vitest";
import * as build from "../../../src/notation/construct.js";
import type { Condition, Expression } from "../../../src/notation/expression.js";
import * as integer from "../../../src/notation/integer.js";
import type { Int } from "../../../src/notation/integer.js";
import { conditionText, realText } from "../../../src/targets/code/expressions.js";
import { intText } from "../../../src/targets/code/integers.js";
import { languageText } from "../../../src/targets/code/layer-language.js";
import type { Speller } from "../../../src/targets/code/speller.js";
import { makeScope } from "../../../src/targets/typescript/names.js";
import { typeScriptIn } from "../../../src/targets/typescript/words.js";
import { at, flat, minus, n, p, plus, times, v } from "./build.js";

const speller = (...locals: string[]): Speller => {
  const scope = makeScope([]);
  locals.forEach((name) => scope.declare(name));
  return typeScriptIn(scope);
};
const real = (e: Expression): string => realText(e, speller());
const int = (value: Int, ...locals: string[]): string => intText(value, speller(...locals));
const condition = (c: Condition): string => conditionText(c, speller());
const named = <T>(rows: readonly (readonly [T, string])[]): { value: T; text: string }[] =>
  rows.map(([value, text]) => ({ value, text }));
const [a, b, c] = [p("a"), p("b"), p("c")];
const { rational, add, subtract, multiply, divide, raise, negate, call } = build;

describe("integers", () => {
  test.each(
    named<Int>([
      [
        flat(flat(flat(v("n"), v("C"), v("c")), v("H"), v("h")), v("W"), v("w")),
        "((n * C + c) * H + h) * W + w",
      ],
      [minus(plus(times(v("p"), v("s")), v("r")), v("P")), "p * s + r - P"],
      [minus(n(0), times(plus(v("h"), v("w")), v("W"))), "-(h + w) * W"],
      [minus(n(3), v("h")), "3 - h"],
      [n(-1), "-1"],
      [integer.floorDivide(minus(v("H"), v("R")), v("s")), "Math.floor((H - R) / s)"],
      [integer.ceilDivide(v("H"), n(2)), "-Math.floor(-H / 2)"],
      [integer.exactDivide(plus(v("h"), v("P")), times(n(2), v("s"))), "(h + P) / (2 * s)"],
      [minus(v("r"), integer.exactDivide(minus(minus(n(0), v("h")), v("P")), v("s"))), "r + (h + P) / s"],
      [times(n(2), integer.modulo(v("h"), v("s"))), "2 * mod(h, s)"],
      [integer.extremum("max", n(0), minus(v("P"), v("h"))), "Math.max(0, P - h)"],
      [integer.power(n(2), v("k")), "Math.pow(2, k)"],
      [plus(integer.element("t", [v("n")]), n(1)), "t[n]! + 1"],
    ]),
  )("$text", ({ value, text }) => {
    expect(int(value, "n", "c", "h", "w", "p", "r")).toBe(text);
  });

  test("factoring out keeps the value", () => {
    const value = plus(
      times(v("a"), v("b"), v("c")),
      times(n(-2), v("b"), v("c")),
      times(n(-1), v("c")),
      n(7),
    );
    const text = int(value);
    expect(text).toBe("((a - 2) * b - 1) * c + 7");
  });

  test("in comments and messages they are in the layer language", () => {
    expect(languageText(integer.floorDivide(minus(v("H"), v("in")), v("s")))).toBe("floor((H - in) / s)");
  });
});

describe("real expressions", () => {
  test.each(
    named<Expression>([
      [subtract(a, b), "a - b"],
      [subtract(negate(b), c), "-b - c"],
      [add(negate(b), a), "a - b"],
      [subtract(a, call("exp", [add(b, c)])), "a - exp(b + c)"],
      [multiply(a, add(b, c)), "a * (b + c)"],
      [divide(a, multiply(b, c)), "a / (b * c)"],
      [divide(multiply(a, b), c), "(a * b) / c"],
      [divide(rational(1), add(a, b)), "1 / (a + b)"],
      [negate(divide(a, b)), "-a / b"],
      [multiply(rational(1, 2), a), "0.5 * a"],
      [multiply(rational(2, 3), a), "(2 * a) / 3"],
      [rational(-1, 3), "-1 / 3"],
      [rational(-Infinity), "-Infinity"],
      [build.decimal("1e-5"), "0.00001"],
      [raise(a, rational(2)), "a * a"],
      [multiply(raise(a, rational(3)), b), "a * a * a * b"],
      [raise(a, rational(-2)), "1 / (a * a)"],
      [raise(at("x", v("i")), rational(2)), "square(x[i]!)"],
      [raise(add(a, b), rational(3)), "cube(a + b)"],
      [raise(a, rational(7)), "Math.pow(a, 7)"],
      [raise(a, rational(1, 2)), "Math.sqrt(a)"],
      [raise(a, rational(-1, 2)), "1 / Math.sqrt(a)"],
      [raise(a, b), "Math.pow(a, b)"],
      [call("max", [a, rational(0)]), "a <= 0 ? 0 : a"],
      [call("min", [a, rational(-1)]), "a >= -1 ? -1 : a"],
      [add(call("max", [a, b]), c), "Math.max(a, b) + c"],
      [call("max", [call("exp", [a]), b]), "Math.max(exp(a), b)"],
      [call("round", [a]), "roundEven(a)"],
      [call("atan2", [a, b]), "Math.atan2(a, b)"],
      [{ kind: "named", name: "pi" }, "Math.PI"],
      [multiply(build.ofInt(plus(v("i"), n(1))), a), "(i + 1) * a"],
      [subtract(a, build.ofInt(minus(v("i"), n(1)))), "a - (i - 1)"],
      [multiply(a, build.ofInt(minus(n(0), v("i")))), "a * (-i)"],
      [build.select(build.compare("<", a, b), c, negate(c)), "a < b ? c : -c"],
      [build.read("loss", []), "loss[0]!"],
    ]),
  )("$text", ({ value, text }) => {
    expect(real(value)).toBe(text);
  });
});

describe("conditions", () => {
  test.each(
    named<Condition>([
      [build.below(v("i"), v("N")), "i < N"],
      [build.atMost(v("i"), v("N")), "i <= N"],
      [build.nonNegative(minus(plus(v("i"), v("j")), n(2))), "2 <= i + j"],
      [build.equals(v("i"), plus(v("j"), n(1))), "i === j + 1"],
      [build.divides(v("s"), v("i")), "mod(i, s) === 0"],
      [build.compare("!=", a, add(b, c)), "a !== b + c"],
      [build.compare("<", build.select(build.compare("==", a, b), a, b), c), "(a === b ? a : b) < c"],
      [
        build.and(
          build.or(build.below(v("i"), v("N")), build.compare("==", a, b)),
          build.atMost(v("i"), v("j")),
        ),
        "(i < N || a === b) && i <= j",
      ],
      [{ kind: "not", part: build.compare("<", a, b) }, "!(a < b)"],
    ]),
  )("$text", ({ value, text }) => {
    expect(condition(value)).toBe(text);
  });
});
