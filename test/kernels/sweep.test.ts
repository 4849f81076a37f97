/** Windows of every small size, stride, dilation and pad: integers in, exact equality out. */
import { expect, it } from "vitest";
import { plansOf } from "../support/layers.js";
import { conv1d, conv1dCases, conv2d, conv2dCases } from "./windows.js";

it.each([
  ["a 1-D convolution is exact for all small windows", conv1d, conv1dCases, 2000],
  ["a 2-D convolution is exact for all pairs of small windows", conv2d, conv2dCases, 500],
])("%s", async (_, text, cases, least) => {
  const plan = await plansOf(text);
  let tried = 0;
  for (const { sizes, inputs, cotangents, outputs, gradients } of cases()) {
    const p = plan({ ...sizes });
    const { saved: _saved, ...results } = p.forward({ ...inputs });
    expect(results, JSON.stringify(sizes)).toEqual(outputs);
    expect(p.backward({ ...inputs, ...cotangents }), JSON.stringify(sizes)).toEqual(gradients);
    tried++;
  }
  expect(tried).toBeGreaterThan(least);
});
