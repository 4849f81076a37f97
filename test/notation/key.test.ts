import { expect, it } from "vitest";
import { deriveText } from "../../src/pipeline.js";
import { keyOfExpression } from "../../src/notation/key.js";

const keyOf = (body: string, index = "i"): string => {
  const text = `input s[N, N]\ninput v[N]\ninput w[N]\noutput y[N]\ny[${index}] = ${body}\n`;
  return keyOfExpression(deriveText(text, "sample.layer").layer.statements[0]!.body);
};

it.each([
  ["names of bound indices", "sum[j](s[i,j]*v[j])", "sum[k](v[k]*s[i,k])"],
  ["the order of the binders of a sum", "sum[j, k](s[j,k]*v[i])", "sum[k, j](s[j,k]*v[i])"],
  ["which of two like binders stands first", "sum[j, k](s[j,k]*v[j])", "sum[j, k](s[k,j]*v[k])"],
  ["which branch stands first", "sum[j](where(j < i, v[j], w[j]))", "sum[j](where(j >= i, w[j], v[j]))"],
  [
    "on which side a diagonal counts on which both branches agree",
    "sum[j](where(i >= j, s[i,j], s[j,i]))",
    "sum[j](where(j >= i, s[j,i], s[i,j]))",
  ],
])("tells nothing of %s", (_, a, b) => {
  expect(keyOf(a)).toBe(keyOf(b));
});

it.each([
  ["a read at another point", "v[0]*v[i]", "v[i]*v[i]"],
  ["a maximum's order of binders, which decides ties", "max[j, k](s[j,k])", "max[k, j](s[j,k])"],
  ["a diagonal on which the branches differ", "where(i >= 1, v[i], w[i])", "where(i > 1, v[i], w[i])"],
  ["a transposed read", "sum[j](s[i,j]*v[j])", "sum[j](s[j,i]*v[j])"],
])("tells %s", (_, a, b) => {
  expect(keyOf(a)).not.toBe(keyOf(b));
});
