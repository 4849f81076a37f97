/** Values called by their names, and what is read of them at other points. */
import { expect, it } from "vitest";
import { deriveText } from "../../src/pipeline.js";
import { failsCheck } from "../../src/verify/check.js";
import { backwardOf } from "../support/layers.js";
import { randomProducts } from "../support/random-products.js";

const isRight = (text: string, seed = 1): boolean =>
  !failsCheck(deriveText(text, "sample.layer"), { trials: 2, seed });

it.each(Array.from({ length: 16 }, (_, seed) => seed))(
  "products and sums of the same tensors at different points, seed %d",
  (seed) => {
    const text = randomProducts(seed);
    expect(isRight(text, seed), text).toBe(true);
  },
);

it("a branch that stands in the other one too: only the branch is the tensor's value", () => {
  const text = "input x[N]\noutput y[N]\nf(u) = where(u > 0, u, exp(u))\ny[i] = f(tanh(x[i]))\n";
  expect(backwardOf(text)).toEqual([
    "dx[i] = where(tanh(x[i]) > 0, dy[i] * (1 - y[i]^2), dy[i] * y[i] * (1 - tanh(x[i])^2))",
  ]);
  expect(isRight(text)).toBe(true);
});

it.each([
  ["an index turned round", "y[i] = x[mod(2 - i, L)]", "dx[l] = dy[mod(2 - l, L)]"],
  [
    "a circular convolution",
    "y[i] = sum[r](x[mod(i + r - 1, L)]*w[r])",
    "dx[l] = sum[r](dy[mod(l - r + 1, L)] * w[r])",
  ],
])("%s is solved by turning back", (_, statement, gradient) => {
  const weights = statement.includes("w[") ? "weight w[R]\n" : "";
  const text = `input x[L]\n${weights}output y[L]\n${statement}\n`;
  expect(backwardOf(text)[0]).toBe(gradient);
  expect(isRight(text)).toBe(true);
});

it.each([
  ["a dilation", "y[i] = x[mod(2*i, L)]"],
  ["a range longer than the modulus", "y[i] = x[mod(i, L)] + u[i]"],
  ["a shorter one", "y[i] = x[mod(i + 5, N + L)]"],
])("%s is solved for all that meet in one element", (_, statement) => {
  const text = `input u[N]\ninput x[${statement.includes("N + L") ? "N + L" : "L"}]\n${statement.includes("u[") ? "output y[N]" : "output y[L]"}\n${statement}\n`;
  expect(isRight(text)).toBe(true);
});

it("a position in a triangle is bounded by no index's name", () => {
  const text = "input x[N, N]\noutput y[N]\ny[c] = max[c <= k < N, n <= k](x[n, c] + x[k, n])\n";
  expect(isRight(text)).toBe(true);
});
