import { describe, expect, test } from "vitest";
import * as integer from "../../src/notation/integer.js";
import { evaluateInt, resolveSizes } from "../../src/ranges/sizes.js";
import { closed } from "./layers.js";

const { variable, constant } = integer;

describe("evaluateInt", () => {
  const env = new Map([
    ["a", -7],
    ["b", 2],
  ]);
  const a = variable("a");
  const b = variable("b");
  test.each([
    ["sums and products", integer.plus(integer.times(a, b), constant(3)), -11],
    ["floor goes down", integer.floorDivide(a, b), -4],
    ["ceil goes up", integer.ceilDivide(a, b), -3],
    ["mod has the divisor's sign", integer.modulo(a, b), 1],
    ["min and max", integer.plus(integer.extremum("min", a, b), integer.extremum("max", a, b)), -5],
    ["powers", integer.power(b, integer.extremum("max", b, constant(3))), 8],
    ["an even exact division", integer.exactDivide(integer.minus(a, constant(1)), b), -4],
    ["an uneven exact division has no value", integer.exactDivide(a, b), NaN],
    ["nor has a division by zero", integer.floorDivide(a, integer.minus(b, constant(2))), NaN],
    ["nor an unknown name", variable("c"), NaN],
  ])("%s", (_, value, expected) => {
    expect(evaluateInt(value, env)).toBe(expected);
  });
  test("elements of index tensors are asked for", () => {
    expect(evaluateInt(integer.element("t", [b]), env, (_, at) => 10 * (at[0] ?? 0))).toBe(20);
  });
});

const conv = closed(`param stride = 1
param pad = 0
param eps = 1e-5
input x[N, H]
weight w[R]
output z[N, P]
P = floor((H + 2*pad - R)/stride) + 1
require H + 2*pad >= R, "kernel larger than the padded input"
z[n, p] = eps*sum[r](x[n, p*stride - pad + r]*w[r])`);
const message = (given: Record<string, number>): string => {
  const resolved = resolveSizes(conv, given);
  return resolved.ok ? "ok" : resolved.message;
};

describe("resolveSizes", () => {
  test("gives sizes, params and derived sizes", () => {
    const resolved = resolveSizes(conv, { N: 2, H: 7, R: 3, stride: 2 });
    if (!resolved.ok) throw new Error(resolved.message);
    expect(Object.fromEntries(resolved.env)).toEqual({
      N: 2,
      H: 7,
      R: 3,
      stride: 2,
      pad: 0,
      eps: 1e-5,
      P: 3,
    });
  });
  test.each([
    [{ N: 2, H: 7, Rr: 3 }, /^unknown size Rr: test takes N, H, R, stride, pad, eps; did you mean R\?$/],
    [{ N: 2 }, /^missing sizes H, R$/],
    [{ N: 2, H: 7.5, R: 3 }, /^H must be a positive integer, not 7.5$/],
    [{ N: 0, H: 7, R: 3 }, /^N must be a positive integer, not 0$/],
    [{ N: 1, H: 7, R: 3, stride: 1.5 }, /^stride must be an integer, not 1.5$/],
    [{ N: 1, H: 7, R: 3, stride: 0 }, /^stride must be at least 1, not 0$/],
    [{ N: 1, H: 7, R: 3, eps: NaN }, /^eps must be a number, not NaN$/],
    [{ N: 1, H: 2, R: 3 }, /^kernel larger than the padded input \(.*H = 2.*\)$/],
    [{ N: 1, H: 2, R: 3, pad: 1 }, /^ok$/],
    [{ N: 1, H: 2, R: 3, pad: -1 }, /^kernel larger/],
  ])("%o", (given, expected) => {
    expect(message(given)).toMatch(expected);
  });
  test("names like constructor are unknown", () => {
    expect(message(JSON.parse('{"N": 1, "H": 3, "R": 3, "constructor": 1}'))).toMatch(
      /^unknown size constructor/,
    );
    expect(message(JSON.parse('{"N": 1, "H": 3, "R": 3, "__proto__": 1}'))).toMatch(
      /^unknown size __proto__/,
    );
  });
  test("derived sizes below 1 and divisions that do not come out even", () => {
    const halves = closed("input x[H]\noutput z[D]\nD = H/2\nz[d] = x[2*d]");
    expect(resolveSizes(halves, { H: 5 })).toMatchObject({
      message: "D = H/2 does not come out as a whole number for H = 5",
    });
    const less = closed("input x[H]\noutput z[D]\nD = H - 3\nz[d] = x[d]");
    expect(resolveSizes(less, { H: 3 })).toMatchObject({
      message: "D is 0 for H = 3; it must be at least 1",
    });
  });
  test("inferred extents below 1", () => {
    const valid = closed("input x[N]\nweight w[R]\noutput z\nz[p] = sum[r](x[p + r]*w[r])");
    expect(resolveSizes(valid, { N: 2, R: 4 })).toMatchObject({
      message: "the extent of axis 0 of z is -1 for N = 2, R = 4; it must be at least 1",
      names: ["N", "R"],
    });
  });
});
