/** Where gradients are not finite though the outputs are: what is listed, and what is not. */
import { expect, test } from "vitest";
import { differentiate } from "../../src/calculus/differentiate.js";
import { printCondition } from "../../src/language/print.js";
import { parseLayer } from "../../src/language/parse.js";
import { inferRanges } from "../../src/ranges/infer.js";

/** The conditions by tensor, printed. */
function singularOf(text: string): Record<string, readonly string[]> {
  const { layer, problems } = parseLayer(text, "sample.layer");
  if (!layer) throw new Error(problems.map((p) => p.message).join("\n"));
  const derived = differentiate(inferRanges(layer).layer);
  return Object.fromEntries(
    [...derived.singular].map(([tensor, conditions]) => [
      tensor,
      conditions.map(({ condition }) => printCondition(condition, layer)),
    ]),
  );
}
const pointwise = (formula: string, more = ""): string =>
  `${more}\ninput x[N]\noutput y[N]\ny[n] = ${formula}`;
const rows = (formula: string, more = ""): string => `${more}\ninput x[N, D]\noutput y[N]\n${formula}`;

test.each([
  ["a root", "sqrt(x[n])", ["x[n] == 0"]],
  ["a power below 1", "x[n]^0.5", ["x[n] == 0"]],
  ["a root of a size", "sqrt(abs(x[n]))", ["abs(x[n]) == 0"]],
  ["an arc function at the ends", "asin(x[n])", ["abs(x[n]) == 1"]],
  ["an angle at the origin", "atan2(x[n], 2*x[n])", ["x[n] == 0 and 2 * x[n] == 0"]],
  ["a root in a product", "x[n]*sqrt(x[n])", ["x[n] == 0"]],
  ["a root in a branch", "where(x[n] < 1, sqrt(1 - x[n]), 0)", undefined],
  ["a root of what a branch keeps from 0", "where(x[n] > 0, sqrt(x[n]), 0)", undefined],
  ["a root under a condition of its own", "where(n < 2, sqrt(x[n]), 0)", ["n <= 1 and x[n] == 0"]],
  ["a root of a rectified number: 0 by a branch", "sqrt(relu(x[n]))", undefined],
  ["a root of the larger of two", "sqrt(max(x[n], 1))", undefined],
  ["a square with something on top", "sqrt(x[n]^2 + 1e-5)", undefined],
  ["a root of what is positive", "sqrt(exp(x[n])) + sqrt(1 + x[n]^2) + sqrt(sigmoid(x[n]))", undefined],
  ["a kink", "abs(x[n])", undefined],
  ["a division: the output is infinite there", "1/x[n]", undefined],
  ["a logarithm: the output is infinite there", "log(x[n]) + x[n]", undefined],
  ["a division by a root: so is this", "1/sqrt(x[n])", undefined],
  ["a division that a bounded function takes", "tanh(1/x[n])", ["x[n] == 0"]],
  ["a logarithm that exp takes", "exp(log(x[n]))", ["x[n] == 0"]],
  ["an exponential that falls to 0 at a pole", "exp(-1/x[n]^2)", ["x[n] == 0"]],
  ["an exponential that falls to 0 on one side: 1/0 is inf", "exp(-1/x[n])", ["x[n] == 0"]],
  ["an exponential that grows there", "exp(1/x[n])", undefined],
  ["a pole that the smaller of two never takes", "x[n]*min(1, 2/x[n])", undefined],
  ["a root that the larger of two never takes at 0", "max(sqrt(x[n]), 1)", undefined],
  ["a logarithm of the smaller of two: infinite with it", "log(min(sqrt(x[n]), 1))", undefined],
  ["a gate that is open", "relu(x[n])*sqrt(1 - x[n])", ["x[n] > 0 and 1 - x[n] == 0"]],
  ["a gate that is shut where the root is 0", "relu(x[n] - 1)*sqrt(abs(x[n]))", undefined],
  ["a whole power", "x[n]^3 + x[n]^2", undefined],
  ["a power above 1", "x[n]^1.5", undefined],
  ["a value held fixed", "x[n]*stop(sqrt(x[n]))", undefined],
])("%s: %s", (_, formula, right) => {
  expect(singularOf(pointwise(formula))).toEqual(right ? { x: right } : {});
});

