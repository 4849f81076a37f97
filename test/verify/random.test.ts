import { expect, test } from "vitest";
import { drawInputs } from "../../src/verify/draw.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { randomFrom } from "../../src/verify/random.js";
import { closed } from "./support.js";

test("the same seed gives the same numbers, another stream others", () => {
  const first = (seed: number, stream: string): number[] => {
    const random = randomFrom(seed, stream);
    return Array.from({ length: 5 }, random.uniform);
  };
  expect(first(1, "a")).toEqual(first(1, "a"));
  expect(first(1, "a")).not.toEqual(first(1, "b"));
  expect(first(1, "a")).not.toEqual(first(2, "a"));
});

test("moments and ranges", () => {
  const random = randomFrom(3);
  const normals = Array.from({ length: 20_000 }, random.normal);
  const mean = normals.reduce((a, b) => a + b) / normals.length;
  const square = normals.reduce((a, b) => a + b * b, 0) / normals.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(square - 1)).toBeLessThan(0.05);
  const integers = Array.from({ length: 1000 }, () => random.integer(3));
  expect(new Set(integers)).toEqual(new Set([0, 1, 2]));
});

test("values keep every function in its domain", () => {
  const layer = closed(
    "input x[N]\ninput p[N]\noutput y[N]\ny[n] = log(x[n]) + asin(p[n]) + x[n]^p[n]\nz[n] = sqrt(x[n] - 0.1)",
  );
  const { inputs } = drawInputs(layer, { N: 20 }, randomFrom(5));
  const y = evaluateLayer(layer, { N: 20 }, inputs, float64).get("y") ?? [];
  expect(Array.from(y).every(Number.isFinite)).toBe(true);
});

test("values stay away from kinks", () => {
  const layer = closed("input x[N]\noutput y[N]\nm = max[n](x[n])\ny[n] = relu(x[n]) + m");
  for (let seed = 0; seed < 10; seed++) {
    const { inputs, distance } = drawInputs(layer, { N: 8 }, randomFrom(seed));
    const x = Array.from(inputs.get("x") ?? []);
    const sorted = x.toSorted((a, b) => b - a);
    const gap = Math.min(...x.map(Math.abs), (sorted[0] ?? 0) - (sorted[1] ?? 0));
    expect(distance).toBeCloseTo(gap, 12);
    expect(distance).toBeGreaterThan(2 ** -8);
  }
});

test("index tensors lie within their bound, reals are float32 values", () => {
  const layer = closed("input x[V]\nindex t[N] < V\noutput y[N]\ny[n] = x[t[n]]");
  const { inputs } = drawInputs(layer, { N: 50, V: 3 }, randomFrom(1));
  expect(new Set(inputs.get("t"))).toEqual(new Set([0, 1, 2]));
  expect(Array.from(inputs.get("x") ?? []).every((v) => v === Math.fround(v))).toBe(true);
});
