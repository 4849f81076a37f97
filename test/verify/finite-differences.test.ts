import { describe, expect, test } from "vitest";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { finiteDifferences } from "../../src/verify/finite-differences.js";
import { float64 } from "../../src/verify/numbers.js";
import { closed, draws } from "./support.js";

const one = (
  text: string,
  x: readonly number[],
  element = 0,
  dy: readonly number[] = [1],
): number | undefined => {
  const inputs = new Map([["x", x]]);
  return finiteDifferences(closed(text), { N: x.length }, inputs, new Map([["dy", dy]]))("x", element)?.value;
};

describe("central differences", () => {
  test("of smooth functions come close to the derivative", () => {
    const slope = one("input x[N]\noutput y\ny = sum[n](exp(sin(3*x[n])))", [0.3, 0.8], 1);
    expect(slope).toBeCloseTo(3 * Math.cos(2.4) * Math.exp(Math.sin(2.4)), 10);
  });
  test("near a singularity take a smaller step", () => {
    expect(one("input x[N]\noutput y\ny = sum[n](log(x[n]))", [0.005])).toBeCloseTo(200, 5);
    expect((one("input x[N]\noutput y\ny = sum[n](1/x[n])", [0.01]) ?? 0) / -1e4).toBeCloseTo(1, 8);
  });
  test("near a kink stay on one side", () => {
    const text = "input x[N]\noutput y\ny = sum[n](relu(x[n])^2 + abs(x[n]))";
    expect(one(text, [1e-3])).toBeCloseTo(1.002, 8);
    expect(one(text, [-1e-3])).toBeCloseTo(-1, 8);
  });
  test("at a kink give nothing", () => {
    expect(one("input x[N]\noutput y\ny = sum[n](abs(x[n]))", [0])).toBeUndefined();
    expect(one("input x[N]\noutput y\ny = max[n](x[n])", [2, 2])).toBeUndefined();
  });
  test("weigh every output by its cotangent", () => {
    const text = "input x[N]\noutput y[N]\ny[n] = x[n]^2 + x[0]";
    expect(one(text, [2, 3], 0, [10, 100])).toBeCloseTo(10 * 5 + 100, 9);
  });
  test("hold stop fixed", () => {
    expect(one("input x[N]\noutput y\ny = sum[n](x[n] * stop(x[n]^2))", [3])).toBeCloseTo(9, 9);
    expect(
      one("input x[N]\noutput y\nm = max[n](x[n])\ny = sum[n](exp(x[n] - stop(m)))", [3, 1]),
    ).toBeCloseTo(1, 9);
  });
  test("leave outputs that stay infinite alone", () => {
    expect(one("input x[N]\noutput y[N]\ny[i] = max[j < i](x[j])", [3, 1], 0, [1, 5])).toBeCloseTo(5, 9);
  });
  test("of an intermediate count all paths from it on", () => {
    const layer = closed("input x[N]\noutput y\nh[n] = x[n]^2\ny = sum[n](h[n]^2 * x[n])");
    const x = draws(3);
    const values = evaluateLayer(layer, { N: 3 }, new Map([["x", x]]), float64);
    const slope = finiteDifferences(layer, { N: 3 }, values, new Map([["dy", [1]]]), ["h"])("h", 1)?.value;
    expect(slope).toBeCloseTo(2 * (x[1] ?? 0) ** 3, 9);
  });
});

test("knows what rounding adds where large terms cancel", () => {
  const layer = closed("input x[N]\noutput y\ny = sum[n](1e6*x[n]) - sum[n](1e6*x[n])", "cancelling");
  const values = new Map([["x", [1 / 3, 1 / 7, 1 / 11]]]);
  const found = finiteDifferences(layer, { N: 3 }, values, new Map([["dy", [1]]]))("x", 1);
  expect(Math.abs(found!.value)).toBeLessThanOrEqual(found!.rounding);
  expect(found!.rounding).toBeGreaterThan(1e-10);
});