test("an exponent that is a param", () => {
  const formula = pointwise("abs(x[n])^p", "param p = 1.5");
  expect(singularOf(formula)).toEqual({ x: ["abs(x[n]) == 0 and p > 0 and p < 1"] });
  expect(singularOf(`${formula}\nrequire p >= 1, "a root"`)).toEqual({});
});

test("an exponent that is learned", () => {
  expect(singularOf("input x[N]\nweight p\noutput y[N]\ny[n] = x[n]^p")).toEqual({
    x: ["x[n] == 0 and p > 0 and p < 1"],
    p: ["x[n] == 0 and p == 0", "x[n] < 0 and p == floor(p)"],
  });
});

test("a norm at the origin, with and without a name, and the distance of two points", () => {
  expect(singularOf(rows("y[n] = sqrt(sum[d](x[n,d]^2))"))).toEqual({ x: ["sum[d](x[n, d]^2) == 0"] });
  expect(singularOf(rows("s[n] = sum[d](x[n,d]^2)\ny[n] = sqrt(s[n])"))).toEqual({ x: ["s[n] == 0"] });
  expect(singularOf(rows("y[n] = sqrt(sum[d](x[n,d]^2) + 1)"))).toEqual({});
  expect(singularOf(rows("y[n] = sqrt(sum[d](relu(x[n,d])))"))).toEqual({});
});

test("a number on top that is a param may be 0, unless it is said not to be", () => {
  const norm = rows("y[n] = sqrt(sum[d](x[n,d]^2) + eps)", "param eps = 1e-5");
  expect(singularOf(norm)).toEqual({ x: ["sum[d](x[n, d]^2) + eps == 0"] });
  expect(singularOf(`${norm}\nrequire eps > 0, "eps"`)).toEqual({});
});

test("a normalisation divides by its root: its output is not finite either", () => {
  const text = `param eps = 1e-5
input x[N, D]
output y[N, D]
mu[n] = mean[d](x[n,d])
var[n] = mean[d]((x[n,d] - mu[n])^2)
y[n,d] = (x[n,d] - mu[n])/sqrt(var[n] + eps)`;
  expect(singularOf(text)).toEqual({});
  expect(singularOf(text.replace("/sqrt(var[n] + eps)", "/max(sqrt(var[n]), 1e-6)"))).toEqual({});
  expect(singularOf(text.replace("/sqrt(var[n] + eps)", "/(sqrt(var[n]) + 1e-6)"))).toEqual({
    x: ["var[n] == 0"],
  });
});

test("only what is read under a branch that is taken there", () => {
  const text = "input x[N]\noutput y[N]\nr[n] = sqrt(x[n])\ny[n] = where(x[n] > 0, r[n], 0)";
  expect(singularOf(text)).toEqual({});
  expect(singularOf(`${text} + r[n]`)).toEqual({ x: ["x[n] == 0"] });
});

test("an output that stays finite counts, whatever becomes of others", () => {
  const root = "input x[N]\noutput y[N]\noutput z[N]\n";
  expect(singularOf(`${root}y[n] = sqrt(x[n])\nz[n] = log(y[n])`)).toEqual({ x: ["x[n] == 0"] });
  expect(singularOf(`${root}r[n] = sqrt(x[n])\ny[n] = r[n]\nz[n] = 1/r[n]`)).toEqual({ x: ["x[n] == 0"] });
  expect(singularOf(`${root}r[n] = sqrt(x[n])\ny[n] = 1/r[n]\nz[n] = r[n] + y[n]`)).toEqual({});
});

test("a maximum over a pole is not where the maximum is", () => {
  expect(singularOf(rows("y[n] = max[d](log(x[n,d]))"))).toEqual({});
  expect(singularOf(rows("l[n,d] = log(x[n,d])\ny[n] = max[d](l[n,d])"))).toEqual({});
});

test("only of what the root is computed from", () => {
  expect(singularOf("input x[N]\nweight w\noutput y[N]\ny[n] = w*sqrt(x[n])")).toEqual({ x: ["x[n] == 0"] });
});
