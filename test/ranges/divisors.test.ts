/** Divisions by 0 are refused when a plan is made, wherever they stand, unless they are not made. */
import { expect, test } from "vitest";
import { compileText } from "../../src/pipeline.js";
import { LayerError } from "../../src/language/problem.js";
import { resolveSizes } from "../../src/ranges/sizes.js";
import { loadPlan } from "../../src/targets/typescript/load.js";
import { emit } from "../../src/pipeline.js";
import { evaluate } from "../verify/support.js";

const layerOf = (text: string): string => `input x[N]\ninput u[M]\noutput y[M]\n${text}`;
const compile = (text: string) => compileText(layerOf(text), "sample.layer");

const divisions: readonly (readonly [string, string, string])[] = [
  ["a remainder in a subscript", "param k = 0\ny[m] = sum[n < N](x[mod(n, k)])", "mod(n, k)"],
  ["a floor in a subscript", "param k = 0\ny[m] = sum[n < N](x[floor(n/k)])", "floor(n/k)"],
  [
    "a floor in a condition",
    "param k = 0\ny[m] = sum[n < N](where(floor(n/k) == m, x[n], 0))",
    "floor(n / k)",
  ],
  ["a bound", "param k = 0\ny[m] = sum[n < floor(N/k)](x[n])", "floor(N/k)"],
  ["a size", "param k = 0\nP = floor(N/k) + 1\ny[m] = x[0]*P", "floor(N / k)"],
  ["a value", "param k = 0\ny[m] = x[0]*mod(m, k)", "mod(m, k)"],
  ["a floor in a value", "param k = 0\ny[m] = x[0]*floor(m/k)", "floor(m / k)"],
  ["a requirement", 'param k = 0\nrequire mod(N, k) == 0, "N by k"\ny[m] = x[0]', "mod(N, k)"],
  ["an exact quotient", "param k = 0\ny[m] = sum[n < N](x[(n + m)/k])", "(m + n)/k"],
  ["a constant", "param k = 0\ns = floor(N/k)\ny[m] = x[0]*s", "floor(N / k)"],
];

test.each(divisions)("%s", async (_, text, division) => {
  const compiled = compile(text);
  const message = `division by zero: ${division} divides by k`;
  const refused = resolveSizes(compiled.layer, { N: 4, M: 2, k: 0 });
  expect(refused).toMatchObject({ ok: false, message: `${message} (k = 0)` });
  expect(resolveSizes(compiled.layer, { N: 4, M: 2, k: 2 }).ok).toBe(true);
  const [folder] = await emit(compiled, { spec: "sample.layer", hash: "0", version: "0" }, ["ts"]);
  const plan = (await loadPlan(folder!.files["index.ts"]!, "sample")) as (sizes: object) => unknown;
  expect(() => plan({ N: 4, M: 2, k: 0 })).toThrow(message);
  expect(() => plan({ N: 4, M: 2, k: 2 })).not.toThrow();
});

test.each([
  ["a branch", "param k = 0\ny[m] = where(k != 0, x[0]*mod(m, k), x[0])"],
  ["a branch of its sign", "param k = 0\ny[m] = where(k > 0, x[0]*floor(m/k), x[0])"],
  ["a range that is empty", "param k = 0\ny[m] = sum[i < k](x[0]*mod(m, k))"],
  ["an index below it", "param k = 0\ny[m] = where(m < k, x[mod(m, k)], x[0])"],
  ["an alternative", "param k = 0\ny[m] = where(k == 0 or mod(m, k) == 0, x[0], 0)"],
])("%s keeps a division from being made", (_, text) => {
  expect(resolveSizes(compile(text).layer, { N: 4, M: 2, k: 0 }).ok).toBe(true);
});

test("what is required already is required in the author's words", () => {
  const { layer } = compile('param k = 0\nrequire k != 0, "no groups"\ny[m] = sum[n < N](x[mod(n, k)])');
  expect(resolveSizes(layer, { N: 4, M: 2, k: 0 })).toMatchObject({ message: "no groups (k = 0)" });
});

test("a divisor that an index makes 0 is an error of the text", () => {
  const problemsOf = (text: string): readonly string[] => {
    try {
      compile(text);
      return [];
    } catch (error) {
      if (!(error instanceof LayerError)) throw error;
      return error.problems.map((p) => p.message);
    }
  };
  const told = ["mod(m, n) divides by n, which may be 0"];
  expect(problemsOf("y[m] = sum[n < N](where(mod(m, n) == 0, x[n], 0))")).toEqual(told);
  expect(problemsOf("y[m] = sum[n < N](x[n]*mod(m, n))")).toEqual(told);
  expect(problemsOf("y[m] = sum[1 <= n < N](x[n]*mod(m, n))")).toEqual([]);
  expect(problemsOf("y[m] = sum[n < N](where(n > 0 and mod(m, n) == 0, x[n], 0))")).toEqual([]);
});

test("quotients are compared as quotients, whatever the sign of what they divide by", () => {
  const text = (c: string): string =>
    `param k = 0\ninput x[N]\noutput y[N]\ny[n] = where(${c}, 1, 0)*x[n] + 0*x[mod(k, N)]`;
  const holds = (c: string, k: number): number[] =>
    evaluate(text(c), { N: 4, k }, { x: [1, 1, 1, 1] })["y"] ?? [];
  const numbers = [0, 1, 2, 3];
  for (const k of [-2, -1, 1, 2]) {
    expect(holds("n/k < 1", k)).toEqual(numbers.map((n) => (n / k < 1 ? 1 : 0)));
    expect(holds("n/k >= -1", k)).toEqual(numbers.map((n) => (n / k >= -1 ? 1 : 0)));
    expect(holds("n/k == 1", k)).toEqual(numbers.map((n) => (n / k === 1 ? 1 : 0)));
    expect(holds("n/k != -1", k)).toEqual(numbers.map((n) => (n / k !== -1 ? 1 : 0)));
    expect(holds("n/(-2) < -k", k)).toEqual(numbers.map((n) => (n / -2 < -k ? 1 : 0)));
  }
});

test("a param that divides in a comparison alone must be at least 1, as its default is", () => {
  const { layer } = compile("param k = 1\ny[m] = where(m/k < 2, x[min(k, N - 1)], 0)");
  expect(resolveSizes(layer, { N: 4, M: 2, k: 0 })).toMatchObject({ message: "k must be at least 1, not 0" });
});
