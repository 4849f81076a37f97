import { expect, it } from "vitest";
import { LayerError } from "../src/language/problem.js";
import { compileText } from "../src/pipeline.js";

const problemsOf = (text: string): readonly string[] => {
  try {
    compileText(text, "sample.layer");
    return [];
  } catch (error) {
    if (error instanceof LayerError) return error.problems.map((p) => p.message);
    throw error;
  }
};

it("a read that fails in the layer and in its variants is told once", () => {
  const layer = "input x[N]\noutput y[N]\ny[n] = x[n + 1]\nvariant four: N = 4\nvariant five: N = 5\n";
  expect(problemsOf(layer)).toEqual([
    "x[n + 1] reads x[9] at n = 8 when N = 9: axis 0 of x has extent N = 9",
  ]);
});

it("a read that fails in a variant alone is told", () => {
  const layer = `param offset = 0
input x[N]
output y[N]
y[n] = x[n - offset]
variant plain: offset = 0
variant shifted: offset = 1
`;
  expect(problemsOf(layer)).toEqual([
    "x[n - 1] reads x[-1] at n = 0 when N = 9: axis 0 of x has extent N = 9",
  ]);
});

it("two axes of one read are two problems", () => {
  expect(problemsOf("input x[N, C]\noutput y[N, C]\ny[n,c] = x[n + 1, c - 1]\n")).toHaveLength(2);
});
